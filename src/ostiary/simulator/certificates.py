"""Which key of an application signs, and which certificates the console gives out."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ostiary.simulator.faults import NEW_KEY, Fault
from ostiary.simulator.state import App, SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCertificate:
    """A certificate as the console shows it."""

    name: str
    """In URLs: `first`, `second` or `spare`."""
    pem: str
    subject: str
    created_at: datetime
    expires_at: datetime
    fingerprint: str
    """SHA-256, in pairs of hex digits."""
    is_active: bool
    """Whether its key signs at present."""


def signing_key(app: App) -> SigningKey:
    """The key that signs at present. A fault may have put a second one in place of the first."""
    if app.second_key is not None and not NEW_KEY.isdisjoint(app.faults):
        return app.second_key
    return app.first_key


def certificates_of(app: App) -> tuple[ShownCertificate, ...]:
    """The certificate of the key that signs, then the one that it took the place of."""
    active = signing_key(app)
    first = app.first_key
    expired = Fault.EXPIRED_CERTIFICATE in app.faults
    pem = first.expired_certificate_pem if expired else first.certificate_pem
    shown_first = _shown("first", key=first, pem=pem, is_active=active is first)
    spare = app.spare_key
    others = (_shown("spare", key=spare, pem=spare.certificate_pem, is_active=False),) if spare else ()
    if active is first:
        return (shown_first, *others)
    return (_shown("second", key=active, pem=active.certificate_pem, is_active=True), shown_first, *others)


def certificate_named(app: App, *, name: str) -> ShownCertificate:
    """The certificate with that name; without one of that name, the one of the key that signs."""
    shown = certificates_of(app)
    return next((one for one in shown if one.name == name), shown[0])


def _shown(name: str, *, key: SigningKey, pem: str, is_active: bool) -> ShownCertificate:
    certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
    return ShownCertificate(
        name=name,
        pem=pem,
        subject=certificate.subject.rfc4514_string(),
        created_at=key.created_at,
        expires_at=certificate.not_valid_after_utc,
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        is_active=is_active,
    )
