"""What was read from a form is kept: a new, untested revision, and a secret beside it."""

from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.connection import Allowance, Connection, Revision, SamlSettings, carried_over
from ostiary.domain.errors import ConnectionUnknown
from ostiary.domain.openid.settings import ClientSecret, OidcSettings
from ostiary.kernel import ids
from ostiary.kernel.errors import Fact
from ostiary.kernel.ids import AccountId
from ostiary.kernel.randomness import Random
from ostiary.services.audit_trail import Actor, AuditTrail
from ostiary.services.connection_form.openid import NewSecret
from ostiary.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """Keeps settings, and tells the audit log of them."""

    random: Random
    audit: AuditTrail

    def keep(
        self,
        tx: Transaction,
        connection: Connection,
        settings: SamlSettings | OidcSettings,
        *,
        secret: NewSecret | None = None,
        actor: Actor,
        now: datetime,
    ) -> Connection:
        """The connection with these settings as its newest revision, read anew. Raises: `ConnectionUnknown`.

        A new secret with the settings that are saved already makes no revision: the next sign-in tries it first, and
        the one before where it is refused.
        """
        # Held: of two who save at once the second makes the next revision, and not the same one again.
        current = tx.connections.hold(connection.id, organization_id=connection.organization_id)
        if current is None:
            raise ConnectionUnknown
        latest = current.latest.settings if current.latest else None
        if isinstance(latest, OidcSettings):
            # Before the issuer can change: what an older version has kept is never sent to another one either.
            scope = {"organization_id": current.organization_id}
            tx.client_secrets.adopt(current.id, issuer=latest.issuer, **scope)
        if secret is None or settings != latest:
            self._keep_revision(tx, current, settings, actor=actor, now=now)
        saved = tx.connections.by_id(connection.id)
        if saved is None:
            raise ConnectionUnknown
        if isinstance(settings, OidcSettings):
            self._keep_secret(tx, saved, settings, secret=secret, actor=actor, now=now)
        return saved

    def _keep_revision(
        self,
        tx: Transaction,
        current: Connection,
        settings: SamlSettings | OidcSettings,
        *,
        actor: Actor,
        now: datetime,
    ) -> None:
        scope = {"organization_id": current.organization_id}
        number = current.latest.number + 1 if current.latest else 1
        tx.connections.save_revision(
            Revision(
                connection_id=current.id,
                number=number,
                settings=carried_over(settings, current) if isinstance(settings, SamlSettings) else settings,
                saved_at=now,
                # Settings are saved by signed-in admins, and by the demo, which speaks for an owner.
                saved_by=actor.account_id or AccountId(""),
                tested_at=None,
                tested_by=None,
                **scope,
            ),
            **scope,
        )
        facts: dict[str, Fact] = {"revision": str(number)}
        self.audit.write(tx, "connection.saved", actor=actor, subject=current.id, facts=facts, now=now, **scope)
        changed = _allowances_changed(settings, current.saml_latest) if isinstance(settings, SamlSettings) else {}
        if changed:
            what, told = "connection.allowances_changed", facts | changed
            self.audit.write(tx, what, actor=actor, subject=current.id, facts=told, now=now, **scope)

    def _keep_secret(
        self,
        tx: Transaction,
        saved: Connection,
        settings: OidcSettings,
        *,
        secret: NewSecret | None,
        actor: Actor,
        now: datetime,
    ) -> None:
        scope = {"organization_id": saved.organization_id}
        if secret is not None:
            kept = ClientSecret(
                id=ids.key_id(self.random),
                organization_id=saved.organization_id,
                connection_id=saved.id,
                created_at=now,
                created_by=actor.name,
                expires_at=secret.expires_at,
                issuer=settings.issuer,
            )
            tx.client_secrets.add(kept, value=secret.value)
            facts: dict[str, Fact] = {"secret": kept.id, "issuer": settings.issuer}
            if secret.expires_at is not None:
                facts["expires_at"] = secret.expires_at.isoformat()
            self.audit.write(tx, "client_secret.saved", actor=actor, subject=saved.id, facts=facts, now=now, **scope)
        # The tested settings serve until the new ones have passed: their issuer's secrets stay as long.
        issuers = {each.oidc.issuer for each in (saved.latest, saved.serving) if each}
        tx.client_secrets.keep_only(saved.id, issuers=issuers, **scope)


def _allowances_changed(settings: SamlSettings, before: SamlSettings | None) -> dict[str, Fact]:
    """What the connection puts up with from now on, and no longer; empty where nothing has changed."""
    was = set(before.allowances) if before else set()
    turned = {"on": set(settings.allowances) - was, "off": was - set(settings.allowances)}
    return {how: tuple(each.value for each in Allowance if each in them) for how, them in turned.items() if them}
