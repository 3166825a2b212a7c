"""A server as an operator runs it: `ostiary serve` in a process of its own, with an organization that can sign in."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from ostiary.config import Settings
from ostiary.domain.account import Account
from ostiary.domain.connection import Connection
from ostiary.domain.organization import Organization, Plan
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import Saved
from ostiary.storage import upgrade
from ostiary.wiring import build
from tests.load.provider import ISSUER, SSO_URL, Provider, Question

OSTIARY = Path(sys.executable).with_name("ostiary")
START_SECONDS = 90
STOP_SECONDS = 60
PASSWORD = "a long enough password"


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it came."""

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    text: str

    @property
    def session(self) -> str:
        """The session's cookie as it goes into the next request, or "" if none was set."""
        return next((f"{name}={value}" for name, value in self.cookies.items() if "session" in name and value), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """A browser on its way to the identity provider."""

    email: str
    cookie: str
    question: Question


class Client:
    """A browser that keeps one connection open and carries its cookies by hand."""

    def __init__(self, door: "Door") -> None:
        self.door = door
        self._connection: http.client.HTTPConnection | None = None
        self._asked = 0

    def ask(
        self, method: str, path: str, *, form: Mapping[str, str] | None = None, cookie: str = "", origin: str = ""
    ) -> Answered:
        """The answer, without following anything. Raises: `OSError`, `http.client.HTTPException`."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.door.port, timeout=60)
        # As from many offices: so many sign-ins are not begun from one network (login.too_many_starts).
        self._asked += 1
        network = f"198.51.{self._asked // 200 % 250}.{self._asked % 200}"
        headers = {"Host": f"localhost:{self.door.port}", "X-Forwarded-For": network}
        if form is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": origin or self.door.public_url,
            }
        if cookie:
            headers["Cookie"] = cookie
        try:
            self._connection.request(method, path, body=urlencode(form) if form is not None else None, headers=headers)
            answer = self._connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        baked = (line.partition(";")[0].partition("=") for line in answer.headers.get_all("set-cookie", []))
        cookies = {name: value for name, _, value in baked}
        return Answered(answer.status, {name.lower(): value for name, value in answer.headers.items()}, cookies, text)

    def leave(self, email: str) -> Leaving:
        """Sign in with SSO, up to the identity provider's door."""
        answered = self.ask("POST", "/login/sso", form={"email": email})
        assert answered.status == 303, answered
        cookie = next(f"{name}={value}" for name, value in answered.cookies.items() if "login" in name)
        return Leaving(email=email, cookie=cookie, question=Provider.read(answered.headers["location"]))

    def come_back(self, leaving: Leaving, message: bytes) -> Answered:
        """Post the answer of the identity provider, as the page of another site does."""
        form = {"SAMLResponse": message.decode(), "RelayState": leaving.question.relay_state}
        return self.ask("POST", self.door.acs_path, form=form, cookie=leaving.cookie, origin="https://idp.acme.example")

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@dataclass(slots=True, kw_only=True)
class Door:
    """The server: its settings, what was arranged in its store, and its process while it runs."""

    settings: Settings
    folder: Path
    provider: Provider
    organization: Organization
    owner: Account
    connection: Connection
    process: "subprocess.Popen[bytes] | None" = field(default=None)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.settings.port

    @property
    def public_url(self) -> str:
        """Its address."""
        return self.settings.public_url

    @property
    def acs_path(self) -> str:
        """Where answers are posted."""
        return f"/saml/{self.connection.id}/acs"

    @property
    def output(self) -> str:
        """What it has printed, in all its lives."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def answer(self, leaving: Leaving) -> bytes:
        """What the identity provider says to this question."""
        return self.provider.answer(
            leaving.question,
            email=leaving.email,
            entity_id=self.connection.entity_id,
            acs_url=self.public_url + self.acs_path,
        )

    def environment(self) -> dict[str, str]:
        """The variables by which the server finds all of it."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("OSTIARY_")}
        names = ("public_url", "port", "data_dir", "key_file", "database_url", "workers", "allow_loopback")
        told = {f"OSTIARY_{name.upper()}": str(getattr(self.settings, name)) for name in names}
        return ours | told | {"OSTIARY_TRUSTED_PROXIES": "127.0.0.0/8"}

    def launch(self) -> "subprocess.Popen[bytes]":
        """Start the process, and wait for nothing."""
        with (self.folder / "output.txt").open("ab") as output:
            self.process = subprocess.Popen(
                [OSTIARY, "serve"],
                env=self.environment(),
                cwd=self.folder,
                stdout=output,
                stderr=output,
                start_new_session=True,  # its own group, so that its workers die with it
            )
        return self.process

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        process = self.launch()
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and process.poll() is None:
            if self.status_of("/readyz") == 200:
                return
            time.sleep(0.02)
        raise AssertionError(f"The server did not start:\n{self.output}")

    def status_of(self, path: str) -> int:
        """The status that this path answers with; 0 if nobody answers."""
        client = Client(self)
        try:
            return client.ask("GET", path).status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            client.close()

    def kill(self) -> None:
        """Take it away in the middle of whatever it does, with its workers."""
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=STOP_SECONDS)

    def stop(self) -> int:
        """Stop it as an operator does. Returns: its exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_SECONDS)

    @contextmanager
    def services(self) -> Iterator[Services]:
        """The same store, seen from this process."""
        built = build(self.settings)
        try:
            yield built
        finally:
            built.close()


@contextmanager
def a_door(folder: Path, *, database_url: str = "", workers: int = 1, allow_loopback: bool = False) -> Iterator[Door]:
    """A server that has not been started, with Acme, its domain, and a tested and enabled connection."""
    port = free_port()
    chosen = {
        "public_url": f"http://localhost:{port}",
        "port": port,
        "data_dir": folder / "data",
        "key_file": folder / "keys" / "sealing.key",
        "database_url": database_url,
        "workers": workers,
        "allow_loopback": allow_loopback,
    }
    settings = Settings.model_validate(chosen)
    if database_url:
        upgrade(database_url)
    provider = Provider()
    services = build(settings)
    try:
        organization, owner, connection = acme(services, provider)
    finally:
        services.close()
    door = Door(
        settings=settings,
        folder=folder,
        provider=provider,
        organization=organization,
        owner=owner,
        connection=connection,
    )
    try:
        yield door
    finally:
        if door.process is not None:
            door.kill()


def acme(services: Services, provider: Provider) -> tuple[Organization, Account, Connection]:
    """Acme on the Business plan, its owner with a password, and an enabled connection to this provider."""
    made = services.organizations.add("acme", name="Acme", owner_email="dana@acme.example", plan=Plan.BUSINESS)
    actor = Actor.of(made.owner, client_address="203.0.113.24")
    scope = {"organization_id": made.organization.id}
    domain = services.domains.add("acme.example", actor=actor, **scope)
    draft = services.connections.draft("onelogin", organization=made.organization, actor=actor).connection
    form = SaveSaml(sso_url=SSO_URL, idp_entity_id=ISSUER, certificate=provider.certificate)
    saved = services.connections.save(draft.id, form, organization=made.organization, actor=actor)
    assert isinstance(saved, Saved), saved
    now = services.clock.now()
    with services.passwords.store.write() as tx:
        tx.domains.mark_verified(domain.id, at=now, **scope)
        tx.connections.mark_tested(draft.id, number=1, at=now, by=made.owner.id, **scope)
        tx.connections.set_enabled(draft.id, at=now, **scope)
        tx.accounts.set_password(made.owner.id, password_hash=services.passwords.hash(PASSWORD), **scope)
        connection = tx.connections.by_id(draft.id)
    assert connection is not None
    return made.organization, made.owner, connection


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
