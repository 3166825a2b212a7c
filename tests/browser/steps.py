"""The steps of the brief's pages, as a person does them in a browser: by labels, buttons and links."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from ostiary.demo.people import OKTA_PASSWORD, ONELOGIN_PASSWORD, PRODUCT_PASSWORD
from tests.browser.started import RunningDemo

DANA, LENA = "dana.whitfield@acme.example", "lena.brandt@acme.example"
MARCUS, PRIYA = "marcus.oyelaran@acme.example", "priya.raman@acme.example"
NORA, IDRIS, TOMAS = "nora.feld@globex.example", "idris.kamau@globex.example", "tomas.lindqvist@globex.example"
PASSWORDS = {"Okta": OKTA_PASSWORD, "OneLogin": ONELOGIN_PASSWORD}
PORTALS = {"Okta": "/app/UserHome", "OneLogin": "/portal"}
REFERENCE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}")


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the product shows for the other side."""

    page: str
    """The address of the connection."""
    acs_url: str
    entity_id: str
    validator: str = ""


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What an admin copies out of the provider's console."""

    app: str
    """The address of the app in the console."""
    sso_url: str
    issuer: str
    certificate: str


def provider_url(demo: RunningDemo, provider: str) -> str:
    """Where this simulator answers."""
    return demo.simulator_url({"OneLogin": 1, "Okta": 2}[provider])


def press(page: Page, label: str) -> None:
    """Press the button that says exactly this."""
    page.get_by_role("button", name=label, exact=True).click()


def follow(page: Page, label: str) -> None:
    """Click the link that says exactly this."""
    page.get_by_role("link", name=label, exact=True).click()


def fill(page: Page, label: str, value: str) -> None:
    """Write into the field with exactly this label."""
    page.get_by_label(label, exact=True).fill(value)


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    """Wait for the one heading of a page to say this."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def sign_in(page: Page, demo: RunningDemo, email: str = DANA) -> None:
    """Sign in to the product with the password."""
    page.goto(f"{demo.url}/login")
    fill(page, "Email", email)
    fill(page, "Password", PRODUCT_PASSWORD)
    press(page, "Sign in")
    heading(page, re.compile("You are signed in as"))


def add_domain(page: Page, domain: str = "acme.example") -> tuple[str, str]:
    """Settings → Security → Domains: add it. Returns the name and the value of the record to set."""
    follow(page, "Security")
    page.get_by_role("navigation", name="Security").get_by_role("link", name="Domains").click()
    fill(page, "Domain", domain)
    press(page, "Add the domain")
    return shown(page, "The name of the record"), shown(page, "The value of the record")


def set_record(page: Page, demo: RunningDemo, record: tuple[str, str]) -> None:
    """At the company's DNS provider, which is a page of the demo here."""
    page.goto(f"{demo.simulator_url(3)}/dns")
    fill(page, "Name", record[0])
    fill(page, "Value", record[1])
    press(page, "Add the record")
    expect(page.get_by_text("The record is set.")).to_be_visible()


def shown(page: Page, name: str) -> str:
    """The value to copy that goes by this name."""
    return page.locator(f'output[aria-label="{name}"]').inner_text().strip()


def begin(page: Page, provider: str) -> Shown:
    """Step 1: Settings → Security → Single Sign-On, Enable SSO, SAML 2.0, the provider."""
    follow(page, "Security")
    # The first one is enabled; beside others it is added.
    page.get_by_role("link", name=re.compile("^(Enable SSO|Add a connection)$")).click()
    page.get_by_role("link", name=re.compile("SAML 2.0")).click()
    page.get_by_role("button", name=re.compile(f"^{provider}")).click()
    heading(page, f"Set Up {provider} SSO for Ringline")
    return Shown(
        page=page.url,
        acs_url=shown(page, "ACS URL"),
        entity_id=shown(page, "Entity ID"),
        validator=shown(page, "ACS URL Validator") if provider == "OneLogin" else "",
    )


def console(page: Page, demo: RunningDemo, provider: str) -> None:
    """Log into the provider's Admin Console."""
    page.goto(f"{provider_url(demo, provider)}/admin")
    heading(page, f"Log into the {provider} Admin Console")
    press(page, "Log in")
    expect(page.get_by_role("navigation", name="Console")).to_be_visible()


