"""What strangers get from the page of a refused sign-in: with somebody's address of it, or in somebody's name."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from ostiary.domain.attempt import Outcome, Purpose
from ostiary.storage.schema import METADATA
from ostiary.web import build_app
from tests.services.oidc.ground import PRODUCT, Ground, a_ground
from tests.services.oidc.test_logout import logout_token, take
from tests.storage.builders import an_attempt

JANE = {"email": "jane@acme.example", "email_verified": True}
EVIL = "https://evil.example/your-account-is-locked"


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Acme with an OpenID Connect connection that is on."""
    with a_ground(tmp_path) as made:
        made.provider.claims = JANE
        yield made


@pytest.fixture
def stranger(ground: Ground) -> TestClient:
    """A browser that has nothing to do with anybody's sign-in."""
    return TestClient(build_app(ground.services), base_url=PRODUCT, follow_redirects=False)


def test_whether_a_sign_in_waits_or_has_succeeded_is_one_page(ground: Ground, stranger: TestClient) -> None:
    """Nor does it say who came, where they are from, or what an admin has tested."""
    account = ground.sign_in().account
    pages = []
    for purpose, outcome in ((Purpose.LOGIN, Outcome.WAITING), (Purpose.TEST, Outcome.TEST_PASSED)):
        attempt = an_attempt(ground.connection, purpose=purpose, outcome=outcome, email_hint="jane@acme.example")
        with ground.store.write() as tx:
            tx.attempts.insert(attempt)
        pages.append(stranger.get(f"/login/refused/{attempt.id}"))
    signed_in = next(each for each in ground.attempts() if each.outcome is Outcome.SIGNED_IN)
    pages.append(stranger.get(f"/login/refused/{signed_in.id}"))
    assert len({(page.status_code, _told(page.text)) for page in pages}) == 1
    for page in pages:
        assert not any(word in page.text for word in ("jane", account.id, ground.connection_id, "203.0.113"))


def test_a_failed_test_of_an_admin_tells_no_setting(ground: Ground, stranger: TestClient) -> None:
    attempt = an_attempt(ground.connection, purpose=Purpose.TEST, tested_by=ground.owner.id)
    facts = {"expected": "the client of the admin", "received": EVIL}
    with ground.store.write() as tx:
        tx.attempts.insert(attempt)
        tx.attempts.finish(
            attempt.id,
            outcome=Outcome.TEST_FAILED,
            code="oidc.issuer_mismatch",
            facts=facts,
            person="Dana Whitfield",
            email="owner@acme.example",
            account_id=None,
            at=ground.clock.now(),
            **ground.scope,
        )
    page = stranger.get(f"/login/refused/{attempt.id}")
    assert attempt.reference in page.text
    assert not any(word in page.text for word in (*facts.values(), "Dana", "owner@", "oidc.", ground.connection_id))


def test_nothing_of_an_address_gets_onto_the_page(ground: Ground, stranger: TestClient) -> None:
    """A page of ours with words of somebody else's is half of a phishing mail."""
    attempt_id = _refused(ground)
    plain = _card(stranger.get(f"/login/refused/{attempt_id}").text)
    asked = urlencode({"return_to": EVIL, "again": EVIL, "error_description": EVIL, "account": EVIL})
    assert _card(stranger.get(f"/login/refused/{attempt_id}?{asked}").text) == plain
    hostile = stranger.get(f"/login/refused/{attempt_id}", headers={"host": "evil.example", "referer": EVIL})
    assert "evil.example" not in hostile.text


def test_what_the_provider_says_gets_onto_no_page_of_ours(ground: Ground, stranger: TestClient) -> None:
    """Whoever has a connection of their own could have us tell people to go elsewhere."""
    url = ground.leave()
    state = dict(ground.provider.approve(url))["state"]
    answer = urlencode({"state": state, "error": "access_denied", "error_description": f"Call us: {EVIL}"})
    arrived = stranger.get(f"/oauth2/idpresponse/{ground.connection_id}?{answer}")
    assert arrived.status_code == 303
    assert "evil" not in arrived.headers["location"]
    assert "evil" not in stranger.get(arrived.headers["location"]).text


def test_opening_it_writes_nothing_sets_no_cookie_and_is_kept_by_nobody(ground: Ground, stranger: TestClient) -> None:
    attempt_id = _refused(ground)
    before = _rows(ground)
    for _ in range(20):
        page = stranger.get(f"/login/refused/{attempt_id}")
        assert stranger.get(f"/login/refused/t{'0' * 26}").status_code == 404
    assert _rows(ground) == before
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["referrer-policy"] == "same-origin"
    assert stranger.post(f"/login/refused/{attempt_id}", headers={"origin": PRODUCT}).status_code == 405


def test_whoever_posts_logout_tokens_learns_no_address_of_a_page(ground: Ground, stranger: TestClient) -> None:
    """The refusal of a logout is an attempt too; its id is its admin's."""
    assert take(ground, logout_token(ground, iss=EVIL)) == "oidc.issuer_mismatch"
    attempt = ground.attempts()[0]
    posted = stranger.post(
        f"/oidc/{ground.connection_id}/backchannel-logout", data={"logout_token": logout_token(ground, iss=EVIL)}
    )
    assert posted.status_code == 400
    assert attempt.id not in posted.text
    assert EVIL not in stranger.get(f"/login/refused/{attempt.id}").text


def _refused(ground: Ground) -> str:
    ground.try_in(nonce="another")
    (attempt,) = [each for each in ground.attempts() if each.outcome is Outcome.REFUSED]
    return attempt.id


def _card(text: str) -> str:
    """What the page says. Below stands the switch of its colours, which comes back to this very address."""
    return text[text.index("<h1") : text.index("</main>")]


def _told(text: str) -> str:
    """The same without what every sign-in has of its own: its reference, and when it was."""
    return text[text.index("<h1") : text.index("<dl>")]


def _rows(ground: Ground) -> dict[str, int]:
    with ground.store.read() as tx:
        return {
            table.name: tx.run.rows(select(func.count()).select_from(table))[0][0] for table in METADATA.sorted_tables
        }
