"""An organization whose connections are enabled, for tests of the pages in front of the door."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from ostiary.domain.connection import Connection
from ostiary.domain.organization import Organization, Plan
from ostiary.services import Services
from ostiary.services.audit_trail import Actor
from ostiary.services.connection_form import SaveSaml
from ostiary.services.connections import Saved


def acme_with_sso(services: Services, providers: Sequence[str]) -> tuple[Organization, list[Connection]]:
    """Acme, with acme.example verified and a tested and enabled connection to each of these providers."""
    made = services.organizations.add("acme", name="Acme", owner_email="dana@acme.example", plan=Plan.BUSINESS)
    actor = Actor.of(made.owner, client_address="203.0.113.24")
    scope = {"organization_id": made.organization.id}
    domain = services.domains.add("acme.example", actor=actor, **scope)
    connections = [_saved(services, made.organization, provider, actor) for provider in providers]
    now = services.clock.now()
    with services.passwords.store.write() as tx:
        tx.domains.mark_verified(domain.id, at=now, **scope)
        for connection in connections:
            tx.connections.mark_tested(connection.id, number=1, at=now, by=made.owner.id, **scope)
            tx.connections.set_enabled(connection.id, at=now, **scope)
    return made.organization, connections


def _saved(services: Services, organization: Organization, provider: str, actor: Actor) -> Connection:
    drafted = services.connections.draft(provider, organization=organization, actor=actor)
    form = SaveSaml(
        sso_url=f"https://{provider}.example/sso/saml",
        idp_entity_id=f"https://{provider}.example/issuer",
        certificate=_certificate(),
    )
    saved = services.connections.save(drafted.connection.id, form, organization=organization, actor=actor)
    assert isinstance(saved, Saved), saved
    return saved.connection


def _certificate() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
