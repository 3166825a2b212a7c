"""OpenID Connect at the door: leaving for a provider, its answers, and its sign-outs."""

from typing import assert_never

from ostiary.domain.errors import AttemptUnknown
from ostiary.kernel.ids import AttemptId, ConnectionId
from ostiary.oidc.relying_party import ResponseMode
from ostiary.services import Services
from ostiary.services.answered import TestFinished
from ostiary.services.complete_login import SignedIn
from ostiary.services.oidc.story import Answer as OidcAnswer
from ostiary.services.refusal_record import LoginRefused
from ostiary.services.saml.request import LeaveFor
from ostiary.web.client_of import client_of
from ostiary.web.context import Fields, Incoming
from ostiary.web.login import arrival, possession
from ostiary.web.login.refused import shown_apart
from ostiary.web.login.start import leave
from ostiary.web.responses import Answer, Json, JsonValue, SeeOther


def begin(incoming: Incoming, services: Services) -> Answer:
    """To the provider: on with an attempt of this browser, or for somebody else who begins it. Core 4."""
    asked = incoming.form if incoming.method == "POST" else incoming.query
    # A HEAD request of a mail scanner must not begin a sign-in.
    if incoming.method == "HEAD":
        return SeeOther(location="/login/sso")
    connection_id, client = _id(incoming), client_of(incoming, services)
    attempt_id = asked.optional("attempt")
    if attempt_id:
        going = services.oidc_login.leave(connection_id, AttemptId(attempt_id), client=client)
    else:
        names = ("iss", "login_hint", "target_link_uri")
        said = {name: asked.optional(name) for name in names}
        going = services.oidc_login.start_for(connection_id, said, client=client)
    return leave(going, services) if isinstance(going, LeaveFor) else _followed(going, incoming, services)


def answer_in_query(incoming: Incoming, services: Services) -> Answer:
    """Takes the answer of a provider from the query."""
    if incoming.method == "HEAD":
        return SeeOther(location="/login/sso")
    return _answered(incoming.query, ResponseMode.QUERY, incoming, services)


def answer_of_google(incoming: Incoming, services: Services) -> Answer:
    """Takes the answer to the operator's client, whose connections share one address (docs/decisions/0015)."""
    if incoming.method == "HEAD":
        return SeeOther(location="/login/sso")
    answer = OidcAnswer(parameters=incoming.query.pairs, mode=ResponseMode.QUERY)
    try:
        finished = services.oidc_login.finish_at_google(answer, client=client_of(incoming, services))
    except AttemptUnknown:
        if not incoming.raw_query:
            raise
        return SeeOther(location=incoming.path)  # the same refusal, without what was sent in the address
    return _followed(finished, incoming, services)


def answer_in_form(incoming: Incoming, services: Services) -> Answer:
    """Takes the answer of a provider that was asked to post it. OAuth 2.0 Form Post Response Mode."""
    return _answered(incoming.form, ResponseMode.FORM_POST, incoming, services)


def keys(incoming: Incoming, services: Services) -> Answer:
    """Our public keys of this connection, by which its provider verifies our assertions. RFC 7517."""
    published = services.oidc_login.published_keys(_id(incoming))
    headers = {"Cache-Control": "public, max-age=300"}
    return Json(
        content={"keys": [dict(key) for key in published]}, media_type="application/jwk-set+json", headers=headers
    )


def signed_out(incoming: Incoming, services: Services) -> Answer:
    """Where the browser comes back to from a sign-out at the provider. RP-Initiated Logout 3."""
    logout = services.oidc_logout.returned(_id(incoming), state=incoming.query.optional("state"))
    return SeeOther(location=f"/logout/{logout.id}")


def backchannel_logout(incoming: Incoming, services: Services) -> Answer:
    """Ends the sessions that a logout token names. Back-Channel Logout 2.5 and 2.8: 200 or 400, never stored."""
    headers = {"Cache-Control": "no-store"}
    # Missing, or there twice: no token at all, which is refused like any other that can't be read.
    tokens = incoming.form.all("logout_token")
    token = tokens[0] if len(tokens) == 1 else ""
    refusal = services.oidc_logout.take(_id(incoming), token, client=client_of(incoming, services))
    if refusal is None:
        return Json(content={}, headers=headers)
    content: dict[str, JsonValue] = {"error": "invalid_request", "error_description": refusal.code}
    return Json(content=content, status=400, headers=headers)


def _answered(fields: Fields, mode: ResponseMode, incoming: Incoming, services: Services) -> Answer:
    answer = OidcAnswer(parameters=fields.pairs, mode=mode)
    finished = services.oidc_login.finish(_id(incoming), answer, client=client_of(incoming, services))
    return _followed(finished, incoming, services)


def _followed(finished: SignedIn | TestFinished | LoginRefused, incoming: Incoming, services: Services) -> Answer:
    match finished:
        case SignedIn():
            return arrival.answer(finished, incoming, services)
        case TestFinished():
            connection_page = f"/settings/security/connections/{finished.connection_id}"
            return SeeOther(location=f"{connection_page}/test/{finished.attempt_id}")
        case LoginRefused():
            return possession.ask(finished, incoming, services) or shown_apart(finished, incoming, services)
        case _:
            assert_never(finished)


def _id(incoming: Incoming) -> ConnectionId:
    return ConnectionId(incoming.path_parameters["connection_id"])
