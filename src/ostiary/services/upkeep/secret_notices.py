"""Tells owners and admins 30, 14, 7 and 1 days before a client secret ends, and when it has: each step once.

The audit event `client_secret.expires_soon` has the shape of `certificate.expires_soon`. Unlike a certificate, a
secret that has ended stops every sign-in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.domain.connection import Connection
from ostiary.domain.openid.checkup import lasts_longest
from ostiary.domain.openid.settings import OidcSettings
from ostiary.domain.upkeep import expiry
from ostiary.services.audit_trail import SERVER, AuditTrail
from ostiary.services.upkeep.letters import Letters
from ostiary.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretNotices:
    """Tells of client secrets that end."""

    audit: AuditTrail
    letters: Letters

    def tell(self, tx: Transaction, connection: Connection, settings: OidcSettings, *, now: datetime) -> datetime:
        """Tell of what has come since the last look. Returns when the next step is due, at most a day from now.

        A newer secret beside the one that ends, or one whose end nobody knows, stops the steps: the change is prepared.
        """
        scope = {"organization_id": connection.organization_id}
        saved = tx.client_secrets.of(connection.id, **scope)
        last = lasts_longest([each for each in saved if each.issuer in {"", settings.issuer}])
        tomorrow = now + timedelta(days=1)
        if last is None or last.expires_at is None:
            return tomorrow
        step = expiry.step_of(last.expires_at, now)
        is_news = step is not None and connection.is_enabled
        if is_news and tx.upkeep.notice(connection.id, fingerprint=last.id, days=step or 0, at=now, **scope):
            self.audit.write(
                tx,
                "client_secret.expires_soon" if step else "client_secret.expired",
                actor=SERVER,
                subject=connection.id,
                facts={"secret": last.id, "not_after": last.expires_at.isoformat(), "days": str(step)},
                now=now,
                **scope,
            )
            self.letters.secret_ends(tx, connection, last.expires_at, now=now)
        return min(expiry.next_step_at(last.expires_at, now) or tomorrow, tomorrow)
