"""Takes the pictures of the documentation anew, from a demo of its own. Run it as `python scripts/pictures.py`.

They show the product as it is, with nothing arranged but the simulated Okta's fault in the second one.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
PASSWORD = "ringline-demo"  # noqa: S105 - it stands on the demo's start page
OKTA_PASSWORD = "okta-demo"  # noqa: S105 - the same
PORTS = 6
START_SECONDS = 60


def main() -> int:
    """Start a demo, walk to each page, and write its picture. Returns: the exit status."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with _demo() as port, sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        unconfined = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox refuses root
        browser = playwright.chromium.launch(executable_path=chromium, args=unconfined)
        _set_up(browser, port)
        _failed_test(browser, port)
        browser.close()
    return 0


def _set_up(browser: Browser, port: int) -> None:
    """The page on which an admin connects Okta: the guide beside the form."""
    page = _signed_in(browser, port, "dana.whitfield@acme.example")
    page.goto(f"http://localhost:{port}/settings/security/single-sign-on")
    page.get_by_role("link", name="Enable SSO").click()
    page.get_by_text("SAML 2.0", exact=True).click()
    page.get_by_role("button", name="Okta").click()
    _take(page, "okta-set-up")


def _failed_test(browser: Browser, port: int) -> None:
    """The report of a connection test whose answer carries another audience, by one slash."""
    page = _signed_in(browser, port, "hank.scorpio@globex.example")
    okta = f"http://127.0.0.1:{port + 2}"
    page.goto(f"{okta}/admin")
    page.get_by_role("button", name="Log in").click()  # the form is filled in
    page.goto(f"{okta}/faults")
    page.get_by_role("switch", name="Trailing slash on the audience").first.click()
    page.goto(f"http://localhost:{port}/settings/security/single-sign-on")
    page.locator('main a[href*="/connections/"]').first.click()
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Test Connection").first.click()
    at_okta = opened.value

    at_okta.locator("input[name=email]").fill("hank.scorpio@globex.example")
    at_okta.locator("input[name=password]").fill(OKTA_PASSWORD)
    at_okta.get_by_role("button", name="Sign in").click()
    at_okta.get_by_role("heading", level=1).wait_for()
    _take(at_okta, "test-failed")


def _signed_in(browser: Browser, port: int, email: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 860}, color_scheme="light").new_page()
    page.goto(f"http://localhost:{port}/login")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Security").first.wait_for()
    return page


def _take(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    target = PICTURES / f"{name}.png"
    page.screenshot(path=target)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size // 1024} KB")


@contextmanager
def _demo() -> Iterator[int]:
    """A demo that nobody has touched, at its first port."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [str(ROOT / ".venv" / "bin" / "ostiary"), "demo", "--port", str(port), "--data-dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            _wait_for(port)
            yield port
        finally:
            server.terminate()
            server.wait()


def _free_port() -> int:
    for first in (8080, *range(18_080, 19_000, PORTS)):
        try:
            for port in range(first, first + PORTS):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
        except OSError:
            continue
        return int(first)
    raise SystemExit("No six free ports in a row were found.")


def _wait_for(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("The demo does not answer.")


if __name__ == "__main__":
    sys.exit(main())
