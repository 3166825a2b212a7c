"""The page "Set Up Okta SSO" of the brief, step by step in its order, as admin and as user."""

from tests.journeys.walker import Walker
from tests.journeys.world import OKTA, PASSWORD, PRODUCT, World


def set_up_in_okta(walker: Walker, *, acs_url: str, entity_id: str) -> dict[str, str]:
    """Steps 2 and 3 of the page, in the console: the app is made, and what the product needs is copied."""
    walker.open(f"{OKTA}/admin").press("Log in")
    walker.open(f"{OKTA}/admin/apps").follow("Create App Integration").press("Next", method="saml2")
    walker.press("Next", name="Ringline")
    walker.press(
        "Next",
        acs_url=acs_url,
        audience=entity_id,
        name_id_format="EmailAddress",
        user_name="Okta username (email)",
    )
    return {}


def test_the_thinnest_sign_in_works(world: World) -> None:
    """From the button to the page that says who is signed in, over real signatures."""
    admin = world.signed_in()
    world.verify_domain(admin)
    admin.open(f"{PRODUCT}/settings/security/single-sign-on").follow("Enable SSO").follow(
        "SAML 2.0Okta, OneLogin, or any other"
    )
