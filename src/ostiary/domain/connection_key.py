"""Our own keys of a connection: the current one, the next, and the one before, so that a change loses no sign-in."""

from enum import StrEnum


class KeyRole(StrEnum):
    """What a key of ours does. A connection has at most one in each role."""

    CURRENT = "current"
    """It signs, and it decrypts."""
    NEXT = "next"
    """It is published, so that the identity provider knows it before it signs. It decrypts already."""
    PREVIOUS = "previous"
    """It signs no more, and still decrypts what was encrypted to it, until it is removed."""
