"""The mails about enforcement: to people before it holds for them, and to those with the settings when it changes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.connection import Connection, urls
from ostiary.domain.mail import mail_to_each
from ostiary.domain.organization import Organization
from ostiary.guides import called
from ostiary.kernel.ids import OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.storage import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class EnforcementLetters:
    """Writes mails into the outbox."""

    random: Random
    public_url: str
    product_name: str

    def warn(
        self, tx: Transaction, to: str, *, organization: Organization, names: str, begins_at: datetime, now: datetime
    ) -> None:
        """Tell somebody who would be locked out what comes, when, and what to do."""
        day = _day(begins_at)
        link = f"{self.public_url}/o/{organization.slug}"
        paragraphs = (
            (
                f"From {day} people at {organization.name} sign in to {self.product_name} with {names} only. "
                "Your password will no longer be accepted."
            ),
            f"Try it now, so that nothing stops you on that day:\n{link}",
            (
                f"If {names} shows an error, or this page does, your IT team can let you in. Tell them the reference "
                "that the page shows."
            ),
        )
        subject = f"{self.product_name}: from {day} you sign in with {names}"
        self._send(tx, [to], organization_id=organization.id, subject=subject, paragraphs=paragraphs, now=now)

    def enforced(
        self, tx: Transaction, connection: Connection, *, organization: Organization, by: str, now: datetime
    ) -> None:
        """Tell owners and admins that it is enforced, from when on, and how that is taken back."""
        name, begins_at = name_of(connection), connection.enforced_from or now
        from_when = "from now on" if begins_at <= now else f"from {_day(begins_at)}"
        paragraphs = (
            (
                f"{by} has enforced {name}: {from_when} people at {organization.name} sign in to {self.product_name} "
                "with enforced connections only. Passwords are refused then."
            ),
            f"One click takes it back:\n{urls(self.public_url, connection.id).settings_url}/enforce",
        )
        self._tell_admins(tx, organization, subject=f"{name} is enforced {from_when}", paragraphs=paragraphs, now=now)

    def stopped(self, tx: Transaction, names: str, *, organization: Organization, why: str, now: datetime) -> None:
        """Tell owners and admins that it is enforced no longer, and why."""
        paragraphs = (
            f"{names} is no longer enforced for {organization.name}. {why}",
            f"The settings:\n{self.public_url}/settings/security/single-sign-on",
        )
        self._tell_admins(tx, organization, subject=f"{names} is no longer enforced", paragraphs=paragraphs, now=now)

    def no_password(self, tx: Transaction, to: str, *, organization: Organization, now: datetime) -> None:
        """Tell somebody who asked for a new password that none is needed."""
        paragraphs = (
            f"Somebody, most likely you, asked for a new password for {self.product_name}.",
            (
                f"{organization.name} signs in with single sign-on, so there is no password to set. Sign in here:\n"
                f"{self.public_url}/o/{organization.slug}"
            ),
            "If it was not you, nothing has to be done.",
        )
        subject = f"Sign in to {self.product_name} with single sign-on"
        self._send(tx, [to], organization_id=organization.id, subject=subject, paragraphs=paragraphs, now=now)

    def _tell_admins(
        self, tx: Transaction, organization: Organization, *, subject: str, paragraphs: tuple[str, ...], now: datetime
    ) -> None:
        admins = [str(account.email) for account in tx.accounts.admins(organization_id=organization.id)]
        self._send(tx, admins, organization_id=organization.id, subject=subject, paragraphs=paragraphs, now=now)

    def _send(
        self,
        tx: Transaction,
        recipients: Iterable[str],
        *,
        organization_id: OrganizationId,
        subject: str,
        paragraphs: tuple[str, ...],
        now: datetime,
    ) -> None:
        mails = mail_to_each(
            recipients,
            organization_id=organization_id,
            subject=subject,
            paragraphs=paragraphs,
            random=self.random,
            now=now,
        )
        for mail in mails:
            tx.outbox.put(mail)


def name_of(connection: Connection) -> str:
    """The connection by the name that its admins gave it."""
    return called(connection)


def listed(names: Iterable[str]) -> str:
    """As Okta, OneLogin or Keycloak."""
    unique = list(dict.fromkeys(names))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} or {unique[-1]}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
