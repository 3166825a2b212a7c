"""How a vendor refuses: on its own page, to the application through the browser, or as JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from ostiary.simulator.oidc.naming import guid
from ostiary.simulator.oidc.profile import RefusalName, RefusalWords
from ostiary.simulator.pages import problem
from ostiary.simulator.provider import IdentityProvider

if TYPE_CHECKING:
    from pydantic import JsonValue

_UNAUTHORIZED = 401


def _json(error: str, text: str, status: int = 400) -> RefusalWords:
    return RefusalWords(answer="json", error=error, text=text, status=status)


def _sent(error: str, text: str) -> RefusalWords:
    return RefusalWords(answer="redirect", error=error, text=text)


def _shown(title: str, text: str) -> RefusalWords:
    return RefusalWords(answer="page", title=title, text=text)


_STANDARD: Mapping[RefusalName, RefusalWords] = {
    "client_unknown": _shown("400 Bad Request", "The client {client_id} is not known."),
    "redirect_uri_unknown": _shown("400 Bad Request", "{redirect_uri} is not a redirect URI of {app}."),
    "tenant_unknown": RefusalWords(answer="page", title="404 Not Found", text="There is no {tenant} here.", status=404),
    "other_tenant": _shown("400 Bad Request", "{email} belongs to another tenant."),
    "shared_tenant": _shown("400 Bad Request", "{app} is for one tenant only."),
    "request_expired": _shown("400 Bad Request", "This sign-in took too long, or has ended already. Begin again."),
    "request_uri_wrong": _shown("400 Bad Request", "The request_uri is not known, or has expired."),
    "not_assigned": _sent("access_denied", "User is not assigned to the client application."),
    "consent_declined": _sent("access_denied", "The resource owner denied the request."),
    "login_required": _sent("login_required", "The client specified not to prompt, but the user is not logged in."),
    "consent_required": _sent("consent_required", "The client specified not to prompt, but consent is missing."),
    "request_wrong": _sent("invalid_request", "The request can't be used: {detail}."),
    "response_type": _sent("unsupported_response_type", "The response type is not supported. Use code."),
    "scope_wrong": _sent("invalid_scope", "The scope has to contain openid."),
    "pkce_required": _sent("invalid_request", "PKCE code challenge is required."),
    "pushed_required": _sent("invalid_request", "Pushed Authorization Request is only allowed."),
    "client_rejected": _json("invalid_client", "Client authentication failed.", _UNAUTHORIZED),
    "secret_wrong": _json("invalid_client", "The client secret is wrong.", _UNAUTHORIZED),
    "secret_expired": _json("invalid_client", "The client secret has expired.", _UNAUTHORIZED),
    "assertion_wrong": _json("invalid_client", "The client assertion is not accepted: {detail}", _UNAUTHORIZED),
    "code_wrong": _json("invalid_grant", "The authorization code is invalid or has expired."),
    "verifier_wrong": _json("invalid_grant", "PKCE verification failed."),
    "redirect_uri_differs": _json("invalid_grant", "The redirect_uri differs from that of the request."),
    "refresh_wrong": _json("invalid_grant", "The refresh token is invalid or expired."),
    "grant_unsupported": _json("unsupported_grant_type", "The grant type is not supported."),
    "post_logout_uri_unknown": _shown("400 Bad Request", "{redirect_uri} is not a post-logout redirect URI of {app}."),
}


class Refused(Exception):
    """The provider refuses. `facts` fill in the vendor's words."""

    def __init__(self, name: RefusalName, **facts: str) -> None:
        super().__init__(name)
        self.name = name
        self.facts = facts


def words_of(idp: IdentityProvider, name: RefusalName) -> RefusalWords:
    """The vendor's own words; where it has none of its own, those of the specifications."""
    return idp.oidc.refusals.get(name) or _STANDARD[name]


def as_page(idp: IdentityProvider, refused: Refused) -> Response:
    """The vendor's page. The application hears nothing."""
    words = words_of(idp, refused.name)
    return problem(
        idp, title=words.title or words.error, text=_text(idp, refused, now=idp.clock.now()), status=words.status
    )


def as_json(idp: IdentityProvider, refused: Refused) -> Response:
    """The body that a token endpoint answers with. RFC 6749 5.2."""
    words, now = words_of(idp, refused.name), idp.clock.now()
    body: dict[str, JsonValue] = {"error": words.error or "invalid_request"}
    text = _text(idp, refused, now=now)
    if text:
        body["error_description"] = text
    if words.code:
        body |= {
            "error_codes": [words.code],
            "timestamp": _stamp(now),
            "trace_id": guid(f"trace {now}"),
            "correlation_id": guid(f"correlation {now}"),
            "error_uri": f"{idp.base_url}/error?code={words.code}",
        }
    answer = JSONResponse(body, status_code=words.status)
    if words.status == _UNAUTHORIZED:
        answer.headers["www-authenticate"] = f'Basic realm="{idp.profile.name}"'
    return _unstored(answer)


def as_parameters(idp: IdentityProvider, refused: Refused) -> dict[str, str]:
    """What the application is told through the browser. RFC 6749 4.1.2.1."""
    words = words_of(idp, refused.name)
    told = {"error": words.error, "error_description": _text(idp, refused, now=idp.clock.now())}
    if words.subcode:
        told["error_subcode"] = words.subcode
    return {name: value for name, value in told.items() if value}


def _unstored(answer: Response) -> Response:
    answer.headers["cache-control"] = "no-store"
    answer.headers["pragma"] = "no-cache"
    return answer


def _text(idp: IdentityProvider, refused: Refused, *, now: datetime) -> str:
    words = words_of(idp, refused.name)
    known = dict.fromkeys(("client_id", "app", "email", "redirect_uri", "tenant", "detail"), "")
    text = words.text.format(**{**known, **refused.facts})
    if not words.code:
        return text
    trace, correlation = guid(f"trace {now}"), guid(f"correlation {now}")
    return f"AADSTS{words.code}: {text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {_stamp(now)}"


def _stamp(now: datetime) -> str:
    return now.strftime("%Y-%m-%d %H:%M:%SZ")
