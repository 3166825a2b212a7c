"""Encrypted answers, and our own keys: what an admin sets on both sides, and a change of the key in between."""

from datetime import timedelta
from typing import Any

from lxml import etree

from ostiary.kernel.ids import ConnectionId
from ostiary.services.saml.decryption import MOST_FAILURES
from tests.journeys.steps import DANA, Copied, answer, okta_enabled, onelogin_enabled, sign_in_with_sso
from tests.journeys.walker import Walker
from tests.journeys.world import PRODUCT, World

MARCUS = "marcus.oyelaran@acme.example"
SIGNED_IN = "You are signed in as Marcus Oyelaran"
_HOUR = timedelta(hours=1)
BEGIN = "-----BEGIN CERTIFICATE-----"


def our_certificate(admin: Walker, page: str, which: str = "current") -> str:
    """What an admin copies from the page of our keys."""
    return admin.open(f"{page}/keys").value_of(f"The certificate of the {which} key")


def encrypt_in_okta(admin: Walker, copied: Copied, certificate: str, **settings: Any) -> None:
    """General → SAML Settings → Edit → Show Advanced Settings → Assertion Encryption."""
    admin.open(f"{copied.app}/edit/saml").press(
        "Next", encryption="Encrypted", encryption_certificate=certificate, **settings
    )
    admin.press("Finish", role="customer")


def comes_in(world: World) -> Walker:
    """Marcus, in a new browser."""
    user = sign_in_with_sso(world.walker(), MARCUS)
    answer(user, MARCUS)
    return user


def refused_with(world: World, admin: Walker) -> str:
    """The code that the admin finds for Marcus's newest attempt."""
    world.pass_time(seconds=1)
    user = comes_in(world)
    assert user.title != SIGNED_IN
    admin.open(f"{PRODUCT}/settings/attempts").follow(MARCUS)
    return next(code for code in admin.text.split() if code.startswith("saml."))


def published(admin: Walker, page: str, *, use: str = "signing") -> list[str]:
    """The certificates for this use in our metadata, in their order."""
    connection = page.rpartition("/")[2]
    metadata = etree.fromstring(admin.walk_aside(f"{PRODUCT}/saml/{connection}").encode())
    keys = metadata.findall(f".//{{*}}KeyDescriptor[@use='{use}']")
    return [(key.findtext(".//{*}X509Certificate") or "").strip() for key in keys]


def in_one_line(certificate: str) -> str:
    """The certificate as it stands in metadata."""
    return "".join(line for line in certificate.splitlines() if not line.startswith("-"))


def test_an_answer_that_is_encrypted_is_read(world: World) -> None:
    """By AES-GCM at once; by CBC only where an admin has put up with it."""
    admin, page, copied = okta_enabled(world, assigned=(DANA, MARCUS))
    certificate = our_certificate(admin, page)
    assert certificate.startswith(BEGIN)
    encrypt_in_okta(admin, copied, certificate, encryption_algorithm="AES256-GCM")
    assert comes_in(world).title == SIGNED_IN
    encrypt_in_okta(admin, copied, certificate, encryption_algorithm="AES256-CBC")
    assert refused_with(world, admin) == "saml.encryption_refused"
    admin.open(page).press("Save Configuration", allowance="allow_cbc")
    admin.press("Test Connection")
    answer(admin)
    assert "Test Connection passed" in admin.text
    assert comes_in(world).title == SIGNED_IN


def test_a_key_to_encrypt_to_is_offered_where_an_admin_says_so(world: World) -> None:
    """AD FS and Shibboleth encrypt as soon as they see one, so that nobody is given it unasked."""
    admin, page, _ = okta_enabled(world)
    assert published(admin, page, use="encryption") == []
    admin.open(page).press("Save Configuration", wants_encryption="yes")
    assert published(admin, page, use="encryption") == published(admin, page) != []
    admin.open(f"{page}/keys").press("Prepare the next key")
    assert published(admin, page, use="encryption") == published(admin, page)
    assert len(published(admin, page)) == 2


def test_onelogin_encrypts_with_the_key_inside(world: World) -> None:
    """Its console offers no GCM, so the connection has to allow CBC."""
    admin, page, copied = onelogin_enabled(world)
    certificate = our_certificate(admin, page)
    admin.open(f"{copied.app}/configuration").press(
        "Save", encrypts_assertion="yes", encryption_algorithm="AES-256-CBC", encryption_certificate=certificate
    )
    admin.open(page).press("Save Configuration", allowance="allow_cbc")
    answer(admin.press("Test Connection"))
    assert "Test Connection passed" in admin.text


