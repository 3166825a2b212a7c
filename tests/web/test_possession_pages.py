"""The page on which somebody shows that an account is theirs, and what it tells to whom it does not belong."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from ostiary.domain.account import Account
from ostiary.domain.attempt import Outcome
from ostiary.domain.openid.possession import MOST_TRIES
from ostiary.services.possession import WRONG_CODES_PER_DAY
from ostiary.web import build_app
from tests.services.oidc.ground import PRODUCT, Ground, a_ground
from tests.web.test_oidc_pages import at_the_provider

PASSWORD = "a long enough password"
OURS = {"origin": PRODUCT}


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """Acme with an OpenID Connect connection that is on, and a provider that has not verified Jane's address."""
    with a_ground(tmp_path) as made:
        made.provider.claims = {"email": "jane@acme.example", "email_verified": False}
        yield made


@pytest.fixture
def jane(ground: Ground) -> Account:
    """Her account, which has a password."""
    account = ground.add_account("jane@acme.example")
    with ground.store.write() as tx:
        tx.accounts.set_password(account.id, password_hash=ground.services.passwords.hash(PASSWORD), **ground.scope)
    return account


@pytest.fixture
def browser(ground: Ground) -> TestClient:
    """Somebody's browser."""
    return a_browser(ground)


def a_browser(ground: Ground) -> TestClient:
    return TestClient(build_app(ground.services), base_url=PRODUCT, follow_redirects=False)


def asked(ground: Ground, browser: TestClient) -> str:
    """The path of the page, for a browser that has come by the provider."""
    answered = ground.provider.approve(at_the_provider(browser))
    arrived = browser.get(f"/oauth2/idpresponse/{ground.connection_id}?{urlencode(answered)}")
    assert arrived.status_code == 303, arrived.text
    return arrived.headers["location"]


def code_in_the_mail(ground: Ground, browser: TestClient, path: str) -> str:
    mailed = browser.post(path, data={"way": "mail"}, headers=OURS)
    assert (mailed.status_code, mailed.headers["location"]) == (303, path)
    return ground.mails()[-1].split()[0]


def sent(browser: TestClient, path: str, **fields: str) -> Response:
    return browser.post(path, data=fields, headers=OURS)


def test_a_mailed_code_signs_in_and_the_next_time_nothing_is_asked(
    ground: Ground, browser: TestClient, jane: Account
) -> None:
    path = asked(ground, browser)
    assert "Show once that this account is yours" in browser.get(path).text
    code = code_in_the_mail(ground, browser, path)
    assert "Look into your mail" in browser.get(path).text
    done = sent(browser, path, way="code", code=code)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert "jane@acme.example" in browser.get("/").text
    again = a_browser(ground)
    answered = ground.provider.approve(at_the_provider(again))
    arrived = again.get(f"/oauth2/idpresponse/{ground.connection_id}?{urlencode(answered)}")
    assert arrived.headers["location"] == "/"


def test_the_password_signs_in(ground: Ground, browser: TestClient, jane: Account) -> None:
    path = asked(ground, browser)
    assert 'type="password"' in browser.get(f"{path}?by=password").text
    refused = sent(browser, path, way="password", password="another password")
    assert refused.status_code == 403
    assert "This is not the account&#39;s password." in refused.text
    done = sent(browser, path, way="password", password=PASSWORD)
    assert (done.status_code, done.headers["location"]) == (303, "/")


def test_a_wrong_code_is_told_with_the_tries_that_are_left_and_five_end_the_code(
    ground: Ground, browser: TestClient, jane: Account
) -> None:
    path = asked(ground, browser)
    code = code_in_the_mail(ground, browser, path)
    wrong = "000000" if code != "000000" else "111111"
    for left in range(MOST_TRIES - 1, 0, -1):
        page = sent(browser, path, way="code", code=wrong)
        assert page.status_code == 403
        assert ("one try left" if left == 1 else f"{left} tries left") in page.text
    last = sent(browser, path, way="code", code=wrong)
    assert "No code counts any more." in last.text
    assert sent(browser, path, way="code", code=code).status_code == 403
    assert sent(browser, path, way="mail").status_code == 403
    assert browser.get("/").status_code == 303
    assert sent(browser, path, way="password", password=PASSWORD).headers["location"] == "/"


