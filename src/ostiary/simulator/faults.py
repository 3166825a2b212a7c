"""What can be made wrong on purpose, one application at a time."""

from enum import StrEnum
from typing import Self


class Fault(StrEnum):
    """One thing that goes wrong. `label` names it, `description` says what then happens."""

    label: str
    description: str

    def __new__(cls, value: str, label: str, description: str) -> Self:
        """One member, with its words."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        member.description = description
        return member

    WRONG_AUDIENCE = "wrong_audience", "Wrong audience", "The audience in the answer is that of another application."
    AUDIENCE_SLASH = (
        "audience_slash",
        "Trailing slash on the audience",
        "The audience in the answer has one slash more at its end than the setting says.",
    )
    ATTRIBUTE_MISSING = (
        "attribute_missing",
        "Attributes not included",
        "The answer carries no attributes, whatever the settings say.",
    )
    OTHER_CERTIFICATE = (
        "other_certificate",
        "Other certificate",
        "Answers are signed with a new key. The console shows the new certificate beside the first one.",
    )
    EXPIRED_CERTIFICATE = (
        "expired_certificate",
        "Expired certificate",
        "The first certificate expired yesterday, and a new key signs. The console shows both, the first as inactive.",
    )
    CLOCK_SLOW = (
        "clock_slow",
        "Clock off by 7 minutes",
        "The clock of the identity provider is 7 minutes slow, so that answers come too late.",
    )
    UNSIGNED = "unsigned", "Unsigned", "Neither the response nor the assertion is signed."
    SHA1 = "sha1", "SHA-1", "Answers are signed with RSA-SHA1 and SHA-1 digests, whatever the settings say."
    FORCE_AUTHN_IGNORED = (
        "force_authn_ignored",
        "Password not asked for again",
        "A request to ask for the password again (ForceAuthn) is answered for whoever is signed in.",
    )
    NOT_ASSIGNED = "not_assigned", "Not assigned", "Everyone is treated as not assigned to the application."


NEW_KEY = frozenset({Fault.OTHER_CERTIFICATE, Fault.EXPIRED_CERTIFICATE})
"""The faults under which another key signs."""
