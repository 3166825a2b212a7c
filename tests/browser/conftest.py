"""A real Chromium and a real demo for the tests of the pages.

Fixtures: `demo` (the product and its simulators, on free ports, with data of its own, one for each file of tests),
`page` and `new_context` (a fresh browser profile for each test), `screenshot` (numbered pictures of what a person
sees), `axe` (the accessibility faults of a page).
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.office import Office, open_office
from tests.browser.started import RunningDemo, running_demo

ROOT = Path(__file__).resolve().parent.parent.parent
SCREENSHOTS = ROOT / "build" / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
STEP_MILLISECONDS = 30_000

# Playwright switches off most of what a Chromium does by itself (updates, field trials, sync); this is the rest.
QUIET = ("--disable-domain-reliability", "--no-pings")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    """A demo that nobody has touched, for the tests of one file."""
    with running_demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one for all tests."""
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if executable is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    unconfined = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
    expect.set_options(timeout=STEP_MILLISECONDS)  # its own five seconds are too few for a machine that is busy
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=[*QUIET, *unconfined])
        yield started
        started.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser profile without any cookie; takes what `Browser.new_context` takes.

    At the end of the test no page of any such profile may have reported a script error or broken the CSP.
    """
    yield from _profiles(browser)


@pytest.fixture(scope="module")
def new_module_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """The same for profiles that live as long as the tests of one file."""
    yield from _profiles(browser)


@pytest.fixture(scope="module")
def module_context(new_module_context: Callable[..., BrowserContext]) -> BrowserContext:
    """One profile for the tests of one file: an admin who stays signed in."""
    return new_module_context()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """An empty page in a profile of its own."""
    return new_context().new_page()


@pytest.fixture(scope="session")
def office(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Acme after both pages of the brief, in a demo of its own. Who switches a fault on switches it off again."""
    with running_demo(tmp_path_factory.mktemp("office")) as started:
        for new_profile in _profiles(browser):
            yield open_office(new_profile(), started)


@pytest.fixture(scope="session")
def screenshot() -> Callable[[Page, str], Path]:
    """Takes a picture of the whole page: `screenshot(page, "what-is-shown")`. They are numbered as they are taken."""
    shutil.rmtree(SCREENSHOTS, ignore_errors=True)
    SCREENSHOTS.mkdir(parents=True)
    taken: list[Path] = []

    def take(page: Page, what_is_shown: str) -> Path:
        picture = SCREENSHOTS / f"{len(taken) + 1:02d}-{what_is_shown}.png"
        page.screenshot(path=picture, full_page=True, animations="disabled")
        taken.append(picture)
        return picture

    return take


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], list[str]]:
    """The serious and critical accessibility faults of a page as lines `rule: element`; `axe(page) == []` is good."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed: python3 scripts/set_up.py node")
    source = AXE.read_text()

    def examine(page: Page) -> list[str]:
        # Evaluated, not added as a script element: the page's CSP rightly refuses that.
        page.evaluate(source)
        result = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {json.dumps(node['target'])} {violation['help']}"
            for violation in result["violations"]
            if violation["impact"] in {"serious", "critical"}
            for node in violation["nodes"]
        ]

    return examine


def _profiles(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    complaints: list[str] = []
    with ExitStack() as stack:

        def make(**options: Any) -> BrowserContext:
            context = browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1280, "height": 860}, **options})
            stack.callback(context.close)
            context.set_default_timeout(STEP_MILLISECONDS)
            context.on("weberror", lambda error: complaints.append(f"script: {error.error}"))
            context.on("console", lambda message: complaints.extend(_policy_breach(message)))
            return context

        yield make
    assert complaints == []


def _policy_breach(message: ConsoleMessage) -> list[str]:
    broken = message.type == "error" and "Content Security Policy" in message.text
    return [f"policy: {message.text}"] if broken else []
