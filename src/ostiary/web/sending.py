"""An `Answer` → bytes and headers on the wire."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from starlette.responses import Response
from starlette.types import Message, Scope, Send

from ostiary.config import Settings
from ostiary.web.context import Incoming
from ostiary.web.pages import Pages
from ostiary.web.responses import Answer, Csp, Document, Json, Page, SeeOther, SetCookie
from ostiary.web.security import security_headers

_NO_STORE = "no-store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends answers, each with the headers that every answer carries."""

    settings: Settings
    pages: Pages
    _headers: dict[Csp, dict[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        headers = {csp: security_headers(self.settings.public_url, csp=csp) for csp in Csp}
        object.__setattr__(self, "_headers", headers)

    def response(self, answer: Answer, *, incoming: Incoming) -> Response:
        """The answer, rendered, with the headers that every answer carries."""
        response = self._rendered(answer, incoming)
        csp = answer.csp if isinstance(answer, Page) else Csp.FORMS_STAY
        for name, value in self._headers[csp].items():
            response.headers[name] = value
        if "cache-control" not in response.headers:
            response.headers["Cache-Control"] = _NO_STORE
        return response

    async def send(self, response: Response, *, incoming: Incoming, scope: Scope, send: Send) -> None:
        """Send the answer; to HEAD, its headers only."""

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await response(scope, _receive_nothing, send_without_body if incoming.method == "HEAD" else send)

    def _rendered(self, answer: Answer, incoming: Incoming) -> Response:
        match answer:
            case Page():
                html = self.pages.render(answer.template, values=answer.values, incoming=incoming)
                return _with_cookies(_respond(html, answer.status, "text/html", answer.headers), answer.cookies)
            case SeeOther():
                # Not RedirectResponse: it re-quotes, and a signed query of SAML must go out as it was signed.
                return _with_cookies(_respond("", 303, "text/plain", {"Location": answer.location}), answer.cookies)
            case Json():
                return _respond(json.dumps(answer.content), answer.status, answer.media_type, answer.headers)
            case Document():
                return _respond(answer.body, 200, answer.media_type, answer.headers)
            case _:
                assert_never(answer)


def _respond(content: str | bytes, status: int, media_type: str, headers: Mapping[str, str]) -> Response:
    return Response(content, status_code=status, media_type=media_type, headers=dict(headers))


def _with_cookies(response: Response, cookies: tuple[SetCookie, ...]) -> Response:
    for cookie in cookies:
        same_site = f"SameSite={cookie.same_site.title()}"
        parts = [f"{cookie.name}={cookie.value}", "Path=/", "Secure", "HttpOnly", same_site]
        if cookie.max_age is not None:
            parts.append(f"Max-Age={cookie.max_age}")
        response.headers.append("Set-Cookie", "; ".join(parts))
    return response


async def _receive_nothing() -> Message:
    return {"type": "http.disconnect"}