def test_a_change_of_our_key_loses_no_sign_in(world: World) -> None:
    """What was encrypted to the old key is opened at every step, until an admin removes it, knowing what follows."""
    admin, page, copied = okta_enabled(world, assigned=(DANA, MARCUS))
    old = our_certificate(admin, page)
    encrypt_in_okta(admin, copied, old, encryption_algorithm="AES256-GCM")
    assert published(admin, page) == [in_one_line(old)]
    under_way = sign_in_with_sso(world.walker(), MARCUS)
    admin.open(f"{page}/keys").press("Prepare the next key")
    assert "Prepared. The next key is published." in admin.text
    new = our_certificate(admin, page, "next")
    assert published(admin, page) == [in_one_line(old), in_one_line(new)]
    assert comes_in(world).title == SIGNED_IN
    admin.open(f"{page}/keys").press("Switch to the next key")
    assert "Switched. The new key signs now." in admin.text
    assert our_certificate(admin, page) == new
    assert published(admin, page) == [in_one_line(new)]
    answer(under_way, MARCUS)
    assert under_way.title == SIGNED_IN
    assert comes_in(world).title == SIGNED_IN
    encrypt_in_okta(admin, copied, new)
    assert comes_in(world).title == SIGNED_IN
    admin.open(f"{page}/keys").follow("Remove the previous key").press("Remove the previous key")
    assert "Removed. One key is left" in admin.text
    assert comes_in(world).title == SIGNED_IN
    encrypt_in_okta(admin, copied, old)
    assert refused_with(world, admin) == "saml.decryption_failed"


def test_a_step_that_is_done_is_not_done_again(world: World) -> None:
    """Two tabs of an admin, or two admins: the slower one is told."""
    admin, page, _ = okta_enabled(world)
    slower = admin.open(f"{page}/keys").twin()
    admin.press("Prepare the next key")
    slower.press("Prepare the next key")
    assert "Nothing was changed. The keys had changed since the page was opened." in slower.text
    trail = [event.action for event in _audit(world) if event.action.startswith("connection.key")]
    assert trail == ["connection.key_prepared"]


def _audit(world: World):
    with world.store.read() as tx:
        return tx.audit.page(limit=50, organization_id=world.acme.id)


def test_a_certificate_can_be_downloaded(world: World) -> None:
    """For a provider that takes a file; a role that has no key is told as such."""
    admin, page, _ = okta_enabled(world)
    shown = our_certificate(admin, page)
    admin.follow("Download the certificate")
    assert admin.response.text == shown
    assert admin.response.headers["content-disposition"].endswith('-current.pem"')
    assert admin.open(f"{page}/keys/previous/certificate").status == 404
    assert admin.open(f"{page}/keys/remove").url == f"{page}/keys"


def test_another_organizations_keys_are_unknown(world: World) -> None:
    admin, page, _ = okta_enabled(world)
    stranger = world.services.organizations.add("globex", name="Globex", owner_email="hank@globex.example")
    world.add_account("sly.cooper@globex.example", role=stranger.owner.role, organization=stranger.organization)
    other = world.signed_in("sly.cooper@globex.example")
    assert other.open(f"{page}/keys").status == 404
    assert other.post(f"{page}/keys/prepare", b"").status == 404
    assert "Prepare the next key" in admin.open(f"{page}/keys").text


def test_guessing_at_ciphertexts_is_held_up(world: World) -> None:
    """After many that could not be opened, CBC without a signature around it waits; what is safe goes on."""
    admin, page, copied = okta_enabled(world, assigned=(DANA, MARCUS))
    certificate = our_certificate(admin, page)
    admin.open(page).press("Save Configuration", allowance="allow_cbc")
    encrypt_in_okta(admin, copied, certificate, encryption_algorithm="AES256-CBC", response="Unsigned")
    admin.open(page).press("Test Connection")
    answer(admin)
    assert comes_in(world).title == SIGNED_IN
    connection = world.services.connections.view(
        ConnectionId(page.rpartition("/")[2]), organization_id=world.acme.id
    ).connection
    encrypt_in_okta(admin, copied, _somebody_elses(admin, copied))
    for _ in range(2):
        assert refused_with(world, admin) == "saml.decryption_failed"
    with world.store.write() as tx:
        assert tx.throttle.count(f"decryption/{connection.id}", now=world.clock.now()) == 2
        for _ in range(MOST_FAILURES - 2):
            tx.throttle.hit(f"decryption/{connection.id}", window=_HOUR, now=world.clock.now())
    encrypt_in_okta(admin, copied, certificate)
    assert refused_with(world, admin) == "saml.decryption_paused"
    encrypt_in_okta(admin, copied, certificate, response="Signed")
    assert comes_in(world).title == SIGNED_IN
    encrypt_in_okta(admin, copied, certificate, response="Unsigned", encryption_algorithm="AES256-GCM")
    assert comes_in(world).title == SIGNED_IN
    encrypt_in_okta(admin, copied, certificate, encryption_algorithm="AES256-CBC")
    world.pass_time(minutes=61)
    assert comes_in(world).title == SIGNED_IN


def _somebody_elses(admin: Walker, copied: Copied) -> str:
    """A certificate whose key is not ours: the provider's own."""
    return admin.open(f"{copied.app}/sign-on").field("X.509 Certificate")
