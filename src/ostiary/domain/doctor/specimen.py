"""A specimen: one thing that was pasted, after it was unwrapped, and what it is."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ostiary.kernel.errors import Finding


class Kind(StrEnum):
    """What it is."""

    RESPONSE = "response"
    ASSERTION = "assertion"
    AUTHN_REQUEST = "authn_request"
    LOGOUT_REQUEST = "logout_request"
    LOGOUT_RESPONSE = "logout_response"
    IDP_METADATA = "idp_metadata"
    SP_METADATA = "sp_metadata"
    SEVERAL_METADATA = "several_metadata"
    CERTIFICATE = "certificate"
    PRIVATE_KEY = "private_key"
    URL = "url"
    JSON_WEB_TOKEN = "json_web_token"  # noqa: S105 - the name of a kind
    OIDC_DISCOVERY = "oidc_discovery"
    JSON_WEB_KEYS = "json_web_keys"
    RECORDING = "recording"
    """A browser's recording (HAR) in which no message of SAML was found."""
    WEB_PAGE = "web_page"
    JSON = "json"
    OTHER_XML = "other_xml"
    OTHER_FILE = "other_file"
    UNKNOWN = "unknown"
    CUT_SHORT = "cut_short"
    TOO_LARGE = "too_large"
    NOTHING = "nothing"


class Carrier(StrEnum):
    """How it was wrapped."""

    BARE = "bare"
    """As it is: XML, PEM, text."""
    BASE64 = "base64"
    DEFLATED = "deflated"
    """Deflated and in base64, as in a query."""
    FORM = "form"
    """The body of a form: SAMLResponse=…&RelayState=…"""
    QUERY = "query"
    """A URL or its query."""
    PAGE = "page"
    """The page that posts itself, with the message in a hidden field."""
    RECORDING = "recording"
    """A request in a browser's recording (HAR)."""


METADATA = frozenset({Kind.IDP_METADATA, Kind.SP_METADATA, Kind.SEVERAL_METADATA})
FOREIGN = frozenset(
    {
        Kind.PRIVATE_KEY,
        Kind.JSON_WEB_TOKEN,
        Kind.OIDC_DISCOVERY,
        Kind.JSON_WEB_KEYS,
        Kind.RECORDING,
        Kind.WEB_PAGE,
        Kind.JSON,
        Kind.OTHER_FILE,
        Kind.UNKNOWN,
        Kind.CUT_SHORT,
        Kind.TOO_LARGE,
        Kind.NOTHING,
    }
)
"""What no check of SAML can be run on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """One thing that was pasted. It lives as long as the page that shows it, and is stored nowhere."""

    kind: Kind
    carrier: Carrier
    octets: bytes = b""
    """What was inside: the XML, the certificate, the text."""
    form_value: bytes = b""
    """Of a message: the value of its form field, in base64, as a sign-in would be given it."""
    relay_state: str = ""
    sent_to: str = ""
    """Of a request that was recorded, or a URL: where it went, without its query."""
    sent_at: datetime | None = None
    """By the clock of the browser that recorded it."""
    findings: tuple[Finding, ...] = ()
    """What is worth telling about how it was wrapped, or why nothing can be done with it."""
    facts: tuple[tuple[str, tuple[str, ...]], ...] = field(default=())
    """What it says, where it is no XML: by name, in order."""
