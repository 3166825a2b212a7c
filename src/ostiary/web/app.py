"""The rim: ASGI on one side, `Incoming` and `Answer` on the other.

A request is read whole and inside its row's limit before any handler sees it; a handler runs where its row says; a
refusal becomes a page, and everything else that goes wrong becomes a page with a reference, and a line in the log.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ostiary.domain.enforcement.errors import SessionEnforced
from ostiary.domain.errors import AdminRequired, BodyTooLarge, BodyTooSlow, PageUnknown, SignInRequired
from ostiary.kernel import ids
from ostiary.kernel.errors import Refusal
from ostiary.kernel.randomness import Random, SystemRandom
from ostiary.services import Services
from ostiary.services.refusal_record import LoginBroken
from ostiary.web import problem_pages
from ostiary.web.assets import Assets
from ostiary.web.calling.calls_out import CallsOut
from ostiary.web.client_address import client_address
from ostiary.web.context import Incoming
from ostiary.web.cookies import Cookies
from ostiary.web.form_reading import read_form, read_query
from ostiary.web.pages import Pages
from ostiary.web.responses import Answer, SeeOther
from ostiary.web.routes import ROWS
from ostiary.web.routing import Handler, RouteTable, Row, Where, Who, get
from ostiary.web.security import UNSAFE_METHODS, require_own_origin
from ostiary.web.sending import Sender

LOG = structlog.get_logger("ostiary.web")
BODY_DEADLINE = 20.0
"""Seconds in which a body has to be here: a slow one holds memory and a connection."""
_LONGEST_PATH = 2048
_STORE_BUSY = "storage.busy"

Lifespan = Callable[[], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _nothing_beside() -> AsyncIterator[None]:
    yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Rim:
    """The application that a server runs."""

    services: Services
    random: Random
    table: RouteTable
    cookies: Cookies
    sender: Sender
    lifespan: Lifespan = _nothing_beside
    calls_out: CallsOut = field(default_factory=CallsOut)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or open and close what runs beside the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(Request(scope, receive), send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _answer(self, request: Request, send: Send) -> None:
        incoming = self._outline(request)
        try:
            row, parameters = self.table.find(request.method, path=_path_of(request))
            incoming = replace(incoming, path_parameters=parameters)
            incoming = await self._read(row, request, incoming)
            response = await self._run(row, incoming)
        except ClientDisconnect:
            return
        except Refusal as refusal:
            response = self.sender.response(self._refused(refusal, incoming), incoming=incoming)
        except Exception as error:
            # A broken sign-in has a reference already: the one under which its admin finds the attempt.
            known = error.reference if isinstance(error, LoginBroken) else None
            reference = known or ids.reference(self.random)
            LOG.exception("web.broken", reference=reference, method=incoming.method, path=incoming.path)
            response = self.sender.response(problem_pages.broken(reference, incoming=incoming), incoming=incoming)
        await self.sender.send(response, incoming=incoming, scope=request.scope, send=send)

    def _outline(self, request: Request) -> Incoming:
        """What is known of the request before it is matched and read."""
        headers = request.headers
        return Incoming(
            method=request.method,
            path=request.scope["path"],
            now=self.services.clock.now(),
            cookies=request.cookies,
            client_address=client_address(
                request.client.host if request.client else "",
                forwarded_for=headers.getlist("x-forwarded-for"),
                trusted=self.services.settings.trusted_proxies,
            ),
            user_agent=headers.get("user-agent", ""),
            wants_json=headers.get("accept", "").startswith("application/json"),
            theme=self.cookies.read_theme(request.cookies),
        )

    async def _read(self, row: Row, request: Request, incoming: Incoming) -> Incoming:
        """The request with its query and form. Raises a `Refusal` for what is foreign, too large or unreadable."""
        if request.method in UNSAFE_METHODS and not row.is_cross_site:
            require_own_origin(request.headers, public_url=self.services.settings.public_url)
        raw_query = request.scope.get("query_string", b"")
        query = read_query(raw_query)
        if row.method not in UNSAFE_METHODS:
            return replace(incoming, query=query, raw_query=raw_query)
        body = await _read_body(request, limit=row.body_limit)
        return replace(incoming, query=query, form=read_form(request.headers.get("content-type", ""), body=body))

    async def _run(self, row: Row, incoming: Incoming) -> Response:
        if row.where is Where.LOOP and not self.services.settings.database_url:
            try:
                return self._handle(row, incoming)
            except Refusal as refusal:
                # On the loop the store waits 50 ms at most; the rest of the waiting is a thread's (decision 32).
                if refusal.code != _STORE_BUSY:
                    raise
        if row.where is Where.OUT:
            return await self.calls_out.run(self._handle, row, incoming)
        return await run_in_threadpool(self._handle, row, incoming)

    def _handle(self, row: Row, incoming: Incoming) -> Response:
        """The handler's answer, rendered in the same place."""
        if row.who is Who.ANYONE:
            return self.sender.response(row.handler(incoming, self.services), incoming=incoming)
        try:
            visitor = self.services.sessions.require(self.cookies.read_session(incoming.cookies))
        except (SignInRequired, SessionEnforced) as refusal:
            return self.sender.response(_sign_in_first(incoming, refusal), incoming=incoming)
        if row.who is Who.ADMIN and not visitor.account.is_admin:
            raise AdminRequired(role=visitor.account.role.label)
        incoming = replace(incoming, visitor=visitor)
        # An organization whose servers hang holds up its own admins, and nobody else's.
        share = self.calls_out.of(visitor.organization.id) if row.where is Where.OUT else nullcontext()
        with share:
            return self.sender.response(row.handler(incoming, self.services), incoming=incoming)

    def _refused(self, refusal: Refusal, incoming: Incoming) -> Answer:
        LOG.info("web.refused", code=refusal.code, path=incoming.path)
        return problem_pages.refused(refusal, incoming=incoming)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.lifespan():
                await send({"type": "lifespan.startup.complete"})
                await receive()
        except Exception as error:
            LOG.exception("web.lifespan")
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.shutdown.complete"})


