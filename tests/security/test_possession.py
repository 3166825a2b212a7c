"""Attacks on the proof of an account, by somebody whose provider says whatever they like."""

import statistics
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from ostiary.domain.account import Account
from ostiary.domain.errors import TooManyAttempts
from ostiary.domain.openid.errors import CodeExpired, CodeWrong
from ostiary.domain.openid.possession import MOST_TRIES
from ostiary.domain.openid.settings import OidcSettings
from ostiary.domain.organization import Plan
from ostiary.kernel.errors import Refusal
from ostiary.services.possession import CODES_PER_ACCOUNT, WRONG_CODES_PER_DAY
from ostiary.services.refusal_record import LoginRefused
from ostiary.web import build_app
from tests.services.oidc.ground import PRODUCT, Ground, a_browser, a_ground, add_connection
from tests.services.oidc.provider import CLIENT_ID

VICTIM = "jane@acme.example"
PASSWORD = "a long enough password"


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Acme, whose provider has verified nobody's address, and Jane, who has a password."""
    with a_ground(tmp_path) as made:
        made.provider.claims = {"email": VICTIM, "email_verified": False}
        account = made.add_account(VICTIM)
        hashed = made.services.passwords.hash(PASSWORD)
        with made.store.write() as tx:
            tx.accounts.set_password(account.id, password_hash=hashed, **made.scope)
        yield made


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

    def to_the_proof(self) -> str:
        """By the provider, which says that this is Jane. Returns the path of the page."""
        going = self.post("/login/sso", email=VICTIM)
        location = going.headers["location"]
        if location.startswith(PRODUCT):
            location = self.client.get(location).headers["location"]
        return self.answered(location)

    def answered(self, location: str) -> str:
        """What follows from the provider's answer to the question that stands in this address."""
        answer = urlencode(self.ground.provider.approve(location))
        path = f"/oauth2/idpresponse/{self.ground.connection_id}?{answer}"
        return self.client.get(path).headers["location"]

    def shown(self, arrived: Response) -> Response:
        """The page to which a refused answer leads."""
        assert arrived.headers["location"].startswith("/login/refused/")
        return self.client.get(arrived.headers["location"])

    @property
    def is_signed_in(self) -> bool:
        """Whether anybody is."""
        return self.client.get("/").status_code == 200


def a_wrong_one(code: str) -> str:
    return "000000" if code != "000000" else "111111"


def code_of(ground: Ground) -> str:
    return ground.mails()[-1].split()[0]


def test_a_page_that_was_made_ready_is_worth_nothing_to_whoever_is_sent_there(ground: Ground) -> None:
    """Fixation: the attacker's proof in the victim's browser, who would tie the attacker's identity to her account."""
    attacker, victim = Person(ground), Person(ground)
    path = attacker.to_the_proof()
    attacker.post(path, way="mail")
    code = code_of(ground)
    victim.to_the_proof()
    for fields in ({"way": "code", "code": code}, {"way": "password", "password": PASSWORD}):
        assert victim.post(path, **fields).status_code == 403
    assert not victim.is_signed_in
    assert not attacker.is_signed_in


def test_a_code_of_one_sign_in_opens_no_other(ground: Ground) -> None:
    attacker, victim = Person(ground), Person(ground)
    own, others = attacker.to_the_proof(), victim.to_the_proof()
    victim.post(others, way="mail")
    code = code_of(ground)
    attacker.post(own, way="mail")
    newest = code_of(ground)
    assert attacker.post(own, way="code", code=code).status_code == 403 or code == newest
    assert victim.post(others, way="code", code=code).status_code == 303


def guesses_in_one_sign_in(ground: Ground) -> tuple[int, str]:
    """How many wrong codes were compared with the right one, and the code of what ended it."""
    possessions, finished = ground.services.possessions, ground.try_in()
    try:
        possessions.mail_code(finished.attempt.id, client=ground.browser)
    except TooManyAttempts:
        return 0, "too many mails"
    wrong = a_wrong_one(code_of(ground))
    for number in range(MOST_TRIES + 1):
        try:
            possessions.prove_by_code(finished.attempt.id, wrong, client=ground.browser)
        except CodeWrong:
            continue
        except Refusal as refusal:
            return number, refusal.code
    return MOST_TRIES + 1, ""


