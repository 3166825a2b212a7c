"""Why the product refuses: a class for each reason, with its facts."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from ostiary.kernel.errors import Finding, Refusal


class LoginRefusal(Refusal):
    """A sign-in was refused for a reason of ours, not of the protocol."""


class SetupRefusal(Refusal):
    """A change of the settings was refused."""


# --- sign-in ----------------------------------------------------------------


@dataclass(eq=False)
class PasswordRefused(LoginRefusal):
    """No active account has this address and this password. Says nothing about which of the two."""

    code: ClassVar[str] = "login.password_refused"


@dataclass(eq=False)
class OwnPasswordRefused(LoginRefusal):
    """Somebody who is known already was asked for the password alone, and typed another one."""

    code: ClassVar[str] = "login.own_password_refused"


@dataclass(eq=False)
class TooManyAttempts(LoginRefusal):
    """The address, or the client, has tried too often."""

    code: ClassVar[str] = "login.too_many_attempts"
    wait_seconds: int


@dataclass(eq=False)
class TooManyStarts(LoginRefusal):
    """More sign-ins were begun from one network than the people of the organization need."""

    code: ClassVar[str] = "login.too_many_starts"
    wait_seconds: int


@dataclass(eq=False)
class EmailUnreadable(LoginRefusal):
    """What was typed is no email address."""

    code: ClassVar[str] = "login.email_unreadable"


@dataclass(eq=False)
class NoSsoForDomain(LoginRefusal):
    """No organization signs in with SSO by addresses of this domain. The same for known and unknown people."""

    code: ClassVar[str] = "login.no_sso_for_domain"
    domain: str


@dataclass(eq=False)
class NoAnswer(LoginRefusal):
    """The identity provider was asked and has not answered before the attempt expired."""

    code: ClassVar[str] = "login.no_answer"
    email: str
    sso_url: str
    acs_url: str


@dataclass(eq=False)
class AttemptUnknown(LoginRefusal):
    """The answer belongs to no sign-in that we know."""

    code: ClassVar[str] = "login.attempt_unknown"


@dataclass(eq=False)
class AttemptExpired(LoginRefusal):
    """The answer came after the 15 minutes that a sign-in may take."""

    code: ClassVar[str] = "login.attempt_expired"
    started_at: datetime
    minutes: int


@dataclass(eq=False)
class AttemptUsed(LoginRefusal):
    """The sign-in that this answers was answered before: back button, reload, or a second copy."""

    code: ClassVar[str] = "login.attempt_used"


@dataclass(eq=False)
class AnsweredWithoutRequest(LoginRefusal):
    """The identity provider answers our requests as if nobody had asked: it would go round for ever."""

    code: ClassVar[str] = "login.answered_without_request"


@dataclass(eq=False)
class TileRefused(LoginRefusal):
    """The connection takes no answer that nobody asked for (decision 6)."""

    code: ClassVar[str] = "login.tile_refused"


@dataclass(eq=False)
class BrowserChanged(LoginRefusal):
    """The answer came from another browser than the one that was sent out, or its cookie is gone (login CSRF)."""

    code: ClassVar[str] = "login.browser_changed"


@dataclass(eq=False)
class ConnectionUnknown(LoginRefusal):
    """No connection has this address."""

    code: ClassVar[str] = "login.connection_unknown"


@dataclass(eq=False)
class ConnectionOff(LoginRefusal):
    """The connection is not enabled."""

    code: ClassVar[str] = "login.connection_off"
    organization: str


@dataclass(eq=False)
class EmailNotReadable(LoginRefusal):
    """The identity provider sent something that is no email address."""

    code: ClassVar[str] = "login.email_not_an_address"
    received: str
    attribute: str


@dataclass(eq=False)
class TransientSubject(LoginRefusal):
    """The NameID is transient: it changes with each sign-in, so nobody can be recognised by it."""

    code: ClassVar[str] = "saml.subject_transient"
    received: str


@dataclass(eq=False)
class AttributeAmbiguous(LoginRefusal):
    """An attribute that decides who somebody is arrived with several different values."""

    code: ClassVar[str] = "saml.attribute_ambiguous"
    attribute: str
    received: tuple[str, ...]


@dataclass(eq=False)
class DomainNotVerified(LoginRefusal):
    """The address lies outside the organization's verified domains."""

    code: ClassVar[str] = "login.domain_not_verified"
    email: str
    domain: str
    verified: tuple[str, ...]
    organization: str


@dataclass(eq=False)
class NoAccount(LoginRefusal):
    """The person has no account, and the connection makes none."""

    code: ClassVar[str] = "login.no_account"
    email: str
    organization: str


