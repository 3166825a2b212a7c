"""Every page that a person can come to, and the way to it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.browser import steps
from tests.browser.office import Office
from tests.browser.steps import DANA, MARCUS, fill, follow, heading, press


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One page in one state. `signed_in` says in which tab it is looked at."""

    name: str
    go: Callable[[Page, Office], None]
    signed_in: bool = False


def at(path: str) -> Callable[[Page, Office], None]:
    """An address of the product."""
    return lambda page, office: _opened(page, office.demo.url + path)


def at_the_demo(path: str) -> Callable[[Page, Office], None]:
    """An address of the demo's own pages."""
    return lambda page, office: _opened(page, office.demo.simulator_url(3) + path)


def in_console(provider: str, path: str) -> Callable[[Page, Office], None]:
    """An address of a simulator; "{app}" is Ringline's."""

    def go(page: Page, office: Office) -> None:
        app = office.connections[provider][1].app
        address = app + path.removeprefix("{app}") if path.startswith("{app}") else None
        _opened(page, address or steps.provider_url(office.demo, provider) + path)

    return go


def _opened(page: Page, url: str) -> None:
    page.goto(url)


def _choose(page: Page, office: Office) -> None:
    steps.sign_in_with_sso(page, office.demo, DANA)
    heading(page, "Choose which SSO to log in with")


def _password_form_with_a_note(page: Page, office: Office) -> None:
    steps.sign_in_with_sso(page, office.demo, "somebody@nowhere.example")
    expect(page.get_by_label("Password")).to_be_visible()


def _email_with_an_error(page: Page, office: Office) -> None:
    steps.sign_in_with_sso(page, office.demo, "no address")
    expect(page.get_by_label("Company email")).to_have_attribute("aria-invalid", "true")


def _password_refused(page: Page, office: Office) -> None:
    page.goto(f"{office.demo.url}/login")
    fill(page, "Email", "nobody@acme.example")
    fill(page, "Password", "not this one")
    press(page, "Sign in")
    expect(page.get_by_role("alert")).to_be_visible()


def _mail_is_on_its_way(page: Page, office: Office) -> None:
    page.goto(f"{office.demo.url}/password/forgot")
    fill(page, "Email", "nobody@acme.example")
    press(page, "Send the link")
    heading(page, "Look into your mail")


def _users_error(page: Page, office: Office) -> None:
    with office.fault("Okta", "Wrong audience"):
        _choose(page, office)
        page.get_by_role("button", name=re.compile("^Okta")).click()
        if page.get_by_label("Password").count():
            steps.answer(page, "Okta", MARCUS)
        expect(page.locator(".reference")).to_be_visible()


def _connection(page: Page, office: Office) -> None:
    page.goto(office.connections["Okta"][0].page)


def _name_a_connection(page: Page, office: Office) -> None:
    _connection(page, office)
    follow(page, "Name this connection")
    fill(page, "Name", "OneLogin")
    press(page, "Save the name")
    expect(page.get_by_label("Name")).to_have_attribute("aria-invalid", "true")


def _connection_of_onelogin(page: Page, office: Office) -> None:
    page.goto(office.connections["OneLogin"][0].page)


