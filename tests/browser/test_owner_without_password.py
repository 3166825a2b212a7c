"""Break-glass access of an owner who has never had a password, in a real browser: the provider is asked first."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import create_engine, update

from ostiary.domain.account import Role
from ostiary.services.audit_trail import Actor
from ostiary.storage.schema import sessions
from tests.browser.steps import PRIYA, fill, follow, heading, press
from tests.browser.street import AT_PROVIDERS, CLOCK, Street, a_street

Screenshot = Callable[[Page, str], Path]
Axe = Callable[[Page], list[str]]
CHOSEN = "a sentence of my own"
OWN = "/settings/security/break-glass/own"


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    """Acme with Keycloak, which makes new people known."""
    with a_street(tmp_path, providers=("keycloak",)) as made:
        made.settings_of("keycloak", creates_accounts=True)
        yield made


def test_an_owner_without_a_password_makes_codes_after_a_fresh_sign_in(
    street: Street, new_context: Callable[..., BrowserContext], screenshot: Screenshot, axe: Axe
) -> None:
    page = new_context().new_page()
    page.goto(f"{street.url}/login")
    follow(page, "Sign in with SSO")
    fill(page, "Company email", PRIYA)
    press(page, "Sign in with SSO")
    _at_the_provider(page)
    heading(page, re.compile("You are signed in as Priya"))
    _is_owner_and_named(street)
    _an_hour_passes(street)

    page.goto(f"{street.url}{OWN}")
    expect(page.get_by_text("You have no password here.")).to_be_visible()
    faults = _seen(page, "break-glass-no-password", screenshot, axe)
    follow(page, "Make recovery codes")
    heading(page, "Sign in once more first")
    faults += _seen(page, "break-glass-sign-in-again", screenshot, axe)
    press(page, "Sign in with Keycloak")
    _at_the_provider(page)  # it knows her, and asks all the same
    heading(page, "Make recovery codes?")
    faults += _seen(page, "break-glass-choose-password", screenshot, axe)
    fill(page, "Choose a password", "too short")
    press(page, "Make ten codes")
    expect(page.get_by_label("Choose a password")).to_have_attribute("aria-invalid", "true")
    fill(page, "Choose a password", CHOSEN)
    press(page, "Make ten codes")
    heading(page, "Your recovery codes")
    code = page.locator(".codes code").first.inner_text()

    door = new_context().new_page()
    door.goto(f"{street.url}/login/break-glass")
    fill(door, "Email", PRIYA)
    fill(door, "Password", CHOSEN)
    fill(door, "Recovery code", code)
    press(door, "Sign in with a recovery code")
    expect(door.get_by_text("You came in by break-glass access.")).to_be_visible()
    assert faults == []


def _at_the_provider(page: Page) -> None:
    fill(page, "Email", PRIYA)
    fill(page, "Password", AT_PROVIDERS)
    press(page, "Sign in")


def _is_owner_and_named(street: Street) -> None:
    dana = street.people["Dana"]
    with street.store.write() as tx:
        priya = tx.accounts.by_email(PRIYA, **street.scope)
        assert priya is not None
        assert priya.password_hash is None
        tx.accounts.set_role(priya.id, role=Role.OWNER, **street.scope)
    street.services.break_glass.roster.name(priya.id, by=dana, actor=Actor.of(dana, client_address=""))


def _an_hour_passes(street: Street) -> None:
    """Since everybody signed in, here and there."""
    then = CLOCK.now() - timedelta(hours=1)
    engine = create_engine(street.services.settings.store_url)
    with engine.begin() as connection:
        connection.execute(update(sessions).values(created_at=then, auth_time=then))
    engine.dispose()


def _seen(page: Page, name: str, screenshot: Screenshot, axe: Axe) -> list[str]:
    screenshot(page, name)
    return [f"{name}: {fault}" for fault in axe(page)]
