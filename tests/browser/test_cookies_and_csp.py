"""What only a real browser proves: which cookies cross sites, and which forms may leave a page.

The product is at localhost, the identity providers at 127.0.0.1: two sites for a browser.
"""

import re

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Request, Route

from tests.browser import steps
from tests.browser.started import RunningDemo
from tests.browser.steps import DANA, IDRIS, NORA, fill, follow, heading, press

ELSEWHERE = "http://attacker.example/"
REFUSED = "This sign-in is over"
"""What a person reads when the answer comes from another browser than the one that began."""
FORMS_STAY = "; form-action 'self'"


@pytest.mark.parametrize("same_site", ["None", "Lax", "Strict"])
def test_the_login_cookie_has_to_be_same_site_none(demo, new_context, same_site: str) -> None:
    """The answer is a POST from another site: a Lax cookie stays behind, and the sign-in is refused.

    Without any SameSite a cookie comes along for its first two minutes, so the word stands there explicitly.
    """
    page = new_context().new_page()
    replaced: list[str] = []

    def rewrite(route: Route) -> None:
        answer, headers = _fetched(route)
        cookie = headers["set-cookie"]
        assert "samesite=none" in cookie.lower(), cookie
        headers["set-cookie"] = re.sub("(?i)samesite=none", f"SameSite={same_site}", cookie)
        replaced.append(headers["set-cookie"])
        route.fulfill(status=answer.status, headers=headers, body=b"")

    page.route(f"{demo.url}/login/sso", lambda route: rewrite(route) if _is_post(route) else route.continue_())
    steps.sign_in_with_sso(page, demo, NORA)
    assert len(replaced) == 1
    assert [cookie["sameSite"] for cookie in page.context.cookies(demo.url) if "login" in cookie["name"]] == [same_site]
    steps.answer(page, "Okta", NORA)
    if same_site == "None":
        heading(page, "You are signed in as Nora Feld")
    else:
        heading(page, REFUSED)
        assert _code_behind(page, new_context().new_page(), demo) == "login.browser_changed"


def test_secure_and_host_cookies_are_kept_and_sent_on_loopback(demo, page: Page) -> None:
    """`Secure` and `__Host-` on http://localhost: stored, sent with the answer from the other site, and after it."""
    sent: dict[str, str] = {}

    def note(request: Request) -> None:
        if request.url.startswith(demo.url):
            path = request.url.removeprefix(demo.url)
            sent["acs" if path.endswith("/acs") else path] = request.all_headers().get("cookie", "")

    steps.sign_in_with_sso(page, demo, NORA)
    kept = {cookie["name"]: cookie for cookie in page.context.cookies(demo.url)}
    login = next(cookie for name, cookie in kept.items() if name.startswith("__Host-ostiary-login"))
    assert (login["secure"], login["httpOnly"], login["sameSite"], login["path"]) == (True, True, "None", "/")
    page.on("requestfinished", note)
    steps.answer(page, "Okta", NORA)
    heading(page, "You are signed in as Nora Feld")
    kept = {cookie["name"]: cookie for cookie in page.context.cookies(demo.url)}
    session = next(cookie for name, cookie in kept.items() if name.startswith("__Host-ostiary-session"))
    assert (session["secure"], session["httpOnly"], session["sameSite"], session["path"]) == (True, True, "Lax", "/")
    assert f"{login['name']}={login['value']}" in sent["acs"]
    assert session["name"] not in sent["acs"]
    assert f"{session['name']}={session['value']}" in sent["/"]


def test_an_attackers_answer_signs_nobody_else_in(demo, new_context) -> None:
    """Login CSRF: the answer to the attacker's own sign-in, posted into the browser of a victim, is refused.

    The same answer signs the attacker in where it belongs: it is the browser that makes the difference.
    """
    attacker = new_context(java_script_enabled=False).new_page()
    action, fields = _held_answer(attacker, demo)
    victim = new_context().new_page()
    steps.sign_in(victim, demo, NORA)
    before = victim.context.cookies(demo.url)
    _post_from_elsewhere(victim, action, fields)
    heading(victim, REFUSED)
    assert _code_behind(victim, new_context().new_page(), demo) == "login.browser_changed"
    assert victim.context.cookies(demo.url) == before
    victim.goto(demo.url)
    heading(victim, "You are signed in as Nora Feld")

    stranger = new_context().new_page()
    _post_from_elsewhere(stranger, action, fields)
    heading(stranger, REFUSED)
    assert not [cookie for cookie in stranger.context.cookies(demo.url) if "session" in cookie["name"]]

    action, _ = _held_answer(attacker, demo)
    press(attacker, "Continue to Ringline (Globex)")
    heading(attacker, "You are signed in as Idris Kamau")


