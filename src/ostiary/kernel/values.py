"""Values that are parsed once and trusted after: email addresses, domain names, URLs."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

import idna

_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LONGEST_ADDRESS = 254
_LONGEST_LOCAL_PART = 64
_LONGEST_URL = 2048
_CONTROL = frozenset({*range(32), 127})
# Letters and digits of any script; no percent sign, which some parsers decode into another host.
_HOST = re.compile(r"(?=.*\w)[\w.:-]+")
_UNQUOTED = "/%:@!$&'()*+,;=~-._?"
_ASCII_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class DomainName:
    """A domain of at least two labels, as lower-case A-labels (IDNA 2008), without a dot at the end."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The domain that is written there. Raises: `ValueError`."""
        if len(text) > _LONGEST_ADDRESS:
            raise ValueError(text[:_LONGEST_ADDRESS])
        # Capitals of ASCII are folded and nothing else is mapped (no UTS 46): a full-width "a", a soft hyphen or an
        # ideographic full stop would make two people of one identity provider, or two domains, one.
        labels = idna.encode(text.translate(_ASCII_LOWER), strict=True).decode("ascii")
        if "." not in labels or labels.endswith(".") or labels.rsplit(".", 1)[1].isdigit():
            raise ValueError(text)
        return cls(labels)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """One plain addr-spec: no quotes, no comment, no list, no white space inside.

    The domain is normalised, the local part is kept as written; `key` is what is compared.
    """

    local: str
    domain: DomainName

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address that is written there. Raises: `ValueError`."""
        text = text.strip(" \t\r\n")
        if len(text) > _LONGEST_ADDRESS:
            raise ValueError(text[:_LONGEST_ADDRESS])
        local, at, domain = text.rpartition("@")
        # Quoted local parts, two @, NBSP and control characters have all opened other people's accounts elsewhere.
        if not at or len(local) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local):
            raise ValueError(text)
        address = cls(local, DomainName.parse(domain))
        if len(str(address)) > _LONGEST_ADDRESS:
            raise ValueError(text)
        return address

    @property
    def key(self) -> str:
        """The address in lower case. Two addresses with the same key belong to the same person."""
        return f"{self.local.lower()}@{self.domain}"

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


@dataclass(frozen=True, slots=True)
class WebUrl:
    """An absolute https URL with a host, without user info, fragment or white space. Plain http only for loopback."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """The URL that is written there. Raises: `ValueError`."""
        if len(text) > _LONGEST_URL or any(character.isspace() or ord(character) in _CONTROL for character in text):
            raise ValueError(text)
        parts = urlsplit(text)
        is_local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if (
            (parts.scheme != "https" and not is_local)
            or not _HOST.fullmatch(parts.hostname or "")
            or parts.fragment
            or "@" in parts.netloc
            or "\\" in text
        ):
            raise ValueError(text)
        _ = parts.port  # raises ValueError for a port that is no number
        return cls(text)

    @property
    def host(self) -> str:
        """The host, lower-case, without the port."""
        return urlsplit(self.text).hostname or ""

    @property
    def ascii(self) -> str:
        """As it goes into a header: the host in A-labels, the rest percent-encoded (RFC 3987). Raises: `ValueError`."""
        if self.text.isascii():
            return self.text
        parts = urlsplit(self.text)
        place = parts.netloc
        if not place.isascii():
            port = "" if parts.port is None else f":{parts.port}"
            place = idna.encode(self.host, uts46=True).decode("ascii").lower() + port
        path, query = (quote(part, safe=_UNQUOTED) for part in (parts.path, parts.query))
        return urlunsplit((parts.scheme, place, path, query, ""))

    def __str__(self) -> str:
        return self.text
