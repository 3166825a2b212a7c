"""Ids that say what they are: a letter for the kind, then lower-case letters and digits (Okta refuses underscores)."""

import hashlib
from datetime import datetime
from typing import NewType

from ostiary.kernel.randomness import Random

OrganizationId = NewType("OrganizationId", str)
AccountId = NewType("AccountId", str)
ConnectionId = NewType("ConnectionId", str)
AttemptId = NewType("AttemptId", str)
SessionId = NewType("SessionId", str)
DomainId = NewType("DomainId", str)
IdentityId = NewType("IdentityId", str)
KeyId = NewType("KeyId", str)
JobId = NewType("JobId", str)
EventId = NewType("EventId", str)
Reference = NewType("Reference", str)
"""What a user reads to an admin, as K7Q2-9XMD."""

# Crockford's base 32, without the letters that are misread.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# A reference holds no vowel and no letter that is misread, so that it never spells a word.
_REFERENCE = "23456789BCDFGHJKLMNPQRSTVWXYZ"


def _spell(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        letters.append(_ALPHABET[digit])
    return "".join(reversed(letters))


def _short(prefix: str, random: Random) -> str:
    return prefix + _spell(int.from_bytes(random.token(7)), 11)


def _in_order_of_time(prefix: str, random: Random, now: datetime) -> str:
    # Keys that grow with time keep the index's pages warm: random ones slowed a busy table by a quarter.
    return prefix + _spell(int(now.timestamp() * 1000), 10) + _spell(int.from_bytes(random.token(10)), 16)


def organization_id(random: Random) -> OrganizationId:
    """A new id, as o3f9… and so on."""
    return OrganizationId(_short("o", random))


def account_id(random: Random) -> AccountId:
    """A new id, as a3f9… and so on."""
    return AccountId(_short("a", random))


def connection_id(random: Random) -> ConnectionId:
    """A new id, as c3f9…; it stands in the URLs that admins copy, so it is short."""
    return ConnectionId(_short("c", random))


def domain_id(random: Random) -> DomainId:
    """A new id, as d3f9… and so on."""
    return DomainId(_short("d", random))


def identity_id(random: Random) -> IdentityId:
    """A new id, as i3f9… and so on."""
    return IdentityId(_short("i", random))


def key_id(random: Random) -> KeyId:
    """A new id, as k3f9… and so on."""
    return KeyId(_short("k", random))


def attempt_id(random: Random, now: datetime) -> AttemptId:
    """A new id, as t01h…, that sorts by time."""
    return AttemptId(_in_order_of_time("t", random, now))


def session_id(random: Random, now: datetime) -> SessionId:
    """A new id, as s01h…, that sorts by time. It is no secret: the session's token is."""
    return SessionId(_in_order_of_time("s", random, now))


def job_id(random: Random, now: datetime) -> JobId:
    """A new id, as j01h…, that sorts by time."""
    return JobId(_in_order_of_time("j", random, now))


def event_id(random: Random, now: datetime) -> EventId:
    """A new id, as e01h…, that sorts by time; for audit events and mail."""
    return EventId(_in_order_of_time("e", random, now))


def first_event_id(at: datetime) -> EventId:
    """What sorts before every id of an event from this moment on."""
    return EventId("e" + _spell(int(at.timestamp() * 1000), 10))


def reference(random: Random) -> Reference:
    """A new reference, as K7Q2-9XMD. Unique only in practice: the store refuses a second one."""
    number = int.from_bytes(random.token(8))
    letters = []
    for _ in range(8):
        number, digit = divmod(number, len(_REFERENCE))
        letters.append(_REFERENCE[digit])
    return Reference("".join(letters[:4]) + "-" + "".join(letters[4:]))


def request_id(random: Random) -> str:
    """A new id of an AuthnRequest: `_` and 32 hex digits (Entra refuses a leading digit, as does xs:ID)."""
    return "_" + random.token(16).hex()


def secret(random: Random) -> str:
    """256 random bits as text for a cookie or a link. Store only its `fingerprint`."""
    return random.token(32).hex()


def fingerprint(secret: str) -> str:
    """What is stored in place of a secret: its SHA-256, in hex. Enough for 256 random bits; never for a password."""
    return hashlib.sha256(secret.encode()).hexdigest()