def test_another_organizations_link_or_tile_replaces_nobodys_session(demo, new_context, screenshot) -> None:
    """Login CSRF by a hostile organization: its provider answers without a question, and the browser still asks.

    The victim has a session at Globex's provider (the attacker's, so to speak) and is signed in as somebody else here.
    """
    victim = new_context().new_page()
    victim.goto(f"{steps.provider_url(demo, 'Okta')}/")
    steps.answer(victim, "Okta", IDRIS)
    tile = victim.get_by_role("link", name="Ringline (Globex)").get_attribute("href")
    assert tile
    steps.sign_in(victim, demo, DANA)
    for way in (f"{demo.url}/o/globex", tile):
        before = _session(victim, demo)
        _lead(victim, way)
        heading(victim, "Continue as Idris Kamau?")
        screenshot(victim, "a-sign-in-that-began-elsewhere")
        assert _session(victim, demo) == before
        press(victim, "Stay signed in as Dana Whitfield")
        heading(victim, "You are signed in as Dana Whitfield")

    fresh = new_context().new_page()
    fresh.goto(f"{steps.provider_url(demo, 'Okta')}/")
    steps.answer(fresh, "Okta", IDRIS)
    _lead(fresh, f"{demo.url}/o/globex")
    heading(fresh, "Continue as Idris Kamau?")
    assert _session(fresh, demo) == []
    press(fresh, "This is not me")
    assert _session(fresh, demo) == []


def _lead(page: Page, address: str) -> None:
    """As a page of somebody else does: the browser is sent on without a click."""
    page.route(
        ELSEWHERE, lambda route: route.fulfill(content_type="text/html", body=f"<script>location={address!r}</script>")
    )
    page.goto(ELSEWHERE)
    page.unroute(ELSEWHERE)


def _session(page: Page, demo: RunningDemo) -> list[str]:
    return [cookie["value"] for cookie in page.context.cookies(demo.url) if "ostiary-session" in cookie["name"]]


@pytest.mark.parametrize("path", ["/login", "/login/continue", "/settings/security/single-sign-on"])
def test_no_page_shows_in_a_frame_of_another_site(demo, page: Page, path: str) -> None:
    """Clickjacking: a page under a transparent frame would be clicked by somebody who sees another one."""
    steps.sign_in(page, demo, NORA)
    framed = f'<iframe src="{demo.url}{path}"></iframe>'
    page.route(ELSEWHERE, lambda route: route.fulfill(content_type="text/html", body=framed))
    page.goto(ELSEWHERE)
    assert page.frames[1].url.startswith("chrome-error://")


def test_a_form_of_another_site_changes_nothing(demo, new_context) -> None:
    """Cross-site request forgery against a signed-in person: refused by its Origin."""
    victim = new_context().new_page()
    steps.sign_in(victim, demo, NORA)
    for path, fields in (("/logout", {}), ("/login", {"email": NORA, "password": "ringline-demo"})):
        _post_from_elsewhere(victim, demo.url + path, fields)
        heading(victim, "This form came from another site")
    victim.goto(demo.url)
    heading(victim, "You are signed in as Nora Feld")


def test_a_form_ends_at_another_origin_only_where_the_page_sends_no_form_action(demo, browser: Browser) -> None:
    """Chromium applies form-action to the redirects of a form (decision 23); this is why sign-in pages send none."""
    with _complaints(browser) as (page, complaints):
        steps.sign_in_with_sso(page, demo, NORA)
        assert page.url.startswith(steps.provider_url(demo, "Okta"))
        assert complaints == []


