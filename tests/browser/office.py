"""An organization that has followed both pages of the brief: Acme, with Okta and OneLogin enabled."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import steps
from tests.browser.started import RunningDemo
from tests.browser.steps import DANA, MARCUS, Copied, Shown, heading, press


@dataclass(frozen=True, kw_only=True)
class Office:
    """Acme with both providers connected, and Dana's tabs: one at the product, one at the consoles."""

    demo: RunningDemo
    admin: Page
    console: Page
    connections: dict[str, tuple[Shown, Copied]]

    @contextmanager
    def fault(self, provider: str, label: str) -> Iterator[None]:
        """Something is wrong at this provider for a while."""
        steps.switch_fault(self.console, self.demo, provider, label)
        try:
            yield
        finally:
            steps.switch_fault(self.console, self.demo, provider, label)

    def test(self, provider: str) -> Page:
        """Test Connection; returns the tab with the report. The provider knows Dana already."""
        self.admin.goto(self.connections[provider][0].page)
        second = steps.press_test_connection(self.admin)
        second.wait_for_url(re.compile(f"{self.demo.url}/settings/security/connections/.*/test/"))
        second.close()
        expect(self.admin.get_by_text(re.compile("^Test Connection (failed|passed)"))).to_be_visible()
        return self.admin


def open_office(context: BrowserContext, demo: RunningDemo) -> Office:
    """Follow both pages in this profile, until both tests have passed."""
    admin, console = context.new_page(), context.new_page()
    steps.sign_in(admin, demo)
    record = steps.add_domain(admin)
    steps.set_record(console, demo, record)
    press(admin, "Check again")
    expect(admin.get_by_text("Verified", exact=True)).to_be_visible()
    connections = {provider: _connect(admin, console, demo, provider) for provider in ("Okta", "OneLogin")}
    return Office(demo=demo, admin=admin, console=console, connections=connections)


def _connect(admin: Page, console: Page, demo: RunningDemo, provider: str) -> tuple[Shown, Copied]:
    admin.goto(demo.url)
    people = (DANA, MARCUS) if provider == "Okta" else (DANA,)
    given, copied = steps.set_up(admin, console, demo, provider, people=people)
    second = steps.press_test_connection(admin)
    steps.answer(second, provider, DANA)
    heading(second, f"{provider} and Ringline understand each other.")
    second.close()
    steps.has_followed(admin)
    return given, copied