def applications(page: Page) -> None:
    """Applications → Applications, in a console."""
    navigation = page.get_by_role("navigation", name="Console")
    link = navigation.get_by_role("link", name="Applications")
    if not link.is_visible():
        navigation.locator("summary", has_text="Applications").click()
    link.click()
    heading(page, "Applications")


def create_okta_app(page: Page, given: Shown) -> str:
    """Step 2 of the Okta page, in the Okta Admin Console. Returns the address of the app."""
    applications(page)
    follow(page, "Create App Integration")
    page.get_by_label("SAML 2.0", exact=True).check()
    press(page, "Next")
    fill(page, "App name", "Ringline")
    press(page, "Next")
    fill(page, "Single sign-on URL", given.acs_url)
    fill(page, "Audience URI (SP Entity ID)", given.entity_id)
    page.get_by_label("Name ID format").select_option("EmailAddress")
    page.get_by_label("Application username").select_option("Okta username (email)")
    for place, (name, value) in enumerate(OKTA_STATEMENTS, start=1):
        attribute_statement(page, place=place, name=name, value=value)
    press(page, "Next")
    page.get_by_label("I'm an Okta customer adding an internal app").check()
    press(page, "Finish")
    return page.url.rpartition("/")[0]


OKTA_STATEMENTS = (("email", "user.email"), ("firstName", "user.firstName"), ("lastName", "user.lastName"))
ONELOGIN_PARAMETERS = (("email", "Email"), ("firstName", "First Name"), ("lastName", "Last Name"))


def attribute_statement(page: Page, *, place: int, name: str, value: str) -> None:
    """One line of Okta's Attribute Statements; asks for another line where there is none left."""
    row = page.get_by_role("group", name=f"Attribute statement {place}")
    if row.count() == 0:
        press(page, "Add Another")
    row.get_by_label("Name", exact=True).fill(name)
    row.get_by_label("Value", exact=True).fill(value)


def copy_from_okta(page: Page, app: str) -> Copied:
    """Step 3 of the Okta page, from the Sign On tab."""
    page.goto(app + "/general")
    follow(page, "Sign On")
    return Copied(
        app=app,
        sso_url=page.get_by_label("Identity Provider Single Sign-On URL").input_value(),
        issuer=page.get_by_label("Identity Provider Issuer").input_value(),
        certificate=page.get_by_label("X.509 Certificate", exact=True).input_value(),
    )


def assign_in_okta(page: Page, app: str, *people: str) -> None:
    """Step 5 of the Okta page: Assignments → Assign → Assign to People → Assign, Save and Go Back."""
    page.goto(app + "/general")
    follow(page, "Assignments")
    page.locator("summary", has_text="Assign").click()
    follow(page, "Assign to People")
    for email in people:
        follow(page, f"Assign {email}")
        press(page, "Save and Go Back")
    follow(page, "Done")


def create_onelogin_app(page: Page, given: Shown) -> str:
    """Steps 2 to 4 of the OneLogin page, in the OneLogin Admin Console. Returns the address of the app."""
    applications(page)
    follow(page, "Add App")
    fill(page, "Search for an application", "SAML Custom Connector (Advanced)")
    press(page, "Search")
    follow(page, "SAML Custom Connector (Advanced)")
    fill(page, "Display Name", "Ringline")
    press(page, "Save")
    follow(page, "Configuration")
    fill(page, "Audience (EntityID)", given.entity_id)
    fill(page, "ACS (Consumer) URL", given.acs_url)
    fill(page, "ACS URL Validator", given.validator)
    page.get_by_label("SAML nameID format").select_option("Email")
    press(page, "Save")
    follow(page, "Parameters")
    for name, value in ONELOGIN_PARAMETERS:
        onelogin_parameter(page, name=name, value=value)
    press(page, "Save")
    return page.url.rpartition("/")[0]