def _connection_with_errors(page: Page, office: Office) -> None:
    _connection(page, office)
    fill(page, "SSO URL", office.connections["Okta"][1].issuer)
    fill(page, "Issuer / Entity ID", "")
    fill(page, "Replace the certificate", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----")
    press(page, "Save Configuration")
    expect(page.get_by_role("alert").first).to_contain_text("Not saved")


def _remove_domain(page: Page, office: Office) -> None:
    page.goto(f"{office.demo.url}/settings/security/domains")
    page.get_by_role("link", name="Remove").click()
    heading(page, "Remove acme.example?")


def _delete_connection(page: Page, office: Office) -> None:
    _connection(page, office)
    page.get_by_role("link", name="Delete this connection").click()


@contextmanager
def _nobody_assigned(office: Office) -> Iterator[None]:
    with office.fault("Okta", "Not assigned"):
        yield


def _test_waiting(page: Page, office: Office) -> None:
    with _nobody_assigned(office):
        _connection(page, office)
        steps.press_test_connection(page).close()
        heading(page, "Finish signing in to Okta in the other tab.")


def _test_silent(page: Page, office: Office) -> None:
    """The one that `_test_waiting` left, some time later."""
    page.goto(f"{office.demo.url}/settings/attempts?outcome=waiting")
    page.get_by_role("row").filter(has_text="Dana Whitfield").first.get_by_role("link").first.click()
    follow(page, "Open the test")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Okta has not answered"), timeout=60_000)


def _test_failed(page: Page, office: Office) -> None:
    with office.fault("Okta", "Trailing slash on the audience"):
        _tested(page, office)
    heading(page, re.compile("ends with a slash"))


def _test_passed(page: Page, office: Office) -> None:
    _tested(page, office)
    heading(page, "Okta and Ringline understand each other.")


def _test_with_findings(page: Page, office: Office) -> None:
    with office.fault("Okta", "Attributes not included"):
        _tested(page, office)
    expect(page.get_by_role("heading", name="Worth a look")).to_be_visible()


def _tested(page: Page, office: Office) -> None:
    _connection(page, office)
    second = steps.press_test_connection(page)
    second.get_by_text(re.compile("^Test Connection (failed|passed)")).wait_for()
    second.close()
    page.get_by_text(re.compile("^Test Connection (failed|passed)")).wait_for()


def _one_attempt(page: Page, office: Office) -> None:
    page.goto(f"{office.demo.url}/settings/attempts?outcome=refused")
    page.get_by_role("row").filter(has_text="Refused").first.get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Timeline")).to_be_visible()


def _simulators_answer(page: Page, office: Office) -> None:
    """With the script held back, the page that carries the answer stands still."""
    page.route("**/auto_post.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    _choose(page, office)
    page.get_by_role("button", name=re.compile("^Okta")).click()
    if page.get_by_label("Password").count():
        steps.answer(page, "Okta", MARCUS)
    heading(page, "Signing in to Ringline")


def _simulator_refuses(page: Page, office: Office) -> None:
    with office.fault("Okta", "Not assigned"):
        _choose(page, office)
        page.get_by_role("button", name=re.compile("^Okta")).click()
        if page.get_by_label("Password").count():
            steps.answer(page, "Okta", MARCUS)
        heading(page, "403 App Not Assigned")


def _portal(page: Page, office: Office) -> None:
    page.goto(f"{steps.provider_url(office.demo, 'Okta')}/")
    if page.get_by_label("Password").count():
        steps.answer(page, "Okta", MARCUS)
    heading(page, "My Apps")


PRODUCT = (
    Scene(name="sign-in", go=at("/login")),
    Scene(name="company-email", go=at("/login/sso")),
    Scene(name="company-email-with-an-error", go=_email_with_an_error),
    Scene(name="choose-which-sso", go=_choose),
    Scene(name="password-form-with-a-note", go=_password_form_with_a_note),
    Scene(name="password-refused", go=_password_refused),
    Scene(name="forgot-password", go=at("/password/forgot")),
    Scene(name="look-into-your-mail", go=_mail_is_on_its_way),
    Scene(name="set-password", go=at("/password/set?link=0")),
    Scene(name="users-error", go=_users_error),
    Scene(name="no-such-page", go=at("/nothing/here")),
    Scene(name="about-a-code", go=at("/problems/saml.audience_mismatch")),
    Scene(name="home", go=at("/"), signed_in=True),
    Scene(name="single-sign-on", go=at("/settings/security/single-sign-on"), signed_in=True),
    Scene(name="enable-sso", go=at("/settings/security/single-sign-on/new"), signed_in=True),
    Scene(name="choose-a-provider", go=at("/settings/security/single-sign-on/new?protocol=saml"), signed_in=True),
    Scene(name="settings", go=at("/settings"), signed_in=True),
    Scene(name="one-provider", go=at("/settings/security/single-sign-on/new?provider=google"), signed_in=True),
    Scene(name="guide-to-read", go=at("/settings/security/single-sign-on/guide?provider=entra"), signed_in=True),
    Scene(name="name-a-connection", go=_name_a_connection, signed_in=True),
    Scene(name="connection", go=_connection, signed_in=True),
    Scene(name="connection-of-onelogin", go=_connection_of_onelogin, signed_in=True),
    Scene(name="connection-with-errors", go=_connection_with_errors, signed_in=True),
    Scene(name="delete-connection", go=_delete_connection, signed_in=True),
    Scene(name="test-waiting", go=_test_waiting, signed_in=True),
    Scene(name="domains", go=at("/settings/security/domains"), signed_in=True),
    Scene(name="remove-domain", go=_remove_domain, signed_in=True),
    Scene(name="test-failed", go=_test_failed, signed_in=True),
    Scene(name="test-passed", go=_test_passed, signed_in=True),
    Scene(name="test-with-findings", go=_test_with_findings, signed_in=True),
    Scene(name="doctor", go=at("/settings/security/doctor"), signed_in=True),
    Scene(name="attempts", go=at("/settings/attempts"), signed_in=True),
    Scene(name="attempts-that-nothing-fits", go=at("/settings/attempts?q=nobody@nowhere.example"), signed_in=True),
    Scene(name="one-attempt", go=_one_attempt, signed_in=True),
    Scene(name="test-silent", go=_test_silent, signed_in=True),
)
"""The product's pages. `test-silent` is what `test-waiting` has become by then."""

AROUND = (
    Scene(name="demo-start", go=at_the_demo("/")),
    Scene(name="demo-mailbox", go=at_the_demo("/mail")),
    Scene(name="demo-dns", go=at_the_demo("/dns")),
    Scene(name="okta-answer", go=_simulators_answer),
    Scene(name="okta-not-assigned", go=_simulator_refuses),
    Scene(name="okta-portal", go=_portal),
    Scene(name="okta-sign-in", go=in_console("Okta", "/login")),
    Scene(name="okta-console-sign-in", go=in_console("Okta", "/admin")),
    *(
        Scene(
            name=f"{provider.lower()}-console{path.replace('{app}', '-app').replace('/', '-')}",
            signed_in=True,
            go=in_console(provider, path),
        )
        for provider, paths in (
            (
                "Okta",
                (
                    "/admin",
                    "/admin/apps",
                    "/admin/apps/new",
                    "/admin/people",
                    "/admin/groups",
                    "/faults",
                    "{app}/general",
                    "{app}/sign-on",
                    "{app}/assignments",
                    "{app}/edit/saml",
                    "{app}/assign/people",
                ),
            ),
            (
                "OneLogin",
                (
                    "/admin/apps/find",
                    "{app}/info",
                    "{app}/configuration",
                    "{app}/parameters",
                    "{app}/parameters/new",
                    "{app}/sso",
                    "{app}/access",
                    "{app}/users",
                ),
            ),
        )
        for path in paths
    ),
)
"""The pages of the demo and of the simulators."""
