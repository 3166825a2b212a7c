"""The mail with the code."""

from datetime import datetime

from ostiary.domain.account import Account
from ostiary.domain.connection import Connection
from ostiary.domain.mail import OutboxMail
from ostiary.domain.organization import Organization
from ostiary.guides import guide
from ostiary.kernel import ids
from ostiary.kernel.randomness import Random


def letter(
    code: str,
    *,
    account: Account,
    connection: Connection,
    organization: Organization,
    product_name: str,
    random: Random,
    now: datetime,
) -> OutboxMail:
    """The mail to the account's own address. The code stands in its text and not in its subject: locked phones show it.

    It says who asks, so that a person who is not signing in knows what somebody is trying.
    """
    known = guide(connection.provider, protocol=connection.protocol)
    provider = connection.name or (known.name if known else "a company's sign-in")
    return OutboxMail(
        id=ids.event_id(random, now),
        organization_id=account.organization_id,
        to=str(account.email),
        subject=f"Your code for {product_name}",
        text=(
            f"{code}\n\n"
            f"Type this code where you are signing in to {product_name}. It lasts ten minutes.\n\n"
            f"You are asked for it once: somebody came to {organization.name} by {provider} with the address "
            f"{account.email}, and the code shows that the account is theirs.\n\n"
            "If you are not signing in, give it to nobody: whoever types it signs in as you. "
            "Then tell your IT team of this mail.\n"
        ),
        created_at=now,
    )