def build_app(services: Services, *, lifespan: Lifespan = _nothing_beside, rows: tuple[Row, ...] = ROWS) -> Rim:
    """The application on these services. `rows` are all of the product, but for tests of the rim."""
    settings = services.settings
    assets = Assets.read(accent_colour=settings.accent_colour)
    served = get("/static/{fingerprint}/{name}", _serve(assets), says="The files that pages load.")
    return Rim(
        services=services,
        random=SystemRandom(),
        table=RouteTable((*rows, served)),
        cookies=Cookies.of(settings),
        sender=Sender(settings=settings, pages=Pages.of(settings, assets=assets)),
        lifespan=lifespan,
    )


def _serve(assets: Assets) -> Handler:
    def file(incoming: Incoming, _services: Services) -> Answer:
        return assets.document(incoming.path_parameters["fingerprint"], name=incoming.path_parameters["name"])

    return file


def _sign_in_first(incoming: Incoming, refusal: SignInRequired | SessionEnforced) -> Answer:
    """To the sign-in page and back. Raises: the refusal where that would lose a form."""
    if incoming.method == "POST" or incoming.wants_json:
        raise refusal
    query = urlencode(incoming.query.pairs)
    target = f"{incoming.path}?{query}" if query else incoming.path
    if isinstance(refusal, SessionEnforced):
        return SeeOther(location=f"/login/sso?done=sso-enforced&return_to={quote(target, safe='')}")
    return SeeOther(location="/login" if target == "/" else f"/login?return_to={quote(target, safe='')}")


def _path_of(request: Request) -> str:
    path: str = request.scope["path"]
    # A NUL or a control character names no page, and must not reach a log line or a query.
    if len(path) > _LONGEST_PATH or not path.isprintable():
        raise PageUnknown
    return path


async def _read_body(request: Request, *, limit: int) -> bytes:
    """The body. Raises: `BodyTooLarge` at the first byte over the limit, `BodyTooSlow`."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise BodyTooLarge(limit=limit)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_DEADLINE):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise BodyTooLarge(limit=limit)
                parts.append(part)
    except TimeoutError as error:
        raise BodyTooSlow(seconds=int(BODY_DEADLINE)) from error
    return b"".join(parts)
