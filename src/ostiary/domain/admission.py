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
from ostiary.domain.organization import Organization
from ostiary.kernel.values import DomainName


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


@dataclass(frozen=True, slots=True)
class SignIn:
    """The identity is linked: this account signs in."""

    account: Account


@dataclass(frozen=True, slots=True)
class Link:
    """The identity is to be linked to this existing account, which signs in."""

    account: Account


@dataclass(frozen=True, slots=True)
class Create:
    """A new account is to be made with this role, linked, and signed in."""

    role: Role


Admission = SignIn | Link | Create


def admit(identity: Identity, *, known: Known, settings: SamlSettings) -> Admission:
    """As whom this identity signs in.

    Raises: `AccountDeactivated`, `DomainNotVerified`, `LinkNeedsConfirmation`, `LinkedToAnother`, `NoAccount`.
    """
    if known.link is not None and known.linked_account is not None:
        return SignIn(_active(known.linked_account, known))
    _require_own_domain(identity, known)
    account = known.account_with_email
    if account is None:
        if not settings.creates_accounts:
            raise NoAccount(email=str(identity.email), organization=known.organization.name)
        return Create(settings.default_role)
    return Link(_linkable(account, identity, known))


def _active(account: Account, known: Known) -> Account:
    if not account.is_active:
        raise AccountDeactivated(email=str(account.email), organization=known.organization.name)
    return account


def _require_own_domain(identity: Identity, known: Known) -> None:
    # Exact match, never a suffix: evil-acme.com and acme.com.evil.com are other people's.
    if identity.email.domain not in known.verified_domains:
        raise DomainNotVerified(
            email=str(identity.email),
            domain=str(identity.email.domain),
            verified=tuple(sorted(str(name) for name in known.verified_domains)),
            organization=known.organization.name,
        )


def _linkable(account: Account, identity: Identity, known: Known) -> Account:
    _active(account, known)
    other = known.link_of_that_account
    if other is not None:
        # Same address, other subject: a recycled mailbox or a changed NameID. Never decided silently.
        raise LinkedToAnother(email=str(identity.email), expected=other.subject, received=identity.subject)
    if account.role is Role.OWNER:
        # Whoever can write an address at the identity provider must not become the owner by it.
        raise LinkNeedsConfirmation(email=str(identity.email), role=account.role.label)
    return account
