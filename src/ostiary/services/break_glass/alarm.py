"""The mails that tell every owner when break-glass access is used or changed. They wait in the outbox like others."""

from dataclasses import dataclass
from datetime import datetime

from ostiary.domain.account import Account
from ostiary.domain.break_glass.holder import FEW_CODES, Way
from ostiary.domain.mail import mail_to_each
from ostiary.kernel.ids import OrganizationId
from ostiary.kernel.randomness import Random
from ostiary.services.client import Client
from ostiary.storage import Transaction

PATH = "/settings/security/break-glass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Writes to all owners of an organization, the one concerned included."""

    random: Random
    public_url: str
    product_name: str

    def used(
        self, tx: Transaction, account: Account, way: Way, *, codes_left: int, client: Client, now: datetime
    ) -> None:
        """Tell that somebody got in."""
        paragraphs = [
            f"{account.name} ({account.email}) signed in to {self.product_name} with {way.label}, past single sign-on.",
            _seen(client, now),
            f"If that was not {account.name}, take the access away now and set a new password:\n{self._page}",
        ]
        if way is Way.RECOVERY_CODE and codes_left <= FEW_CODES:
            paragraphs.append(_left(account, codes_left))
        self._send(tx, account.organization_id, "Break-glass access was used", tuple(paragraphs), now)

    def cloned(self, tx: Transaction, account: Account, *, passkey: str, client: Client, now: datetime) -> None:
        """Tell that a passkey's counter went back, so that it was stopped."""
        paragraphs = (
            f"The passkey {passkey} of {account.name} ({account.email}) was shown with a counter that went back.",
            "Most likely there is a copy of it. Nobody was signed in, and the passkey opens nothing any more.",
            _seen(client, now),
            f"Remove it, and add another one if it is still needed:\n{self._page}",
        )
        self._send(tx, account.organization_id, "A break-glass passkey was stopped", paragraphs, now)

    def changed(self, tx: Transaction, account: Account, says: str, *, by: str, now: datetime) -> None:
        """Tell of a change: somebody was named, new codes, a new passkey, access taken away."""
        paragraphs = (
            f"{says} Done by {by}.",
            f"Break-glass access lets an owner sign in to {self.product_name} past single sign-on.",
            f"If that was not meant, take the access away:\n{self._page}",
        )
        self._send(tx, account.organization_id, "Break-glass access was changed", paragraphs, now)

    @property
    def _page(self) -> str:
        return f"{self.public_url}{PATH}"

    def _send(
        self,
        tx: Transaction,
        organization_id: OrganizationId,
        subject: str,
        paragraphs: tuple[str, ...],
        now: datetime,
    ) -> None:
        mails = mail_to_each(
            [str(owner.email) for owner in tx.break_glass.owners(organization_id)],
            organization_id=organization_id,
            subject=f"{subject} at {self.product_name}",
            paragraphs=paragraphs,
            random=self.random,
            now=now,
        )
        for mail in mails:
            tx.outbox.put(mail)


def _seen(client: Client, now: datetime) -> str:
    browser = client.short_user_agent or "not told"
    return f"When: {now.day} {now:%B %Y, %H:%M} UTC\nFrom: {client.address or 'an unknown address'}\nBrowser: {browser}"


def _left(account: Account, codes_left: int) -> str:
    if not codes_left:
        return f"{account.name} has no recovery code left. Make new ones, or the door is closed."
    return f"{account.name} has {codes_left} recovery code{'' if codes_left == 1 else 's'} left."