@dataclass(eq=False)
class AccountDeactivated(LoginRefusal):
    """The account was deactivated."""

    code: ClassVar[str] = "login.account_deactivated"
    email: str
    organization: str


@dataclass(eq=False)
class LinkNeedsConfirmation(LoginRefusal):
    """The address belongs to an owner. Owners are never linked automatically (decision 7)."""

    code: ClassVar[str] = "login.link_needs_confirmation"
    email: str
    role: str


@dataclass(eq=False)
class KeyNeedsConfirmation(LoginRefusal):
    """An owner's sign-in bears a key that came from the metadata by itself, and no owner has confirmed it yet."""

    code: ClassVar[str] = "login.key_needs_confirmation"
    email: str
    role: str
    fingerprint: str


@dataclass(eq=False)
class LinkedToAnother(LoginRefusal):
    """The account is tied to another person at this identity provider: a recycled mailbox, or a changed NameID."""

    code: ClassVar[str] = "login.linked_to_another"
    email: str
    expected: str
    received: str


@dataclass(eq=False)
class SignInRequired(LoginRefusal):
    """The page needs a signed-in person."""

    code: ClassVar[str] = "login.sign_in_required"


@dataclass(eq=False)
class AdminRequired(LoginRefusal):
    """The page is for owners and admins."""

    code: ClassVar[str] = "login.admin_required"
    role: str


@dataclass(eq=False)
class LinkExpired(LoginRefusal):
    """A one-time link was used before, or is too old."""

    code: ClassVar[str] = "login.link_expired"


@dataclass(eq=False)
class PasswordTooShort(LoginRefusal):
    """A new password is shorter than we take."""

    code: ClassVar[str] = "login.password_too_short"
    minimum: int


# --- requests ---------------------------------------------------------------


@dataclass(eq=False)
class FormUnreadable(Refusal):
    """The form is malformed, has a field twice, or misses one."""

    code: ClassVar[str] = "request.form_unreadable"
    field: str


@dataclass(eq=False)
class BodyTooLarge(Refusal):
    """More bytes came than this page takes."""

    code: ClassVar[str] = "request.body_too_large"
    limit: int


@dataclass(eq=False)
class BodyTooSlow(Refusal):
    """The form took longer to arrive than we wait."""

    code: ClassVar[str] = "request.body_too_slow"
    seconds: int


@dataclass(eq=False)
class CallsWaiting(Refusal):
    """As many steps that ask another server as we take at once are waiting for their answers."""

    code: ClassVar[str] = "request.calls_waiting"
    at_once: int


@dataclass(eq=False)
class OriginForeign(Refusal):
    """A form was posted from another site (cross-site request forgery)."""

    code: ClassVar[str] = "request.origin_foreign"
    received: str


@dataclass(eq=False)
class PageUnknown(Refusal):
    """There is no such page."""

    code: ClassVar[str] = "request.page_unknown"


@dataclass(eq=False)
class MethodRefused(Refusal):
    """The page does not take this method."""

    code: ClassVar[str] = "request.method_refused"
    allowed: tuple[str, ...]


# --- settings ---------------------------------------------------------------


@dataclass(eq=False)
class PlanWithoutSso(SetupRefusal):
    """The organization's plan does not include SSO, and the days of grace are over."""

    code: ClassVar[str] = "setup.plan_without_sso"
    organization: str
    plan: str


@dataclass(eq=False)
class DomainUnreadable(SetupRefusal):
    """What was typed is no domain name."""

    code: ClassVar[str] = "setup.domain_unreadable"
    received: str


@dataclass(eq=False)
class DomainIsConsumer(SetupRefusal):
    """The domain is that of a mail service for everyone."""

    code: ClassVar[str] = "setup.domain_is_consumer"
    domain: str


@dataclass(eq=False)
class DomainTaken(SetupRefusal):
    """Another organization has verified this domain (decision 30)."""

    code: ClassVar[str] = "setup.domain_taken"
    domain: str


@dataclass(eq=False)
class DomainRecordMissing(SetupRefusal):
    """The TXT record does not stand there, or says something else."""

    code: ClassVar[str] = "setup.domain_record_missing"
    name: str
    expected: str
    received: tuple[str, ...]


@dataclass(eq=False)
class ValueMissing(SetupRefusal):
    """A field that is needed is empty."""

    code: ClassVar[str] = "setup.value_missing"
    field: str


