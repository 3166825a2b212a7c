"""Who is let in, and as whom: the rules of linking (decision 7). The address is never the key, the subject is."""

from collections.abc import Collection
from dataclasses import dataclass

from ostiary.domain.account import Account, Role
from ostiary.domain.connection import SamlSettings
from ostiary.domain.errors import (
    AccountDeactivated,
    DomainNotVerified,
    LinkedToAnother,
    LinkNeedsConfirmation,
    NoAccount,
)
from ostiary.domain.identity import Identity, LinkedIdentity
from ostiary.domain.openid.errors import EmailMissing, LinkingOff
from ostiary.domain.openid.settings import LinkPolicy, OidcSettings
from ostiary.domain.organization import Organization
from ostiary.kernel.values import DomainName, EmailAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store knows when an identity arrives. Everything in it belongs to the connection's organization."""

    organization: Organization
    verified_domains: Collection[DomainName]
    link: LinkedIdentity | None
    """The link of exactly this (connection, issuer, subject)."""
    linked_account: Account | None
    account_with_email: Account | None
    """The account with the identity's address, active or not."""
    link_of_that_account: LinkedIdentity | None
    """That account's link at this connection, to whichever subject."""
    is_domain_anothers: bool = False
    """Whether another organization has verified the address's domain."""
    account_with_external_id: Account | None = None
    """The account that the same connection's directory has provisioned for this very person (SCIM's externalId)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a connection's settings say about people who come for the first time."""

    creates_accounts: bool
    default_role: Role
    links_by_address: bool
    asks_for_possession: bool
    """Whether the person may prove that an account is theirs, where the address alone does not."""
    email_claim: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """The identity is linked: this account signs in."""

    account: Account


@dataclass(frozen=True, slots=True)
class Link:
    """The identity is to be linked to this existing account, which signs in."""

    account: Account


@dataclass(frozen=True, slots=True)
class Confirm:
    """This account exists, and whether it is this person's can't be told: they have to prove it first."""

    account: Account


@dataclass(frozen=True, slots=True)
class Create:
    """A new account is to be made with this role, linked, and signed in."""

    role: Role
    email: EmailAddress


Admission = SignIn | Link | Confirm | Create


def rules_of(settings: SamlSettings | OidcSettings) -> Rules:
    """The rules of a connection with these settings."""
    if isinstance(settings, OidcSettings):
        return Rules(
            creates_accounts=settings.creates_accounts,
            default_role=settings.default_role,
            links_by_address=settings.link_policy is LinkPolicy.VERIFIED_DOMAIN,
            asks_for_possession=True,
            email_claim=settings.claims.email,
        )
    return Rules(
        creates_accounts=settings.creates_accounts,
        default_role=settings.default_role,
        links_by_address=True,
        asks_for_possession=False,
        email_claim=settings.attributes.email,
    )


def admit(identity: Identity, *, known: Known, rules: Rules) -> Admission:
    """As whom this identity signs in.

    Raises: `AccountDeactivated`, `DomainNotVerified`, `EmailMissing`, `LinkingOff`, `LinkNeedsConfirmation`,
    `LinkedToAnother`, `NoAccount`.
    """
    if known.link is not None and known.linked_account is not None:
        return SignIn(_active(known.linked_account, known))
    if known.account_with_external_id is not None:
        account = _active(known.account_with_external_id, known)
        return Confirm(account) if account.role is Role.OWNER else Link(account)
    email = identity.email
    if email is None:
        raise EmailMissing(expected=rules.email_claim)
    if known.account_with_email is None or known.is_domain_anothers or not rules.asks_for_possession:
        _require_own_domain(email, known)
    if known.account_with_email is None:
        if not rules.creates_accounts:
            raise NoAccount(email=str(email), organization=known.organization.name)
        return Create(rules.default_role, email)
    return _existing(known.account_with_email, identity, email, known=known, rules=rules)


def _active(account: Account, known: Known) -> Account:
    if not account.is_active:
        raise AccountDeactivated(email=str(account.email), organization=known.organization.name)
    return account


def _is_own(email: EmailAddress, known: Known) -> bool:
    # Exact match, never a suffix: evil-acme.com and acme.com.evil.com are other people's.
    return email.domain in known.verified_domains and not known.is_domain_anothers


def _require_own_domain(email: EmailAddress, known: Known) -> None:
    if not _is_own(email, known):
        raise DomainNotVerified(
            email=str(email),
            domain=str(email.domain),
            verified=tuple(sorted(str(name) for name in known.verified_domains)),
            organization=known.organization.name,
        )


def _existing(
    account: Account, identity: Identity, email: EmailAddress, *, known: Known, rules: Rules
) -> Link | Confirm:
    """How somebody comes to an account that exists and is not tied to them yet."""
    _active(account, known)
    other = known.link_of_that_account
    if other is not None:
        # Same address, other subject: a recycled mailbox or a changed NameID. Never decided silently.
        raise LinkedToAnother(email=str(email), expected=other.subject, received=identity.subject)
    if not rules.links_by_address:
        raise LinkingOff(email=str(email), organization=known.organization.name)
    # Whoever can write an address at the identity provider must not become the owner by it.
    if account.role is Role.OWNER and not rules.asks_for_possession:
        raise LinkNeedsConfirmation(email=str(email), role=account.role.label)
    # nOAuth: outside its own domains a customer's provider can say whatever it likes, email_verified included.
    is_trusted = identity.is_vouched and _is_own(email, known) and account.role is not Role.OWNER
    return Link(account) if is_trusted or not rules.asks_for_possession else Confirm(account)