def test_guesses_of_many_sign_ins_are_few_in_all(ground: Ground) -> None:
    """Six digits stand twenty guesses a day; whoever begins anew for each five gets no more."""
    guesses = 0
    for _ in range(3 * WRONG_CODES_PER_DAY // MOST_TRIES):
        count, _ = guesses_in_one_sign_in(ground)
        guesses += count
        ground.clock.at += timedelta(minutes=15)
    assert guesses == WRONG_CODES_PER_DAY
    possessions, finished = ground.services.possessions, ground.try_in()
    possessions.mail_code(finished.attempt.id, client=ground.browser)
    with pytest.raises(TooManyAttempts):
        possessions.prove_by_code(finished.attempt.id, code_of(ground), client=ground.browser)
    # The password is another way, and the next day is another day.
    signed_in = possessions.prove_by_password(finished.attempt.id, PASSWORD, client=ground.browser)
    assert str(signed_in.account.email) == VICTIM


def test_the_day_of_wrong_codes_ends(ground: Ground) -> None:
    for _ in range(WRONG_CODES_PER_DAY // MOST_TRIES):
        assert guesses_in_one_sign_in(ground) == (MOST_TRIES, "login.code_expired")
    ground.clock.at += timedelta(days=1)
    possessions, finished = ground.services.possessions, ground.try_in()
    possessions.mail_code(finished.attempt.id, client=ground.browser)
    code = code_of(ground)
    assert str(possessions.prove_by_code(finished.attempt.id, code, client=ground.browser).account.email) == VICTIM


def test_mails_of_many_sign_ins_are_few_in_all(ground: Ground) -> None:
    person = Person(ground)
    sent = 0
    for _ in range(2 * CODES_PER_ACCOUNT):
        person.post(person.to_the_proof(), way="mail")
        sent += len(ground.mails())
    assert sent == CODES_PER_ACCOUNT


def test_of_two_right_codes_at_once_one_signs_in(ground: Ground) -> None:
    finished = ground.try_in()
    assert finished.attempt is not None
    possessions = ground.services.possessions
    possessions.mail_code(finished.attempt.id, client=ground.browser)
    code, outcomes = code_of(ground), list[str]()

    def prove() -> None:
        try:
            possessions.prove_by_code(finished.attempt.id, code, client=ground.browser)
            outcomes.append("signed in")
        except CodeExpired:
            outcomes.append("ended")

    threads = [threading.Thread(target=prove) for _ in range(MOST_TRIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ended"] * (MOST_TRIES - 1) + ["signed in"]


def test_the_answer_of_the_provider_once_more_opens_no_second_page(ground: Ground) -> None:
    """Replay: the same code and state after the proof was asked for."""
    person = Person(ground)
    going = person.post("/login/sso", email=VICTIM)
    location = person.client.get(going.headers["location"]).headers["location"]
    answer = urlencode(ground.provider.approve(location))
    path = f"/oauth2/idpresponse/{ground.connection_id}?{answer}"
    asked = person.client.get(path).headers["location"]
    assert person.shown(person.client.get(path)).status_code == 403
    person.post(asked, way="password", password=PASSWORD)
    assert person.shown(person.client.get(path)).status_code == 403
    assert person.post(asked, way="password", password=PASSWORD).status_code == 403


def test_a_hostile_organizations_tile_ends_on_the_question_and_not_in_a_session(ground: Ground) -> None:
    """Login CSRF: the victim's browser is led to the attacker's provider, and to a proof of the attacker's account."""
    victim = Person(ground)
    start = f"/oidc/{ground.connection_id}/start?{urlencode({'iss': ground.provider.issuer})}"
    path = victim.answered(victim.client.get(start).headers["location"])
    proven = victim.post(path, way="password", password=PASSWORD)  # as if she had been given it to type in
    assert proven.headers["location"].startswith("/login/continue")
    assert not victim.is_signed_in


def test_another_organization_has_no_part_in_it(ground: Ground) -> None:
    """The same provider and subject at another organization's connection: its own account, or none."""
    add = ground.services.organizations.add
    made = add("globex", name="Globex", owner_email="o@globex.example", plan=Plan.BUSINESS)
    settings = OidcSettings(issuer=ground.provider.issuer, client_id=CLIENT_ID)
    other = add_connection(ground.store, made.organization, made.owner, settings)
    browser = a_browser()
    url = ground.leave(browser=browser, connection_id=other)
    finished = ground.answer(ground.provider.approve(url), browser=browser, connection_id=other)
    assert isinstance(finished, LoginRefused)
    assert finished.refusal.code == "login.domain_not_verified"
    assert finished.attempt is not None
    with pytest.raises(CodeExpired):
        ground.services.possessions.view(finished.attempt.id, client=browser)


def test_an_account_without_a_password_takes_as_long_as_one_with_it(ground: Ground) -> None:
    """Whoever only claims an address would tell by the time whether the account has a password."""
    without = ground.add_account("john@acme.example")
    with ground.store.read() as tx:
        jane = tx.accounts.by_email(VICTIM, **ground.scope)
    assert jane is not None

    def seconds(account: Account, number: int) -> float:
        began = time.thread_time()
        with pytest.raises(Refusal):
            ground.services.passwords.confirm(account, "wrong", client=a_browser(address=f"198.51.100.{number}"))
        return time.thread_time() - began

    took = [(seconds(jane, number), seconds(without, number)) for number in range(7)]
    ours, theirs = (statistics.median(each) for each in zip(*took, strict=True))
    assert 0.3 < ours / theirs < 3
