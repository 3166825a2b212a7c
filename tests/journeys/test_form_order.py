"""The form asks in the order of the guide beside it."""

import pytest

from tests.journeys.world import PRODUCT, World

SSO = f"{PRODUCT}/settings/security/single-sign-on"


@pytest.mark.parametrize(
    ("provider", "begins_with_metadata"),
    [("Okta", False), ("OneLogin", False), ("Microsoft Entra ID", True), ("Google Workspace", True)],
)
def test_what_the_guide_says_first_is_asked_first(world: World, provider: str, begins_with_metadata: bool) -> None:
    admin = world.signed_in()
    admin.open(f"{SSO}/new?protocol=saml").press(f"{provider}…")
    names = admin.document.xpath("//form[@id='configuration']//input/@name")
    assert (names.index("metadata_url") < names.index("sso_url")) is begins_with_metadata
    assert bool(admin.document.xpath("//details[.//input[@name='metadata_url']]/@open")) is begins_with_metadata
