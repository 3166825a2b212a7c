"""Where HTTP ends: a request becomes a value, a plain function answers it in a thread."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ostiary.simulator.provider import ADMINISTRATOR, IdentityProvider

LARGEST_BODY = 1_048_576
_MOST_FIELDS = 500


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a query or a form, in their order."""

    pairs: Sequence[tuple[str, str]] = ()

    def get(self, name: str) -> str:
        """The first value with that name, without white space around it; empty when there is none."""
        return next((value.strip() for key, value in self.pairs if key == name), "")

    def every(self, name: str) -> tuple[str, ...]:
        """All values with that name."""
        return tuple(value.strip() for key, value in self.pairs if key == name)

    def has(self, name: str) -> bool:
        """Whether the field is there at all, as with a ticked box."""
        return any(key == name for key, _ in self.pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One request, read whole."""

    method: str
    path: str
    path_values: Mapping[str, str]
    query_string: str
    query: Fields
    form: Fields = field(default_factory=Fields)
    files: Mapping[str, bytes] = field(default_factory=dict)
    cookies: Mapping[str, str]
    authorization: str = ""
    """The header of that name."""
    if_none_match: str = ""
    """The ETag of what the caller knows already."""

    @property
    def path_and_query(self) -> str:
        """What to come back to."""
        return f"{self.path}?{self.query_string}" if self.query_string else self.path


class Access(Enum):
    """Who may see a page, and from where a form may be sent."""

    ANYONE = "anyone"
    CROSS_SITE = "cross-site"
    """Anyone, and other sites may post to it."""
    ADMIN = "admin"


class Handler(Protocol):
    """A page."""

    def __call__(self, idp: IdentityProvider, incoming: Incoming, /) -> Response:
        """The answer to one request."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """One row of a route table."""

    path: str
    get: Handler | None = None
    post: Handler | None = None
    access: Access = Access.ADMIN


def route(page: Page, *, idp: IdentityProvider, to_sign_in: Callable[[IdentityProvider, Incoming], Response]) -> Route:
    """The row as a route of Starlette."""
    handlers = {method: handler for method, handler in (("GET", page.get), ("POST", page.post)) if handler is not None}

    async def endpoint(request: Request) -> Response:
        if request.method == "POST" and page.access is not Access.CROSS_SITE and not _is_own(request, idp=idp):
            return PlainTextResponse("This form was sent from another site.", status_code=403)
        body = await _body(request)
        if body is None:
            return PlainTextResponse("The form is larger than 1 MiB.", status_code=413)
        try:
            incoming = await _incoming(request, body=body)
        except (MultiPartException, ValueError):
            return PlainTextResponse("The form can't be read.", status_code=400)
        if page.access is Access.ADMIN and not _is_admin(idp, incoming=incoming):
            return to_sign_in(idp, incoming)
        handler = handlers["GET" if request.method == "HEAD" else request.method]
        return await run_in_threadpool(handler, idp, incoming)

    return Route(page.path, endpoint, methods=list(handlers))


def _is_own(request: Request, *, idp: IdentityProvider) -> bool:
    origin = request.headers.get("origin")
    return origin == idp.base_url or (origin is None and request.headers.get("sec-fetch-site") in {None, "same-origin"})


def _is_admin(idp: IdentityProvider, *, incoming: Incoming) -> bool:
    session = idp.session(incoming.cookies.get(idp.cookie_name("admin")))
    return session is not None and session.user_id == ADMINISTRATOR


async def _body(request: Request) -> bytes | None:
    octets = bytearray()
    async for chunk in request.stream():
        octets += chunk
        if len(octets) > LARGEST_BODY:
            return None
    return bytes(octets)


async def _incoming(request: Request, *, body: bytes) -> Incoming:
    form, files = await _read_form(request.headers, body=body)
    return Incoming(
        method=request.method,
        path=request.url.path,
        path_values={key: str(value) for key, value in request.path_params.items()},
        query_string=request.url.query,
        query=Fields(parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)),
        form=form,
        files=files,
        cookies=request.cookies,
        authorization=request.headers.get("authorization", ""),
        if_none_match=request.headers.get("if-none-match", ""),
    )


async def _read_form(headers: Headers, *, body: bytes) -> tuple[Fields, Mapping[str, bytes]]:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _split(await MultiPartParser(headers, _once(body), max_files=1, max_fields=_MOST_FIELDS).parse())
    if kind == "application/x-www-form-urlencoded":
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        return Fields(pairs), {}
    return Fields(), {}


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


async def _split(form: FormData) -> tuple[Fields, Mapping[str, bytes]]:
    pairs: list[tuple[str, str]] = []
    files: dict[str, bytes] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            files[name] = await value.read()
        else:
            pairs.append((name, value))
    await form.close()
    return Fields(pairs), files