def test_after_the_wrong_codes_of_a_day_the_page_names_the_day_and_the_password(
    ground: Ground, browser: TestClient, jane: Account
) -> None:
    for _ in range(WRONG_CODES_PER_DAY // MOST_TRIES):
        path = asked(ground, browser)
        code = code_in_the_mail(ground, browser, path)
        for _ in range(MOST_TRIES):
            sent(browser, path, way="code", code="000000" if code != "000000" else "111111")
        ground.clock.at += timedelta(minutes=15)
    path = asked(ground, browser)
    told = sent(browser, path, way="code", code=code_in_the_mail(ground, browser, path))
    assert told.status_code == 429
    assert "The next one counts in a day. Your password is taken meanwhile." in told.text
    assert sent(browser, path, way="password", password=PASSWORD).headers["location"] == "/"


def test_another_browser_sees_nothing_and_proves_nothing(ground: Ground, browser: TestClient, jane: Account) -> None:
    path = asked(ground, browser)
    code = code_in_the_mail(ground, browser, path)
    stranger = a_browser(ground)
    at_the_provider(stranger)  # it has a login cookie of its own
    for answer in (
        stranger.get(path),
        stranger.get(f"{path}?by=password"),
        sent(stranger, path, way="mail"),
        sent(stranger, path, way="code", code=code),
        sent(stranger, path, way="password", password=PASSWORD),
    ):
        assert answer.status_code == 403
        assert "jane" not in answer.text
    assert ground.mails() == []
    assert sent(browser, path, way="code", code=code).headers["location"] == "/"


def test_the_page_ends_after_ten_minutes_and_lasts_as_long_however_long_the_provider_took(
    ground: Ground, browser: TestClient, jane: Account
) -> None:
    url = at_the_provider(browser)
    ground.clock.at += timedelta(minutes=14)
    answered = ground.provider.approve(url)
    arrived = browser.get(f"/oauth2/idpresponse/{ground.connection_id}?{urlencode(answered)}")
    assert "Max-Age=900" in arrived.headers["set-cookie"]  # or the page would end with the cookie of the sign-in
    path = arrived.headers["location"]
    ground.clock.at += timedelta(minutes=9)
    code = code_in_the_mail(ground, browser, path)
    ground.clock.at += timedelta(minutes=1)
    ended = sent(browser, path, way="code", code=code)
    assert ended.status_code == 403
    assert "This page has ended" in ended.text


def test_the_page_is_the_same_with_and_without_a_password(ground: Ground, browser: TestClient) -> None:
    pages = []
    for name in ("jane", "john"):
        account = ground.add_account(f"{name}@acme.example")
        if name == "jane":
            hashed = ground.services.passwords.hash(PASSWORD)
            with ground.store.write() as tx:
                tx.accounts.set_password(account.id, password_hash=hashed, **ground.scope)
        ground.provider.claims = {"email": f"{name}@acme.example", "email_verified": False, "sub": name}
        ground.provider.userinfo = {"sub": name}
        path = asked(ground, browser)
        seen = [
            browser.get(path),
            browser.get(f"{path}?by=password"),
            sent(browser, path, way="password", password="x"),
        ]
        pages.append([re.sub("jane|john", "somebody", page.text.replace(path, "")) for page in seen])
    assert pages[0] == pages[1]


def test_a_form_of_another_site_mails_and_proves_nothing(ground: Ground, browser: TestClient, jane: Account) -> None:
    path = asked(ground, browser)
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert browser.post(path, data={"way": "mail"}, headers=foreign).status_code == 403
    assert ground.mails() == []


def test_the_admin_reads_the_whole_story(ground: Ground, browser: TestClient, jane: Account) -> None:
    path = asked(ground, browser)
    code = code_in_the_mail(ground, browser, path)
    sent(browser, path, way="code", code="000000" if code != "000000" else "111111")
    sent(browser, path, way="password", password="another password")
    sent(browser, path, way="code", code=code)
    attempt = ground.attempts()[0]
    assert attempt.outcome is Outcome.SIGNED_IN
    seen = ground.services.attempts.one(attempt.reference, **ground.scope)
    kinds = [event.kind for event in seen.timeline]
    assert kinds[-5:] == ["refused", "code_mailed", "code_wrong", "password_wrong", "signed_in"]
    with ground.store.read() as tx:
        told = [event for event in tx.audit.page(**ground.scope, limit=50) if attempt.reference in str(event.facts)]
    assert {event.action for event in told} == {"account.identity_linked", "account.signed_in"}
    assert {str(event.facts["how"]) for event in told} == {"possession_code"}


def test_where_sso_is_enforced_a_code_alone_proves_and_five_wrong_ones_leave_nothing(
    ground: Ground, browser: TestClient, jane: Account
) -> None:
    path = asked(ground, browser)
    with ground.store.write() as tx:
        now = ground.clock.now()
        tx.enforcement.begin(
            ground.connection_id, by=ground.owner.id, begins_at=now, warns=False, at=now, **ground.scope
        )
    assert "Use your password" not in browser.get(path).text
    assert 'type="password"' not in browser.get(f"{path}?by=password").text
    assert sent(browser, path, way="password", password=PASSWORD).status_code == 403
    code = code_in_the_mail(ground, browser, path)
    for _ in range(MOST_TRIES):
        page = sent(browser, path, way="code", code="000000" if code != "000000" else "111111")
    assert "Five were wrong. Sign in again to get another code." in page.text
    assert "Sign in again" in browser.get(path).text
    assert "<input" not in browser.get(path).text.partition("<main")[2].partition("</main>")[0]