def test_form_action_self_stops_the_way_to_the_identity_provider(demo, browser: Browser) -> None:
    """The same page with form-action 'self', and nothing else changed: the browser stops at the redirect."""
    with _complaints(browser) as (page, complaints):
        page.route(f"{demo.url}/login/sso", _with_form_action)
        page.goto(f"{demo.url}/login/sso")
        fill(page, "Company email", NORA)
        page.get_by_role("button", name="Sign in with SSO").click(no_wait_after=True)
        page.wait_for_timeout(1000)
        assert page.url.startswith(demo.url)
        assert any("form-action" in complaint for complaint in complaints), complaints


def test_a_settings_form_can_not_be_turned_to_another_origin(demo, browser: Browser) -> None:
    """All other pages send form-action 'self': a form that was changed in the page leads nowhere."""
    with _complaints(browser) as (page, complaints):
        steps.sign_in(page, demo, NORA)
        follow(page, "Security")
        page.get_by_role("navigation", name="Security").get_by_role("link", name="Domains").click()
        fill(page, "Domain", "secret.example")
        page.route(f"{ELSEWHERE}**", lambda route: route.fulfill(body="taken"))
        page.locator("form", has_text="Add the domain").evaluate(f"form => {{ form.action = '{ELSEWHERE}' }}")
        page.get_by_role("button", name="Add the domain").click(no_wait_after=True)
        page.wait_for_timeout(500)
        assert page.url.startswith(demo.url)
        assert any("form-action" in complaint for complaint in complaints), complaints


class _complaints:  # noqa: N801 - reads as a sentence after "with"
    """A page outside the watched profiles: what the browser complains about is what the test looks at."""

    def __init__(self, browser: Browser) -> None:
        self.context: BrowserContext = browser.new_context(locale="en-GB")
        self.heard: list[str] = []

    def __enter__(self) -> tuple[Page, list[str]]:
        self.context.set_default_timeout(30_000)
        self.context.on("console", lambda message: self.heard.append(message.text) if message.type == "error" else None)
        return self.context.new_page(), self.heard

    def __exit__(self, *_: object) -> None:
        self.context.close()


def _fetched(route: Route) -> tuple[APIResponse, dict[str, str]]:
    answer = route.fetch(max_redirects=0)
    return answer, dict(answer.headers)


def _is_post(route: Route) -> bool:
    return route.request.method == "POST"


def _with_form_action(route: Route) -> None:
    if _is_post(route):
        route.continue_()
        return
    answer, headers = _fetched(route)
    assert "form-action" not in headers["content-security-policy"]
    headers["content-security-policy"] += FORMS_STAY
    route.fulfill(response=answer, headers=headers)


def _held_answer(page: Page, demo: RunningDemo) -> tuple[str, dict[str, str]]:
    """Idris signs in at Okta without script, so that the answer stands in a page and is not sent."""
    steps.sign_in_with_sso(page, demo, IDRIS)
    if page.get_by_role("heading", name="Sign in to Okta").count():
        steps.answer(page, "Okta", IDRIS)
    heading(page, "Signing in to Ringline (Globex)")
    form = page.locator("form[action$='/acs']")
    hidden = form.locator("input[type=hidden]")
    fields = {
        hidden.nth(place).get_attribute("name") or "": hidden.nth(place).get_attribute("value") or ""
        for place in range(hidden.count())
    }
    return form.get_attribute("action") or "", fields


def _post_from_elsewhere(page: Page, action: str, fields: dict[str, str]) -> None:
    """A page of another site that sends a form as soon as it is opened."""
    inputs = "".join(f'<input type="hidden" name="{name}" value="{value}">' for name, value in fields.items())
    lure = f'<form method="post" action="{action}">{inputs}</form><script>document.forms[0].submit()</script>'
    page.route(ELSEWHERE, lambda route: route.fulfill(body=lure, content_type="text/html"))
    with page.expect_navigation(url=action):
        page.goto(ELSEWHERE)
    page.unroute(ELSEWHERE)


def _code_behind(refused: Page, admin: Page, demo: RunningDemo) -> str:
    """What the organization's admin finds under the reference of this error page."""
    steps.sign_in(admin, demo, NORA)
    admin.goto(f"{demo.url}/settings/attempts/{steps.reference_on(refused)}")
    return admin.locator("p.above code").inner_text()
