"""An OpenID Connect provider on loopback, over real HTTP, with keys of its own and switches to misbehave.

It signs and checks by itself, not through `ostiary.oidc`.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import jwt
from jwt.types import Options

from tests.oidc import evil_provider as evil

Reply = tuple[int, dict[str, str], bytes]
JSON = {"content-type": "application/json"}
CLIENT_ID = "rp-1"
NO_CLOCK: Options = {"verify_exp": False, "verify_iat": False, "verify_aud": False}
"""The tests have a clock of their own."""


@dataclass
class Grant:
    """A code that was given out."""

    asked: dict[str, str]
    used: bool = False


@dataclass
class Provider:
    """What the provider is set up to do."""

    clock: Any
    issuer: str = ""
    secrets: list[str] = field(default_factory=lambda: ["s3cret"])
    signs_with: str = "k1"
    published: list[str] = field(default_factory=lambda: ["k1"])
    kids: dict[str, str] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)
    """What its discovery document says beyond the usual; None takes a member away."""
    client_key: Any = None
    """The product's public key, as it was published to this provider."""
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    """Of discovery and keys."""
    replies: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    """In place of what stands at a path."""
    asked: list[str] = field(default_factory=list)
    pushed: dict[str, dict[str, str]] = field(default_factory=dict)
    grants: dict[str, Grant] = field(default_factory=dict)
    envelope: Callable[[str], str] = str
    """What ID tokens are put into."""
    seen: list[dict[str, str]] = field(default_factory=list)
    """Forms that came to the token endpoint."""

    def count(self, path: str) -> int:
        """How often this path was asked."""
        return self.asked.count(path)

    def approve(self, url: str, **changes: str | None) -> list[tuple[str, str]]:
        """What the browser brings back from this authorization URL when the person has signed in there."""
        asked = dict(parse_qsl(urlsplit(url).query))
        asked = self.pushed.pop(asked["request_uri"]) if "request_uri" in asked else asked
        code = secrets.token_urlsafe(16)
        self.grants[code] = Grant(asked=asked)
        answered = {"code": code, "state": asked["state"], **changes}
        return [(name, value) for name, value in answered.items() if value is not None]

    def id_token(self, asked: dict[str, str], **changes: Any) -> str:
        """A signed ID token for this request."""
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": "00u-dana",
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked.get("nonce"),
            **self.claims,
            **changes,
        }
        return self.signed({name: value for name, value in claims.items() if value is not None})

    def signed(self, claims: dict[str, Any], **header: str) -> str:
        """These claims, signed by the key of now."""
        kid = self.kids.get(self.signs_with, self.signs_with)
        return evil.signed(self.signs_with, {"alg": "RS256", "kid": kid, **header}, json.dumps(claims))

    def discovery(self) -> dict[str, Any]:
        """What it says of itself."""
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
            **self.described,
        }
        return {name: value for name, value in said.items() if value is not None}

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Reply:
        """What stands at a path."""
        form = dict(parse_qsl(body.decode()))
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                return 200, JSON | self.headers, json.dumps(self.discovery()).encode()
            case "GET", "/jwks":
                keys = [evil.jwk(name, {"kids": self.kids}) for name in self.published]
                return 200, JSON | self.headers, json.dumps({"keys": keys}).encode()
            case "POST", "/token":
                return self._token(headers, form)
            case (("GET" | "POST"), "/userinfo"):
                is_known = headers.get("authorization") == "Bearer at-1"
                return (200 if is_known else 401), JSON, json.dumps({"sub": "00u-dana", **self.userinfo}).encode()
            case "POST", "/par":
                uri = f"urn:ietf:params:oauth:request_uri:{secrets.token_hex(8)}"
                self.pushed[uri] = form
                return 201, JSON, json.dumps({"request_uri": uri, "expires_in": 60}).encode()
            case _:
                return 404, JSON, b"{}"

    def _token(self, headers: Any, form: dict[str, str]) -> Reply:
        self.seen.append(form)
        if not self._is_client(headers, form):
            return 401, JSON, b'{"error": "invalid_client"}'
        grant = self.grants.get(form.get("code", ""))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if (
            grant is None
            or grant.used
            or grant.asked["code_challenge"] != challenge.rstrip(b"=").decode()
            or grant.asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return 400, JSON, b'{"error": "invalid_grant"}'
        grant.used = True
        body = {"token_type": "Bearer", "access_token": "at-1", "id_token": self.envelope(self.id_token(grant.asked))}
        return 200, JSON, json.dumps(body).encode()

    def _is_client(self, headers: Any, form: dict[str, str]) -> bool:
        basic = headers.get("authorization", "")
        if basic.startswith("Basic "):
            name, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
            return unquote_plus(name) == CLIENT_ID and unquote_plus(secret) in self.secrets
        if "client_assertion" in form:
            said = jwt.decode(form["client_assertion"], self.client_key, algorithms=["RS256"], options=NO_CLOCK)
            return said["iss"] == said["sub"] == CLIENT_ID and said["aud"] == self.issuer
        return form.get("client_id") == CLIENT_ID and form.get("client_secret") in self.secrets


@contextmanager
def a_provider(clock: Any) -> Iterator[Provider]:
    """A provider that listens."""
    provider = Provider(clock=clock)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._any()

        def do_POST(self) -> None:
            self._any()

        def _any(self) -> None:
            path = urlsplit(self.path).path
            provider.asked.append(path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if path in provider.replies:
                provider.replies[path](self)
                return
            status, headers, content = provider.answer(self.command, path, self.headers, body)
            send(self, status, headers, content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def send(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], content: bytes) -> None:
    """Send an answer."""
    handler.send_response(status)
    for name, value in {**headers, "content-length": str(len(content))}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)
