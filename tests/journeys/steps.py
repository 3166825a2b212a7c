"""The steps of the brief's pages, as an admin does them page by page."""

from dataclasses import dataclass

from tests.journeys.walker import Walker
from tests.journeys.world import OKTA, ONELOGIN, PASSWORD, PRODUCT, World

DANA = "dana.whitfield@acme.example"


@dataclass(frozen=True, kw_only=True)
class Copied:
    """What an admin copies out of the provider's console."""

    sso_url: str
    issuer: str
    certificate: str
    app: str
    """The address of the app in the console."""


def begin(walker: Walker, provider: str) -> None:
    """Step 1: Settings → Security → Single Sign-On, Enable SSO, SAML 2.0, the provider."""
    walker.open(f"{PRODUCT}/").follow("Security")
    follow_to_a_new_connection(walker).follow("S2SAML 2.0…").press(f"{provider}…")


def follow_to_a_new_connection(walker: Walker) -> Walker:
    """The main button of the Single Sign-On page: its name says whether there is a connection already."""
    return walker.follow("Enable SSO" if "Enable SSO" in walker.text else "Add a connection")


def create_okta_app(walker: Walker, *, acs_url: str, entity_id: str, names: tuple[str, ...] = ()) -> Copied:
    """Steps 2 and 3 of the Okta page, in the Okta Admin Console."""
    walker.open(f"{OKTA}/admin")
    if "Log in" in walker.text:
        walker.press("Log in")
    walker.open(f"{OKTA}/admin/apps").follow("Create App Integration").press("Next", method="saml2")
    walker.press("Next", name="Ringline")
    names = names or ("email", "firstName", "lastName")
    for _ in names:
        walker.press("Add Another", acs_url=acs_url, audience=entity_id)
    rows = len(walker.document.xpath("//input[@name='attribute_name']")) - len(names)
    walker.press(
        "Next",
        acs_url=acs_url,
        audience=entity_id,
        name_id_format="EmailAddress",
        user_name="Okta username (email)",
        attribute_name=[*names, *[""] * rows],
        attribute_value=["user.email", "user.firstName", "user.lastName", *[""] * rows],
    )
    walker.press("Finish", role="customer")
    app = "/".join(walker.url.split("/")[:6])
    walker.open(f"{app}/sign-on")
    return Copied(
        sso_url=walker.field("Identity Provider Single Sign-On URL"),
        issuer=walker.field("Identity Provider Issuer"),
        certificate=walker.field("X.509 Certificate"),
        app=app,
    )


def assign_in_okta(walker: Walker, app: str, email: str) -> None:
    """Step 5 of the Okta page: Assignments → Assign → Assign to People → Assign, Save and Go Back."""
    walker.open(f"{app}/assignments").follow("Assign to People").follow(f"Assign {email}").press("Save and Go Back")


def create_onelogin_app(walker: Walker, *, acs_url: str, entity_id: str, validator: str) -> Copied:
    """Steps 2 to 5 of the OneLogin page, in the OneLogin Admin Console."""
    walker.open(f"{ONELOGIN}/admin")
    if "Log in" in walker.text:
        walker.press("Log in")
    walker.open(f"{ONELOGIN}/admin/apps").follow("Add App").press("Search", q="SAML Custom Connector (Advanced)")
    walker.follow("SAML Custom Connector (Advanced)").press("Save", name="Ringline")
    app = "/".join(walker.url.split("/")[:6])
    walker.open(f"{app}/configuration").press(
        "Save", audience=entity_id, acs_url=acs_url, acs_validator=validator, name_id_format="Email"
    )
    for name, value in (("email", "Email"), ("firstName", "First Name"), ("lastName", "Last Name")):
        walker.open(f"{app}/parameters").follow("+ New parameter").press("Save", name=name, included="yes")
        walker.press("Save", value=value)
    walker.open(f"{app}/sso")
    sso_url, issuer = walker.field("SAML 2.0 Endpoint (HTTP)"), walker.field("Issuer URL")
    walker.follow("View Details")
    return Copied(sso_url=sso_url, issuer=issuer, certificate=walker.field("X.509 Certificate"), app=app)


def complete(walker: Walker, page: str, copied: Copied, *, role: str = "member") -> None:
    """Complete Configuration: the three values, the Default Role, Save Configuration."""
    walker.open(page).press(
        "Save Configuration",
        sso_url=copied.sso_url,
        idp_entity_id=copied.issuer,
        certificate=copied.certificate,
        default_role=role,
    )


def answer(walker: Walker, email: str = DANA) -> None:
    """At the identity provider: sign in where it asks, and come back."""
    if walker.title.startswith("Sign in to"):
        walker.press("Sign in", email=email, password=PASSWORD)
    walker.press("Continue to Ringline")


def okta_ready(world: World, *, assigned: tuple[str, ...] = (DANA,)) -> tuple[Walker, str, Copied]:
    """Acme with a verified domain, Okta set up and assigned, the test not run yet. Returns admin, page and values."""
    admin = world.signed_in()
    world.verify_domain(admin)
    begin(admin, "Okta")
    page = admin.url
    copied = create_okta_app(admin, acs_url=admin.value_of("ACS URL"), entity_id=admin.value_of("Entity ID"))
    for email in assigned:
        assign_in_okta(admin, copied.app, email)
    complete(admin, page, copied)
    return admin, page, copied


def okta_enabled(world: World, *, assigned: tuple[str, ...] = (DANA,)) -> tuple[Walker, str, Copied]:
    """The same, with a passed test: enabled. Returns admin, page and values."""
    admin, page, copied = okta_ready(world, assigned=assigned)
    admin.open(page).press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text, admin.text
    return admin, page, copied


def onelogin_enabled(world: World, *, assigned: tuple[str, ...] = (DANA,)) -> tuple[Walker, str, Copied]:
    """Acme with a verified domain, and OneLogin with a passed test. Returns admin, page and values."""
    admin = world.signed_in()
    world.verify_domain(admin)
    begin(admin, "OneLogin")
    page = admin.url
    copied = create_onelogin_app(
        admin,
        acs_url=admin.value_of("ACS URL"),
        entity_id=admin.value_of("Entity ID"),
        validator=admin.value_of("ACS URL Validator"),
    )
    app = next(app for name, app in world.onelogin.saml_apps() if name == "Ringline")
    for email in assigned:
        world.onelogin.assign(app, world.onelogin.add_user(email, first_name="", last_name="", password=""))
    complete(admin, page, copied)
    admin.press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text, admin.text
    return admin, page, copied


def sign_in_with_sso(walker: Walker, email: str) -> Walker:
    """From the product: Sign in with SSO, the company email."""
    walker.open(f"{PRODUCT}/login").follow("Sign in with SSO")
    return walker.press("Sign in with SSO", email=email)
