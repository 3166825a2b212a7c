"""A rim on a real, empty store, and requests as they come over the wire."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ostiary.config import Settings
from ostiary.services import Services
from ostiary.web import Rim, build_app
from ostiary.web.routing import Row
from ostiary.wiring import build
from tests.storage.ready_made import lay_schema

PUBLIC_URL = "https://sso.ringline.example"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """The header's value; several are joined, as HTTP allows."""
        return ", ".join(value for key, value in self.headers if key == name)

    @property
    def cookies(self) -> list[str]:
        """Each Set-Cookie header."""
        return [value for key, value in self.headers if key == "set-cookie"]

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


def some_services(folder: Path, **settings: object) -> Services:
    """The services on a new database."""
    ours = {"public_url": PUBLIC_URL, "product_name": "Ringline"}
    places = {"data_dir": folder / "data", "key_file": folder / "keys" / "sealing.key"}
    chosen = Settings.model_validate(ours | places | settings)
    lay_schema(chosen.store_url)
    return build(chosen)


def a_rim(services: Services, rows: Sequence[Row] | None = None) -> Rim:
    """The application; with these rows in place of the product's."""
    return build_app(services) if rows is None else build_app(services, rows=tuple(rows))


def ask(
    app: Rim,
    method: str,
    path: str,
    *,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | Callable[[], AsyncIterator[bytes]] = b"",
    query: bytes = b"",
    client: str = "203.0.113.24",
) -> Reply:
    """Send one request, byte for byte, and take the answer. No client stands between that would mend it."""
    return asyncio.run(_ask(app, method, path, headers=headers, body=body, query=query, client=client))


def post(app: Rim, path: str, form: str = "", *, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    """Post an urlencoded form as our own page does."""
    own = [("origin", PUBLIC_URL), ("content-type", "application/x-www-form-urlencoded"), *headers]
    return ask(app, "POST", path, headers=own, body=form.encode())


async def _ask(app, method, path, *, headers, body, query, client) -> Reply:
    async def one() -> AsyncIterator[bytes]:
        yield body

    parts = body() if callable(body) else one()

    async def receive():
        try:
            return {"type": "http.request", "body": await anext(parts), "more_body": True}
        except StopAsyncIteration:
            return {"type": "http.request", "body": b"", "more_body": False}

    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": (client, 50000),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    start = sent[0]
    return Reply(
        status=start["status"],
        headers=[(name.decode(), value.decode()) for name, value in start["headers"]],
        body=b"".join(message.get("body", b"") for message in sent[1:]),
    )
