"""What a visitor of the demo finds: Globex signs in at once, mail arrives, and the start page says what is true."""

import re

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.steps import DANA, NORA, TOMAS, fill, follow, heading, press


def test_globex_signs_in_from_the_product(demo, page: Page, screenshot) -> None:
    """The first walk of the start page, link by link, with the words that stand there."""
    page.goto(demo.simulator_url(3))
    screenshot(page, "start-page-of-the-demo")
    walk = page.get_by_role("region", name="See one sign-in")
    values = walk.locator("code").all_inner_texts()
    assert values == [NORA, "okta-demo", TOMAS, "okta-demo"]
    follow(page, "Ringline's sign-in page")
    fill(page, "Company email", values[0])
    press(page, "Sign in with SSO")
    heading(page, "Sign in to Okta")
    fill(page, "Email", values[0])
    fill(page, "Password", values[1])
    press(page, "Sign in")
    heading(page, "You are signed in as Nora Feld")


def test_globex_signs_in_by_the_tile_and_a_newcomer_gets_an_account(demo, page: Page) -> None:
    """The second walk: Tomas had no account, and is a member afterwards."""
    page.goto(demo.simulator_url(3))
    page.get_by_role("main").get_by_role("link", name="Okta's portal").click()
    steps.answer(page, "Okta", TOMAS)
    page.get_by_role("link", name="Ringline (Globex)").click()
    heading(page, "Continue as Tomas Lindqvist?")
    press(page, "Continue as Tomas Lindqvist")
    heading(page, "You are signed in as Tomas Lindqvist")
    expect(page.get_by_role("main").get_by_role("listitem").filter(has_text="Role")).to_contain_text("Member")


def test_the_start_page_leads_to_every_step_of_its_walks(demo, page: Page) -> None:
    """Its links answer, its passwords are right, and what it calls a page or a button is there by that name."""
    page.goto(demo.simulator_url(3))
    links = page.get_by_role("link").evaluate_all("links => links.map(link => link.href)")
    for link in sorted({link for link in links if "#" not in link}):
        answered = page.request.get(link)
        assert answered.ok, f"{link}: {answered.status}"

    steps.sign_in(page, demo, DANA)
    page.goto(demo.simulator_url(3))
    page.get_by_role("link", name="Settings → Security → Single Sign-On").first.click()
    heading(page, "Single Sign-On")
    expect(page.get_by_text("Ringline Business plan")).to_be_visible()
    expect(page.get_by_role("link", name="Enable SSO")).to_be_visible()
    page.goto(demo.simulator_url(3))
    page.get_by_role("link", name="Account → Settings → Single Sign-on").first.click()
    heading(page, "Single Sign-On")
    expect(page.get_by_role("switch", name=re.compile("Enable Google"))).to_be_visible()
    page.goto(demo.simulator_url(3))
    follow(page, "break-glass owner")
    heading(page, "Break-glass access")
    for provider in ("OneLogin", "Okta"):
        steps.console(page, demo, provider)
        page.goto(f"{steps.provider_url(demo, provider)}/login")
        steps.answer(page, provider, DANA)
        expect(page.get_by_text(f"No applications are assigned to {DANA}.")).to_be_visible()


def test_a_password_is_set_anew_by_the_link_in_the_mailbox(demo, page: Page, screenshot) -> None:
    """Forgot your password?, the mail, the link, a new password, signed in; the link works once."""
    page.goto(f"{demo.simulator_url(3)}/mail")
    heading(page, "Mailbox")
    follow(page, "Ask for a new password")
    fill(page, "Email", steps.LENA)
    press(page, "Send the link")
    heading(page, "Look into your mail")
    screenshot(page, "look-into-your-mail")

    page.goto(f"{demo.simulator_url(3)}/mail")
    mail = page.get_by_role("row").filter(has_text=steps.LENA).get_by_role("link")
    _wait_for_mail(page)
    screenshot(page, "mailbox-of-the-demo")
    mail.first.click()
    screenshot(page, "mail-with-the-link")
    link = page.get_by_role("region", name="Text of the mail").get_by_role("link")
    address = link.get_attribute("href") or ""
    link.click()
    heading(page, "Set your password")
    fill(page, "New password", "short")
    press(page, "Set the password")
    expect(page.get_by_label("New password")).to_have_attribute("aria-invalid", "true")
    screenshot(page, "password-too-short")
    fill(page, "New password", "a sentence is easy to remember")
    press(page, "Set the password")
    heading(page, "You are signed in as Lena Brandt")

    page.context.clear_cookies()
    page.goto(address)
    fill(page, "New password", "another sentence is as easy")
    press(page, "Set the password")
    heading(page, "This link was used before, or is too old")


def _wait_for_mail(page: Page) -> None:
    """It takes a second: load the page again until it is there."""
    for _ in range(80):
        if page.get_by_role("row").filter(has_text=steps.LENA).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("No mail arrived within 40 seconds.")