def onelogin_parameter(page: Page, *, name: str, value: str) -> None:
    """One custom parameter: the + icon, Field Name, Value, Include in SAML assertion, Save."""
    follow(page, "+ New parameter")
    fill(page, "Field Name", name)
    page.get_by_label("Include in SAML assertion").check()
    press(page, "Save")
    page.get_by_label("Value (OneLogin Field)").select_option(value)
    press(page, "Save")


def copy_from_onelogin(page: Page, app: str) -> Copied:
    """Step 5 of the OneLogin page, from the SSO tab."""
    page.goto(app + "/info")
    follow(page, "SSO")
    sso_url = page.get_by_label("SAML 2.0 Endpoint (HTTP)").input_value()
    issuer = page.get_by_label("Issuer URL").input_value()
    follow(page, "View Details")
    certificate = page.get_by_label("X.509 Certificate", exact=True).input_value()
    return Copied(app=app, sso_url=sso_url, issuer=issuer, certificate=certificate)


def assign_in_onelogin(page: Page, app: str, *people: str) -> None:
    """Step 7 of the OneLogin page: the Users tab, add the people, Save."""
    page.goto(app + "/info")
    follow(page, "Users")
    for email in people:
        page.get_by_label(re.compile(re.escape(email))).check()
    press(page, "Save")


def complete(page: Page, given: Shown, copied: Copied) -> None:
    """Complete Configuration: paste the three values, Save Configuration."""
    page.goto(given.page)
    fill(page, "SSO URL", copied.sso_url)
    fill(page, "Issuer / Entity ID", copied.issuer)
    page.get_by_role("textbox", name=re.compile("ertificate$")).fill(copied.certificate)
    press(page, "Save Configuration")
    expect(page.get_by_text("Test it next: nothing is turned on until a test has passed.")).to_be_visible()


def press_test_connection(page: Page) -> Page:
    """Press Test Connection; returns the second tab that it opens. This one goes on by itself."""
    with page.context.expect_page() as opened:
        press(page, "Test Connection")
    return opened.value


def has_followed(page: Page) -> None:
    """Wait for the tab where a test began to show its report: it goes there by itself, whatever is opened before."""
    expect(page.get_by_text(re.compile("^Test Connection passed")).first).to_be_visible()


def answer(page: Page, provider: str, email: str) -> None:
    """Sign in at the provider, whose page asks for it."""
    heading(page, f"Sign in to {provider}")
    fill(page, "Email", email)
    fill(page, "Password", PASSWORDS[provider])
    press(page, "Sign in")


def sign_in_with_sso(page: Page, demo: RunningDemo, email: str) -> None:
    """From the product: Sign in with SSO, the company email."""
    page.goto(f"{demo.url}/login")
    follow(page, "Sign in with SSO")
    fill(page, "Company email", email)
    press(page, "Sign in with SSO")


def set_up(
    admin: Page, console_tab: Page, demo: RunningDemo, provider: str, *, people: tuple[str, ...]
) -> tuple[Shown, Copied]:
    """All the steps of the brief's page for a signed-in admin with two tabs, short of the test."""
    given = begin(admin, provider)
    console(console_tab, demo, provider)
    if provider == "Okta":
        copied = copy_from_okta(console_tab, create_okta_app(console_tab, given))
        assign_in_okta(console_tab, copied.app, *people)
    else:
        copied = copy_from_onelogin(console_tab, create_onelogin_app(console_tab, given))
        assign_in_onelogin(console_tab, copied.app, *people)
    complete(admin, given, copied)
    return given, copied


def switch_fault(page: Page, demo: RunningDemo, provider: str, label: str, *, app: str = "Ringline") -> None:
    """On the simulator's Faults page: switch this one on, or off again."""
    page.goto(f"{provider_url(demo, provider)}/faults")
    switch = page.get_by_role("switch", name=f"{label} for {app}", exact=True)
    was_on = switch.get_attribute("aria-checked")
    switch.click()
    expect(switch).not_to_have_attribute("aria-checked", was_on or "")


def reference_on(page: Page) -> str:
    """The reference on a user's error page."""
    return page.locator(".reference dd").inner_text()


def upload(page: Page, label: str, file: Path) -> None:
    """Choose this file in the file field with this label."""
    page.get_by_label(label, exact=True).set_input_files(file)
