"""What can be made wrong on purpose in OpenID Connect: by an application, or by the whole provider."""

from enum import StrEnum
from typing import Self


class OidcFault(StrEnum):
    """One thing that an application does wrong. `label` names it, `description` says what then happens."""

    label: str
    description: str

    def __new__(cls, value: str, label: str, description: str) -> Self:
        """One member, with its words."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.description = description
        return member

    WRONG_ISSUER = "wrong_issuer", "Wrong issuer", "The ID token says that another issuer made it."
    WRONG_AUDIENCE = "wrong_audience", "Wrong audience", "The ID token is for another application."
    EXPIRED = "expired", "Expired", "The ID token has expired 7 minutes before it is sent."
    WRONG_NONCE = "wrong_nonce", "Wrong nonce", "The ID token bears the nonce of another sign-in."
    NO_NONCE = "no_nonce", "No nonce", "The ID token bears no nonce."
    UNSIGNED = "unsigned", "Unsigned", "The ID token says alg: none, and has no signature."
    KEY_UNPUBLISHED = "key_unpublished", "Key not published", "ID tokens are signed with a key that no key set has."
    NO_EMAIL = "no_email", "No email", "No address is told, neither in the ID token nor at userinfo."
    EMAIL_UNVERIFIED = "email_unverified", "Email not verified", "email_verified is false wherever it is told."
    OTHER_PERSON = "other_person", "Userinfo of another person", "The userinfo endpoint answers with another sub."
    GROUPS_OVERAGE = (
        "groups_overage",
        "Too many groups",
        "The groups claim gives way to a reference, as at Entra ID for people in more than 200 groups.",
    )
    SECRET_WRONG = "secret_wrong", "Secret refused", "The token endpoint refuses the secret as a wrong one."
    SECRET_EXPIRED = "secret_expired", "Secret expired", "The token endpoint refuses the secret as expired."
    REDIRECT_URI_UNKNOWN = (
        "redirect_uri_unknown",
        "Redirect URI not registered",
        "Requests are answered as if the redirect URI were not in the application's settings.",
    )
    CLIENT_UNKNOWN = "client_unknown", "Application not found", "The client ID is answered as one that is not there."
    NOT_ASSIGNED = "not_assigned", "Not assigned", "Everyone is treated as not assigned to the application."
    CONSENT_DECLINED = "consent_declined", "Consent declined", "Every sign-in ends as if consent had been declined."
    OTHER_STATE = "other_state", "Wrong state", "The answer bears another state than the request."
    OTHER_ISS = "other_iss", "Wrong iss in the answer", "The parameter iss of the answer names another issuer."
    CODE_REFUSED = "code_refused", "Code refused", "The token endpoint refuses the code as used before."
    TOKEN_DOWN = "token_down", "Token endpoint down", "The token endpoint answers 503 with a page."
    USERINFO_DOWN = "userinfo_down", "Userinfo endpoint down", "The userinfo endpoint answers 503 with a page."


class ProviderFault(StrEnum):
    """One thing that the provider does wrong for everyone."""

    label: str
    description: str

    def __new__(cls, value: str, label: str, description: str) -> Self:
        """One member, with its words."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.description = description
        return member

    NEW_KEY = (
        "new_key",
        "Key rotated",
        "When this is switched on, a new key signs from now on. The one before it stays published.",
    )
    KEY_JUST_ROTATED = (
        "key_just_rotated",
        "Key rotated just before signing",
        "Each ID token is signed with a key made for it, and only the newest key is published.",
    )
    SAME_KID = (
        "same_kid",
        "New key, same name",
        "When this is switched on, the key is replaced by a new one with the same kid.",
    )
    DISCOVERY_DOWN = "discovery_down", "Discovery down", "The discovery document is answered with 503 and a page."
    DISCOVERY_SLOW = "discovery_slow", "Discovery slow", "The discovery document comes one byte per second."
    DISCOVERY_ENDLESS = "discovery_endless", "Discovery endless", "The discovery document begins and never ends."
    DISCOVERY_REDIRECTS = (
        "discovery_redirects",
        "Discovery redirects",
        "The discovery document is answered with a redirect to 169.254.169.254.",
    )
    DISCOVERY_IS_A_PAGE = "discovery_is_a_page", "Discovery is a page", "A page comes in place of the document."
    OTHER_ISSUER = (
        "other_issuer",
        "Discovery of another issuer",
        "The document names another issuer than it is found at.",
    )
    SLASH_ISSUER = (
        "slash_issuer",
        "Issuer with a slash",
        "The issuer ends in a slash, in the document and in tokens, as Auth0's and JumpCloud's do.",
    )
    KEYS_DOWN = "keys_down", "Key set down", "The key set is answered with 503 and a page."
    KEYS_SLOW = "keys_slow", "Key set slow", "The key set comes one byte per second."
    KEYS_EMPTY = "keys_empty", "Key set empty", "The key set has no keys."
