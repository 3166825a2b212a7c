"""What an admin saves, by mistake or in malice, breaks no sign-in and reaches nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ostiary.domain.checkup import read_sso_url
from ostiary.domain.connection import urls
from ostiary.domain.errors import DomainRecordMissing, DomainTaken, SsoUrlUnreadable
from ostiary.domain.organization import Organization, Plan
from ostiary.kernel.ids import ConnectionId
from ostiary.outbound.errors import NoSuchName
from ostiary.services.audit_trail import SERVER, Actor
from ostiary.services.connection_form import MOST_CERTIFICATES, SaveSaml
from ostiary.services.connections import NotSaved, Saved
from tests.journeys.world import NOW, PRODUCT, World
from tests.security.attacker import Browser, connect, departed, verify_domain
from tests.vectors.message import SSO_URL
from tests.vectors.vector import pem

OWN = urls(PRODUCT, ConnectionId("c1"))


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("https://idp.example/\u65e5?a=\u00fc", "https://idp.example/%E6%97%A5?a=%C3%BC"),
        ("https://b\u00fccher.example:8443/x", "https://xn--bcher-kva.example:8443/x"),
        ("https://idp.example/%E6%97%A5?x=%zz", "https://idp.example/%E6%97%A5?x=%zz"),
    ],
)
def test_an_sso_url_of_any_script_can_be_sent_to(world: World, typed: str, sent: str) -> None:
    """It was saved, passed no header, and every sign-in of the organization broke."""
    connection = connect(world, world.acme, world.dana)
    saved = world.services.connections.save(
        connection.id,
        SaveSaml(sso_url=typed, idp_entity_id="x", certificate=pem("idp")),
        organization=world.acme,
        actor=Actor.of(world.dana, client_address=""),
    )
    assert isinstance(saved, Saved)
    with world.store.write() as tx:
        tx.connections.mark_tested(
            connection.id, organization_id=world.acme.id, number=2, at=world.clock.now(), by=world.dana.id
        )
    response = Browser(world).post("/login/connection", connection=connection.id)
    assert response.headers["location"].startswith(sent)
    assert departed(response).request_id


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)//https://x",
        "data:text/html,x",
        "https://x\r\nSet-Cookie: a=b",
        "//idp.example/sso",
        "https://user@idp.example/",
        "https://idp.example\\@evil.example/",
        "http://idp.example/sso",
        "https://\u00ad/sso",
    ],
)
def test_an_sso_url_that_leads_elsewhere_is_not_saved(typed: str) -> None:
    with pytest.raises(SsoUrlUnreadable):
        read_sso_url(typed, issuer="x", own=OWN)


def test_no_role_above_admin_comes_from_a_form(world: World) -> None:
    connection = connect(world, world.acme, world.dana)
    for role in ("owner", "Owner", "OWNER", " owner", "root", ""):
        form = SaveSaml(sso_url=SSO_URL, idp_entity_id="x", certificate=pem("idp"), default_role=role)
        saved = world.services.connections.save(connection.id, form, organization=world.acme, actor=SERVER)
        assert isinstance(saved, NotSaved), role


def test_few_certificates_are_pinned(world: World) -> None:
    """Every answer, of anybody, is tried with each of them, and all tenants wait meanwhile."""
    connection = connect(world, world.acme, world.dana)
    key = ec.generate_private_key(ec.SECP256R1())
    many = b"".join(a_certificate(key, number) for number in range(1, MOST_CERTIFICATES + 2))
    metadata = (
        b'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x">'
        b'<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        b'<md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
        b"<ds:X509Certificate>" + many + b"</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        b'<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"'
        b' Location="https://idp.example/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>'
    )
    for form in (
        SaveSaml(sso_url=SSO_URL, idp_entity_id="x", certificate=many, confirms_expired=True),
        SaveSaml(metadata=metadata, confirms_expired=True),
    ):
        saved = world.services.connections.save(connection.id, form, organization=world.acme, actor=SERVER)
        assert isinstance(saved, NotSaved)
        assert [problem.refusal.facts() for problem in saved.problems] == [{"detail": "too many"}]


def a_certificate(key: ec.EllipticCurvePrivateKey, number: int) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(number).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=9))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


# --- domains -------------------------------------------------------------------------------------


@pytest.fixture
def mallory(world: World) -> Organization:
    return world.services.organizations.add(
        "mallory", name="Mallory", owner_email="m@mallory.example", plan=Plan.BUSINESS
    ).organization


def claim(world: World, organization: Organization, domain: str) -> tuple[str, str, str]:
    claimed = world.services.domains.add(domain, organization_id=organization.id, actor=SERVER)
    return claimed.id, claimed.record_name, claimed.record_value


def check(world: World, organization: Organization, domain_id: str) -> None:
    world.services.domains.check(domain_id, organization_id=organization.id, actor=SERVER)  # type: ignore[arg-type]


def test_the_challenge_of_one_organization_proves_nothing_for_another(world: World, mallory: Organization) -> None:
    """The TXT record of a domain is public: whoever reads it must not be able to use it."""
    _, name, value = claim(world, world.acme, "acme.example")
    theirs, _, _ = claim(world, mallory, "acme.example")
    world.dns.set_txt(name, [value])
    with pytest.raises(DomainRecordMissing):
        check(world, mallory, theirs)


@pytest.mark.parametrize(
    "written",
    [
        lambda value: value.upper(),
        lambda value: value + "x",
        lambda value: f"x{value}",
        lambda value: f'"{value}"',
        lambda value: value.partition("=")[2],
        lambda value: value[:-1],
    ],
)
def test_a_record_that_is_almost_right_proves_nothing(
    world: World, mallory: Organization, written: Callable[[str], str]
) -> None:
    domain_id, name, value = claim(world, mallory, "acme.example")
    world.dns.set_txt(name, [written(value)])
    with pytest.raises(DomainRecordMissing):
        check(world, mallory, domain_id)


def test_a_record_elsewhere_proves_nothing(world: World, mallory: Organization) -> None:
    domain_id, _, value = claim(world, mallory, "acme.example")
    for name in ("acme.example", "_ostiary-challenge.sub.acme.example", "_ostiary-challenge.example"):
        world.dns.set_txt(name, [value])
    with pytest.raises(NoSuchName):
        check(world, mallory, domain_id)


def test_another_claim_does_not_move_whose_people_are_sent_where(world: World, mallory: Organization) -> None:
    verify_domain(world, world.acme, world.dana, "acme.example")
    at_acme = connect(world, world.acme, world.dana)
    with pytest.raises(DomainTaken):
        claim(world, mallory, "ACME.example.")
    claim(world, mallory, "sub.acme.example")
    response = Browser(world).post("/login/sso", email="dana.whitfield@acme.example")
    with world.store.read() as tx:
        attempt = tx.attempts.by_id(departed(response).relay_state)  # type: ignore[arg-type]
    assert attempt is not None
    assert attempt.connection_id == at_acme.id
