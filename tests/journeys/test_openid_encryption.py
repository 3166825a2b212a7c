"""ID tokens that arrive encrypted: both consoles are set to it, our key changes, and what goes wrong is explained."""

import json
import re
from dataclasses import replace

import pytest

from ostiary.domain.connection import urls
from ostiary.simulator import OidcFault
from tests.journeys.openid import Office, open_office
from tests.journeys.steps import DANA, sign_in_with_sso
from tests.journeys.world import PASSWORD, PRODUCT, World

ALGORITHM = "ID token encryption key management algorithm"
CONTENT = "ID token encryption content encryption algorithm"
MARCUS = "marcus.oyelaran@acme.example"
PASSED = "Test Connection passed"


@pytest.fixture
def office(world: World) -> Office:
    """Acme at a Keycloak that encrypts to the key that we publish for it."""
    made = open_office(world, "keycloak")
    made.admin.open(made.page).press("Save Configuration", files=None, wants_encryption="yes", creates_accounts="yes")
    assert "Saved." in made.admin.text, made.admin.text
    hand_over(made)
    encrypt(made, "RSA-OAEP-256", "A256GCM")
    made.simulator.add_user(MARCUS, first_name="Marcus", last_name="Oyelaran", password=PASSWORD)
    return made


def hand_over(office: Office) -> list[str]:
    """Keycloak has the keys that we publish now. Their names, by what they are for."""
    published = office.world.walker().open(urls(PRODUCT, office.connection_id).keys_url).response.text
    office.simulator.oidc.change_app(office.app, lambda app: replace(app, jwks=published))
    return [f"{key['use']} {key['kid']}" for key in json.loads(published)["keys"]]


def encrypt(office: Office, algorithm: str, content: str) -> None:
    """Advanced, at the client in Keycloak's console."""
    console = office.world.walker().open(f"{office.simulator.base_url}/admin")
    if "Log in" in console.text:
        console.press("Log in")
    console.open(f"{office.simulator.base_url}/admin/oidc/{office.app.id}/advanced")
    console.press("Save", encryption_algorithm=algorithm, encryption_content=content)


def lines(office: Office) -> str:
    """The report as text, in one line."""
    return re.sub(r"\s+", " ", office.admin.text)


@pytest.mark.parametrize(("algorithm", "content"), [("RSA-OAEP", "Choose..."), ("RSA-OAEP-256", "A256GCM")])
def test_the_report_tells_that_a_token_was_opened_and_shows_what_is_inside(
    office: Office, algorithm: str, content: str
) -> None:
    """Where Keycloak chooses nothing for the content, it is A128CBC-HS256."""
    encrypt(office, algorithm, content)
    report = office.test()
    assert PASSED in report.text, report.text
    usual = "A128CBC-HS256" if content == "Choose..." else content
    assert f"Encrypted to a key of ours, and opened {algorithm}, {usual}, " in lines(office)
    assert DANA in report.text


def test_a_change_of_our_key_loses_no_sign_in(office: Office) -> None:
    assert PASSED in office.test().text
    keys, admin = f"{office.page}/keys", office.admin
    before = hand_over(office)
    admin.open(keys).press("Prepare the next key")
    assert signs_in(office)
    admin.open(keys).press("Switch to the next key")
    assert signs_in(office)
    after = hand_over(office)
    assert {name for name in before if name.startswith("enc")}.isdisjoint(after)
    assert signs_in(office)
    admin.open(keys).follow("Remove the previous key").press("Remove the previous key")
    assert signs_in(office)


def test_an_encrypted_token_is_refused_by_the_switch_that_is_off(office: Office) -> None:
    box = {"advanced": "yes", "wants_encryption": ""}
    office.admin.open(office.page).press("Save Configuration", files=None, **box)
    report = office.test().text
    assert "oidc.token_encrypted" in report
    assert "Keycloak has sent an encrypted ID token. This connection takes plain ones." in report
    assert "Advanced → ID tokens arrive encrypted" in report


def test_a_plain_token_is_refused_by_the_switch_that_is_on(office: Office) -> None:
    encrypt(office, "Choose...", "Choose...")
    report = office.test().text
    assert "oidc.token_not_encrypted" in report
    assert ALGORITHM in report
    assert CONTENT in report


def test_what_is_inside_is_judged_and_shown_as_if_it_had_come_plain(office: Office) -> None:
    assert PASSED in office.test().text
    with office.fault(OidcFault.WRONG_AUDIENCE):
        assert not signs_in(office)
    reference = office.admin.open(f"{PRODUCT}/settings/attempts").document.xpath("//tbody//code/text()")[0]
    story = office.admin.open(f"{PRODUCT}/settings/attempts/{reference}").text
    assert "oidc.audience_mismatch" in story
    assert '"enc": "A256GCM"' in story
    assert MARCUS in story


def test_the_old_key_that_keycloak_still_holds_is_named_once_it_was_removed(office: Office) -> None:
    keys, admin = f"{office.page}/keys", office.admin
    admin.open(keys).press("Prepare the next key")
    admin.open(keys).press("Switch to the next key")
    admin.open(keys).follow("Remove the previous key").press("Remove the previous key")
    report = office.test().text
    assert "oidc.encryption_key_unknown" in report
    assert "Use JWKS URL" in report


def signs_in(office: Office) -> bool:
    """Whether Marcus comes in, in a browser of his own."""
    walker = office.at_the_provider(sign_in_with_sso(office.world.walker(), MARCUS), email=MARCUS)
    return walker.title == "You are signed in as Marcus Oyelaran"
