"""Tells owners and admins 30, 14, 7 and 1 days before a certificate ends, and when it has: each step once.

The audit event `certificate.expires_soon` has the shape of an event for programs: whose certificate, which
connection, when it ends, how many days before. What later carries events to other systems reads it from there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary import saml
from ostiary.domain.connection import Connection, SamlSettings
from ostiary.domain.connection_key import KeyRole
from ostiary.domain.upkeep import expiry
from ostiary.services.audit_trail import SERVER, AuditTrail
from ostiary.services.upkeep.letters import Letters
from ostiary.storage import Transaction

_BEGIN = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True, slots=True)
class _Ending:
    """The certificate of one side that lasts longest: the one that decides whether a change is still to come."""

    certificate: saml.Certificate
    is_ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryNotices:
    """Tells of certificates that end."""

    audit: AuditTrail
    letters: Letters

    def tell(self, tx: Transaction, connection: Connection, settings: SamlSettings, *, now: datetime) -> datetime:
        """Tell of what has come since the last look. Returns when the next step is due, at most a day from now.

        A newer certificate beside the one that ends stops the steps: the change is prepared.
        """
        ends = now + timedelta(days=1)
        for ending in _endings(tx, connection, settings):
            self._tell_of(tx, connection, ending, now)
            ends = min(expiry.next_step_at(ending.certificate.not_after, now) or ends, ends)
        return ends

    def _tell_of(self, tx: Transaction, connection: Connection, ending: _Ending, now: datetime) -> None:
        certificate = ending.certificate
        step = expiry.step_of(certificate.not_after, now)
        if step is None or not connection.is_enabled:
            return
        scope = {"organization_id": connection.organization_id}
        if not tx.upkeep.notice(connection.id, fingerprint=certificate.fingerprint, days=step, at=now, **scope):
            return
        self.audit.write(
            tx,
            "certificate.expires_soon" if step else "certificate.expired",
            actor=SERVER,
            subject=connection.id,
            facts={
                "whose": "ours" if ending.is_ours else "provider",
                "fingerprint": certificate.fingerprint,
                "not_after": certificate.not_after.isoformat(),
                "days": str(step),
            },
            now=now,
            **scope,
        )
        self.letters.certificate_ends(tx, connection, certificate, is_ours=ending.is_ours, now=now)


def _endings(tx: Transaction, connection: Connection, settings: SamlSettings) -> tuple[_Ending, ...]:
    theirs = [saml.certificate_from_stored(text) for text in settings.certificates]
    found = [_Ending(_lasts_longest(theirs), is_ours=False)]
    if settings.signs_requests or settings.wants_encryption:
        keys = tx.keys.every(connection.id, organization_id=connection.organization_id)
        ours = [_certificate(key.bundle) for key in keys if key.role is not KeyRole.PREVIOUS]
        found += [_Ending(_lasts_longest(ours), is_ours=True)] if ours else []
    return tuple(found)


def _certificate(bundle: bytes) -> saml.Certificate:
    """The certificate that stands behind the private key in what is kept of one of our keys."""
    return saml.read_certificates(bundle[bundle.index(_BEGIN) :])[0]


def _lasts_longest(certificates: list[saml.Certificate]) -> saml.Certificate:
    return max(certificates, key=lambda certificate: certificate.not_after)
