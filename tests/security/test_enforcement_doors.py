"""Where a connection is enforced, every other door is closed: each one that there is, and no new one is forgotten.

The list below names every address that anybody may open. A new one makes this file fail until it says what it is.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from ostiary.domain.account import Account
from ostiary.domain.openid.settings import OidcSettings
from ostiary.kernel import ids
from ostiary.web import build_app
from ostiary.web.routes import ROWS
from ostiary.web.routing import Who
from tests.house.source import modules
from tests.services.oidc.ground import PRODUCT, RANDOM, Ground, a_ground, add_connection
from tests.services.oidc.provider import CLIENT_ID

JANE = "jane@acme.example"
PASSWORD = "a long enough password"
ELSEWHERE = "tests/journeys/test_enforcement.py"

DOORS = {
    "POST /login": "test_a_password_signs_nobody_in",
    "POST /password/forgot": "test_no_link_for_a_password_is_mailed",
    "POST /password/set": "test_a_link_sets_no_password_and_signs_nobody_in",
    "POST /login/sso": "test_an_address_leads_to_the_enforced_connection_alone",
    "POST /login/connection": "test_a_choice_of_an_older_page_is_refused",
    "GET /o/{slug}": "test_an_address_leads_to_the_enforced_connection_alone",
    "GET /login/continue": "test_a_session_that_waits_to_be_taken_up_is_not",
    "POST /login/continue": "test_a_session_that_waits_to_be_taken_up_is_not",
    "GET /login/possession/{attempt_id}": "test_no_proof_of_an_account_signs_in_by_a_connection_that_does_not_count",
    "POST /login/possession/{attempt_id}": "test_no_proof_of_an_account_signs_in_by_a_connection_that_does_not_count",
    "POST /saml/{connection_id}/acs": "test_a_merely_enabled_connection_is_refused_while_another_is_enforced",
    "GET /oauth2/idpresponse/{connection_id}": "test_an_answer_to_a_sign_in_that_began_before_is_refused",
    "POST /oauth2/idpresponse/{connection_id}": "test_an_answer_to_a_sign_in_that_began_before_is_refused",
    "GET /oauth2/idpresponse/google": "test_an_answer_to_a_sign_in_that_began_before_is_refused",
    "GET /oidc/{connection_id}/start": "test_a_tile_begins_nothing",
    "POST /oidc/{connection_id}/start": "test_a_tile_begins_nothing",
    "GET /": "test_a_session_that_began_in_another_way_ends",
}
"""Every address by which somebody signs in, begins to, or goes on; and the test that finds it closed."""

LEFT_OPEN = {
    "POST /login/break-glass": "the door that enforcement is meant to leave: tests/security/test_break_glass.py",
    "POST /login/break-glass/passkey": "the same",
}

NO_DOORS = {
    "GET /login/refused/{attempt_id}": "says why a sign-in was refused",
    "GET /healthz": "says that the process answers",
    "GET /readyz": "says that the store answers",
    "GET /problems/{code}": "words",
    "POST /theme": "colours",
    "GET /login": "a form",
    "GET /login/sso": "a form",
    "GET /login/break-glass": "a form",
    "GET /password/forgot": "a form",
    "GET /password/set": "a form",
    "POST /logout": "ends a session",
    "GET /logout/{logout_id}": "tells of an end",
    "GET /saml/{connection_id}": "our metadata",
    "GET /saml/{connection_id}/slo": "ends a session",
    "POST /saml/{connection_id}/slo": "ends a session",
    "POST /oidc/{connection_id}/backchannel-logout": "ends sessions",
    "GET /oidc/{connection_id}/signed-out": "tells of an end",
    "GET /oidc/{connection_id}/jwks.json": "our keys",
}

BEGIN_SESSIONS = {
    "services/passwords.py",
    "services/complete_login.py",
    "services/possession/proving.py",
    "services/break_glass/door.py",
}
"""Every file that begins a session. Each of them is behind one of the doors above."""


def test_every_address_that_anybody_may_open_says_what_it_is() -> None:
    open_to_anybody = {f"{row.method} {row.path}" for row in ROWS if row.who is Who.ANYONE}
    said = set(DOORS) | set(LEFT_OPEN) | set(NO_DOORS)
    assert open_to_anybody - said == set(), "is it a door? then it needs a test that finds it closed"
    assert said - open_to_anybody == {"GET /"}


def test_every_door_has_its_test() -> None:
    here = set(globals())
    walked = (Path(__file__).parents[2] / ELSEWHERE).read_text(encoding="utf-8")
    assert [name for name in DOORS.values() if name not in here and f"def {name}(" not in walked] == []


def test_no_other_file_begins_sessions() -> None:
    begins = {
        module.path
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "begin"
        and ast.unparse(node.func.value).endswith("sessions")
    }
    assert begins == BEGIN_SESSIONS


@dataclass
class Person:
    """Somebody with a browser of their own."""

    ground: Ground
    client: TestClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = TestClient(build_app(self.ground.services), base_url=PRODUCT, follow_redirects=False)

    def post(self, path: str, **fields: str) -> Response:
        """A form of our own pages."""
        return self.client.post(path, data=fields, headers={"origin": PRODUCT})

    def at_the_provider(self) -> str:
        """The address of the provider's question, begun on our page with the connection that is only enabled."""
        going = self.post("/login/connection", connection=self.ground.connection_id, email=JANE)
        location = going.headers["location"]
        return self.client.get(location).headers["location"] if location.startswith(PRODUCT) else location

    def answered(self, asked_at: str) -> Response:
        """The provider's answer to that question."""
        return self.client.get(f"/oauth2/idpresponse/{self.ground.connection_id}?{self.answer(asked_at)}")

    def answer(self, asked_at: str) -> str:
        """The same as a query."""
        return urlencode(self.ground.provider.approve(asked_at))

    @property
    def is_signed_in(self) -> bool:
        """Whether anybody is."""
        return self.client.get("/").status_code == 200


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Acme with a connection that is enabled, and another that can be enforced; Jane has a password."""
    with a_ground(tmp_path) as made:
        made.provider.claims = {"email": JANE, "email_verified": True}
        yield made


@pytest.fixture
def jane(ground: Ground) -> Account:
    """Her account."""
    account = ground.add_account(JANE)
    hashed = ground.services.passwords.hash(PASSWORD)
    with ground.store.write() as tx:
        tx.accounts.set_password(account.id, password_hash=hashed, **ground.scope)
    return account


@pytest.fixture
def enforce(ground: Ground) -> Callable[[], str]:
    """Call it, and another connection of Acme is enforced. Returns its id."""
    settings = OidcSettings(issuer=ground.provider.issuer, client_id=CLIENT_ID, creates_accounts=True)
    other = add_connection(ground.store, ground.organization, ground.owner, settings)

    def begin() -> str:
        with ground.store.write() as tx:
            now = ground.clock.now()
            assert tx.enforcement.begin(other, at=now, by=None, begins_at=now, warns=False, **ground.scope)
        return str(other)

    return begin


def test_a_password_signs_nobody_in(ground: Ground, jane: Account, enforce: Callable[[], str]) -> None:
    person = Person(ground)
    assert person.post("/login", email=JANE, password=PASSWORD).status_code == 303
    enforce()
    answers = [
        Person(ground).post("/login", email=email, password=password)
        for email, password in ((JANE, PASSWORD), (JANE, "another password"), ("nobody@acme.example", "whatever it is"))
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_no_link_for_a_password_is_mailed(ground: Ground, jane: Account, enforce: Callable[[], str]) -> None:
    enforce()
    known = Person(ground).post("/password/forgot", email=JANE)
    unknown = Person(ground).post("/password/forgot", email="nobody@acme.example")
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.status_code == 403
    assert not any("password/set" in mail for mail in ground.mails())


def test_a_link_sets_no_password_and_signs_nobody_in(ground: Ground, jane: Account, enforce: Callable[[], str]) -> None:
    secrets = {purpose: ids.secret(RANDOM) for purpose in ("reset", "first_password")}
    with ground.store.write() as tx:
        before = tx.accounts.by_id(jane.id, **ground.scope)
        assert before is not None
        for purpose, secret in secrets.items():
            tx.links.insert(
                ids.fingerprint(secret),
                account_id=jane.id,
                purpose=purpose,
                expires_at=ground.clock.now() + timedelta(hours=1),
                **ground.scope,
            )
    enforce()
    for secret in secrets.values():
        person = Person(ground)
        answer = person.post("/password/set", link=secret, password="quite another password")
        assert answer.status_code == 403
        assert not person.is_signed_in
    with ground.store.read() as tx:
        after = tx.accounts.by_id(jane.id, **ground.scope)
    assert after is not None
    assert after.password_hash == before.password_hash


def test_an_address_leads_to_the_enforced_connection_alone(
    ground: Ground, jane: Account, enforce: Callable[[], str]
) -> None:
    person = Person(ground)
    assert "Choose" in person.post("/login/sso", email=JANE).text
    other = enforce()
    for going in (person.post("/login/sso", email=JANE), person.client.get(f"/o/{ground.organization.slug}")):
        assert f"/oidc/{other}/start" in going.headers["location"]


def test_a_choice_of_an_older_page_is_refused(ground: Ground, jane: Account, enforce: Callable[[], str]) -> None:
    enforce()
    refused = Person(ground).post("/login/connection", connection=ground.connection_id, email=JANE)
    assert refused.status_code == 403
    assert ground.attempts() == []


def test_an_answer_to_a_sign_in_that_began_before_is_refused(
    ground: Ground, jane: Account, enforce: Callable[[], str]
) -> None:
    """By the query and by a form alike: both are one handler."""
    people = [Person(ground), Person(ground)]
    asked = [person.at_the_provider() for person in people]
    enforce()
    by_query = people[0].answered(asked[0])
    path = f"/oauth2/idpresponse/{ground.connection_id}"
    answer = people[1].answer(asked[1])
    by_form = people[1].client.post(path, content=answer, headers={"content-type": "application/x-www-form-urlencoded"})
    arrivals = (by_query, by_form)
    shown = [person.client.get(arrived.headers["location"]) for person, arrived in zip(people, arrivals, strict=True)]
    assert [page.status_code for page in shown] == [403, 403]
    assert [person.is_signed_in for person in people] == [False, False]
    assert {attempt.code for attempt in ground.attempts()} == {"login.connection_not_enforced"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_tile_begins_nothing(ground: Ground, enforce: Callable[[], str], method: str) -> None:
    enforce()
    path, asked = f"/oidc/{ground.connection_id}/start", {"iss": ground.provider.issuer}
    client = Person(ground).client
    answer = client.get(f"{path}?{urlencode(asked)}") if method == "GET" else client.post(path, data=asked)
    assert answer.status_code == 403
    assert ground.attempts() == []


def test_a_session_that_waits_to_be_taken_up_is_not(ground: Ground, jane: Account, enforce: Callable[[], str]) -> None:
    """It came by a tile a moment before, and the page asks whether to go on."""
    ground.provider.claims = {"email": "new@acme.example", "email_verified": True}
    person = Person(ground)
    begun = person.client.get(f"/oidc/{ground.connection_id}/start?{urlencode({'iss': ground.provider.issuer})}")
    arrived = person.answered(begun.headers["location"])
    assert arrived.headers["location"].startswith("/login/continue")
    page = person.client.get(arrived.headers["location"])
    waiting = re.search(r'name="arrived" value="([^"]+)"', page.text)
    assert waiting is not None
    enforce()
    decided = person.post("/login/continue", arrived=waiting[1], way="continue", return_to="/")
    assert decided.headers["location"] == "/login"
    assert not person.is_signed_in


@pytest.mark.parametrize("way", ["code", "password"])
def test_no_proof_of_an_account_signs_in_by_a_connection_that_does_not_count(
    ground: Ground, jane: Account, enforce: Callable[[], str], way: str
) -> None:
    ground.provider.claims = {"email": JANE, "email_verified": False}
    person = Person(ground)
    path = person.answered(person.at_the_provider()).headers["location"]
    person.post(path, way="mail")
    code = ground.mails()[-1].split()[0]
    enforce()
    answer = person.post(path, way=way, code=code, password=PASSWORD)
    assert answer.status_code == 403
    assert not person.is_signed_in


def test_by_the_enforced_connection_a_code_proves_an_account_and_a_password_does_not(
    ground: Ground, jane: Account
) -> None:
    ground.provider.claims = {"email": JANE, "email_verified": False}
    with ground.store.write() as tx:
        now = ground.clock.now()
        tx.enforcement.begin(ground.connection_id, at=now, by=None, begins_at=now, warns=False, **ground.scope)
    person = Person(ground)
    path = person.answered(person.at_the_provider()).headers["location"]
    assert "password" not in person.client.get(path).text.lower()
    assert person.post(path, way="password", password=PASSWORD).status_code == 403
    assert not person.is_signed_in
    person.post(path, way="mail")
    assert person.post(path, way="code", code=ground.mails()[-1].split()[0]).status_code == 303
    assert person.is_signed_in


def test_a_session_that_began_in_another_way_ends(ground: Ground, jane: Account, enforce: Callable[[], str]) -> None:
    by_password, by_other = Person(ground), Person(ground)
    posting = Person(ground)
    for person in (by_password, posting):
        person.post("/login", email=JANE, password=PASSWORD)
    ground.provider.claims = {"email": "new@acme.example", "email_verified": True}
    by_other.answered(by_other.at_the_provider())
    assert (by_password.is_signed_in, by_other.is_signed_in) == (True, True)
    enforce()
    for person in (by_password, by_other):
        answer = person.client.get("/")
        assert answer.headers["location"].startswith("/login/sso?done=sso-enforced")
    told = posting.post("/settings/security/domains", domain="other.example")
    assert told.status_code == 401
    assert "Your company signs in with single sign-on now" in told.text
    with ground.store.write() as tx:
        (enforced,) = tx.enforcement.of(ground.organization.id)
        tx.enforcement.stop(enforced.connection_id, **ground.scope)
    assert (by_password.is_signed_in, by_other.is_signed_in) == (False, False)
