"""The mails about enforcement: to people before it holds for them, and to those with the settings when it changes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ostiary.domain.connection import Connection, urls
from ostiary.domain.mail import mail_to_each
from ostiary.domain.naming import listed
from ostiary.domain.organization import Organization
from ostiary.guides import called
from ostiary.kernel.ids import OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.storage import Transaction

MOST_CHANGES: Final = 10
"""In a day, of which owners and admins are told: whoever moves the switch to and fro floods nobody."""
_A_DAY: Final = timedelta(days=1)
_LAST_MAIL: Final = (
    "What is enforced has been changed many times today. Further changes within a day of the first come by no mail: "
    "they stand in the audit log."
)


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
        """Tell owners and admins that it is enforced, from when on, and how that is taken back.

        Not where somebody has changed it so often that day that they have been told to look at the audit log.
        """
        changes = _changes(tx, organization, now)
        name, begins_at = name_of(connection), connection.enforced_from or now
        from_when = "from now on" if begins_at <= now else f"from {_day(begins_at)}"
        paragraphs = (
            (
                f"{by} has enforced {name}: {from_when} people at {organization.name} sign in to {self.product_name} "
                "with enforced connections only. Passwords are refused then."
            ),
            f"One click takes it back:\n{urls(self.public_url, connection.id).settings_url}/enforce",
        )
        subject = f"{name} is enforced {from_when}"
        self._tell_a_change(tx, organization, changes, subject=subject, paragraphs=paragraphs, now=now)

    def taken_back(
        self,
        tx: Transaction,
        ended: Connection,
        *,
        organization: Organization,
        still: Sequence[Connection],
        why: str,
        now: datetime,
    ) -> None:
        """The same as `stopped`, where a person did it: as often as `enforced`."""
        changes = _changes(tx, organization, now)
        subject, paragraphs = self._stopped([ended], organization=organization, still=still, why=why)
        self._tell_a_change(tx, organization, changes, subject=subject, paragraphs=paragraphs, now=now)

    def stopped(
        self,
        tx: Transaction,
        ended: Sequence[Connection],
        *,
        organization: Organization,
        still: Sequence[Connection] = (),
        why: str,
        now: datetime,
    ) -> None:
        """Tell owners and admins that these are enforced no longer, why, and what people can do now.

        `still`: what stays enforced.
        """
        subject, paragraphs = self._stopped(ended, organization=organization, still=still, why=why)
        self._tell_admins(tx, organization, subject=subject, paragraphs=paragraphs, now=now)

    def plan_ended(
        self, tx: Transaction, enforced: Sequence[Connection], *, organization: Organization, now: datetime
    ) -> None:
        """Tell owners and admins that nothing is enforced any more, because the plan no longer includes SSO."""
        plan = organization.plan.value.title()
        paragraphs = (
            (
                f"Sign-in with SSO has ended for {organization.name}: it is on {plan} now, which does not include "
                f"single sign-on. So {_all_of(enforced)} no longer enforced."
            ),
            (
                f"People sign in with a {self.product_name} password now. Whoever has none sets one here:\n"
                f"{self.public_url}/password/forgot"
            ),
            (
                "The settings are kept. With the Business plan they are enforced again at once, and passwords are "
                f"refused again. To see or change that:\n{self._settings}"
            ),
        )
        subject = f"{_all_of(enforced)} no longer enforced: sign-in with SSO has ended"
        self._tell_admins(tx, organization, subject=subject, paragraphs=paragraphs, now=now)

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

    def _stopped(
        self, ended: Sequence[Connection], *, organization: Organization, still: Sequence[Connection], why: str
    ) -> tuple[str, tuple[str, ...]]:
        """Subject and paragraphs."""
        says = f"{_all_of(ended)} no longer enforced"
        follows = f"{_all_of(still)} still enforced." if still else self._by_password
        return says, (
            f"{says} for {organization.name}. {why}",
            follows,
            f"Enforce again here:\n{self._settings}",
        )

    @property
    def _by_password(self) -> str:
        return (
            f"People can sign in with a {self.product_name} password, and with every connection that is enabled. "
            f"Whoever has no password sets one here:\n{self.public_url}/password/forgot"
        )

    @property
    def _settings(self) -> str:
        return f"{self.public_url}/settings/security/single-sign-on"

    def _tell_a_change(
        self,
        tx: Transaction,
        organization: Organization,
        changes: int,
        *,
        subject: str,
        paragraphs: tuple[str, ...],
        now: datetime,
    ) -> None:
        if changes > MOST_CHANGES:
            return
        last = (_LAST_MAIL,) if changes == MOST_CHANGES else ()
        self._tell_admins(tx, organization, subject=subject, paragraphs=(*paragraphs, *last), now=now)

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


def _changes(tx: Transaction, organization: Organization, now: datetime) -> int:
    """How often somebody has changed what is enforced there, of late, with this time."""
    return tx.throttle.hit(f"enforcement/changed/{organization.id}", window=_A_DAY, now=now)


def name_of(connection: Connection) -> str:
    """The connection by the name that its admins gave it."""
    return called(connection)


def _all_of(connections: Sequence[Connection]) -> str:
    """Okta is; Okta and Keycloak are."""
    names = sorted({name_of(each) for each in connections}, key=str.casefold)
    return f"{listed(names, by='and')} {'is' if len(names) == 1 else 'are'}"


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"