@dataclass(eq=False)
class ValueTooLong(SetupRefusal):
    """A field has more characters than are kept of it."""

    code: ClassVar[str] = "setup.value_too_long"
    field: str
    limit: int


@dataclass(eq=False)
class NameTaken(SetupRefusal):
    """Another connection of the organization is called so."""

    code: ClassVar[str] = "setup.name_taken"
    received: str


@dataclass(eq=False)
class LogoutUrlUnreadable(SetupRefusal):
    """A place for logout messages is no https URL."""

    code: ClassVar[str] = "setup.logout_url_unreadable"
    field: str
    received: str


@dataclass(eq=False)
class SsoUrlUnreadable(SetupRefusal):
    """The SSO URL is no https URL."""

    code: ClassVar[str] = "setup.sso_url_unreadable"
    received: str


@dataclass(eq=False)
class SsoUrlIsIssuer(SetupRefusal):
    """The value in the SSO URL is the identity provider's issuer: the two were swapped, or pasted twice."""

    code: ClassVar[str] = "setup.sso_url_is_issuer"
    received: str


@dataclass(eq=False)
class IssuerIsSsoUrl(SetupRefusal):
    """The value in the Issuer is where browsers are sent: it was swapped with the SSO URL."""

    code: ClassVar[str] = "setup.issuer_is_sso_url"
    received: str


@dataclass(eq=False)
class OurOwnUrl(SetupRefusal):
    """A value that belongs into the provider's console was pasted back to us."""

    code: ClassVar[str] = "setup.value_is_our_own"
    field: str
    received: str


@dataclass(eq=False)
class RoleRefused(SetupRefusal):
    """The default role is none that an identity provider may give."""

    code: ClassVar[str] = "setup.role_refused"
    received: str


@dataclass(eq=False)
class KeyStepMissed(SetupRefusal):
    """Our keys of a connection have changed since the page was shown: this step is done, or another comes first."""

    code: ClassVar[str] = "setup.key_step_missed"


@dataclass(eq=False)
class NotTested(SetupRefusal):
    """Only a tested revision can be enabled (decision 10)."""

    code: ClassVar[str] = "setup.not_tested"


@dataclass(eq=False)
class CertificateExpired(SetupRefusal):
    """The certificate has expired; saving it needs a confirmation (decision 4)."""

    code: ClassVar[str] = "setup.certificate_expired"
    not_after: datetime
    fingerprint: str


@dataclass(eq=False)
class MetadataOutdated(SetupRefusal):
    """The document at the metadata URL says that it must not be used any more (validUntil). SAML Metadata 2.3.2."""

    code: ClassVar[str] = "setup.metadata_outdated"
    valid_until: datetime


@dataclass(eq=False)
class SlugTaken(SetupRefusal):
    """Another organization has this slug."""

    code: ClassVar[str] = "setup.slug_taken"
    slug: str


@dataclass(eq=False)
class SlugUnreadable(SetupRefusal):
    """It can't be a slug: something else than lower-case letters, digits and hyphens, or too long."""

    code: ClassVar[str] = "setup.slug_unreadable"
    slug: str


# --- findings ---------------------------------------------------------------


@dataclass(frozen=True)
class NameMissing(Finding):
    """No first name or no last name arrived. The sign-in goes on."""

    code: ClassVar[str] = "saml.name_missing"
    expected: tuple[str, ...]
    received: tuple[str, ...]


@dataclass(frozen=True)
class EmailFromNameId(Finding):
    """No email attribute arrived; the NameID is an email address and stands in (decision 27)."""

    code: ClassVar[str] = "saml.email_from_name_id"
    expected: str
    received: tuple[str, ...]


@dataclass(frozen=True)
class AttributeCaseDiffers(Finding):
    """A name arrived that differs from an expected one only in letter case. It is never matched silently."""

    code: ClassVar[str] = "saml.attribute_case_differs"
    expected: str
    received: str


@dataclass(frozen=True)
class CertificateExpiresSoon(Finding):
    """A pinned certificate has expired or expires soon. Sign-ins go on."""

    code: ClassVar[str] = "setup.certificate_expires_soon"
    not_after: datetime
    days: int


@dataclass(frozen=True)
class PlanEndsSso(Finding):
    """The plan no longer includes SSO; sign-in goes on for some days."""

    code: ClassVar[str] = "setup.plan_ends_sso"
    until: datetime
    days: int


@dataclass(frozen=True)
class AllowanceOn(Finding):
    """The connection puts up with something old or weak, because an admin has chosen so (`Allowance`)."""

    code: ClassVar[str] = "setup.allowance_on"
    allowance: str
