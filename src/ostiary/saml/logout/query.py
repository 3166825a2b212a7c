"""How a logout message arrives: in a form, or in a query whose very octets are signed. SAML Bindings 3.4, 3.5.

Rule: the signature of a query is over the values as they were sent. Whoever decodes and encodes them again compares
other octets: AD FS writes `%2b`, others `%2B`.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

from ostiary.saml.logout.errors import LogoutQueryRefused

REQUEST: Final = "SAMLRequest"
RESPONSE: Final = "SAMLResponse"
_DEFLATE = b"urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"
_KNOWN = (REQUEST, RESPONSE, "RelayState", "SigAlg", "Signature", "SAMLEncoding")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPost:
    """A message from a form. It carries its signature inside."""

    parameter: str
    value: bytes
    """Base64 of the document."""
    relay_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByRedirect:
    """A message from a query, and the signature over that query."""

    parameter: str
    value: bytes
    """Base64 of the deflated document."""
    relay_state: str
    algorithm: str
    signature: bytes
    """In base64; empty where the query has none."""
    signed: tuple[bytes, ...]
    """The octets that may have been signed, the likeliest first."""


Arrival = ByPost | ByRedirect


def arrival_of_form(*, request: str | None, response: str | None, relay_state: str) -> ByPost:
    """The one message of a form. Raises: `LogoutQueryRefused`."""
    if request is not None and response is not None:
        raise LogoutQueryRefused(parameter=f"{REQUEST}, {RESPONSE}", problem="both")
    value = request if request is not None else response
    if value is None:
        raise LogoutQueryRefused(parameter=f"{REQUEST}, {RESPONSE}", problem="missing")
    return ByPost(
        parameter=REQUEST if request is not None else RESPONSE,
        value=value.encode("utf-8", "replace"),
        relay_state=relay_state,
    )


def arrival_of_query(query: bytes) -> ByRedirect:
    """The one message of a query string, exactly as it stood in the URL. Raises: `LogoutQueryRefused`."""
    found = _parameters(query)
    encoding = found.get("SAMLEncoding")
    if encoding is not None and unquote_to_bytes(encoding) != _DEFLATE:
        raise LogoutQueryRefused(parameter="SAMLEncoding", problem="unknown")
    messages = [name for name in (REQUEST, RESPONSE) if name in found]
    if len(messages) != 1:
        raise LogoutQueryRefused(parameter=f"{REQUEST}, {RESPONSE}", problem="both" if messages else "missing")
    [parameter] = messages
    # Base64 knows no space: a plus sign that was not encoded is one.
    return ByRedirect(
        parameter=parameter,
        value=unquote_to_bytes(found[parameter]),
        relay_state=unquote_to_bytes(found.get("RelayState", b"").replace(b"+", b" ")).decode("utf-8", "replace"),
        algorithm=unquote_to_bytes(found.get("SigAlg", b"")).decode("utf-8", "replace"),
        signature=unquote_to_bytes(found.get("Signature", b"")),
        signed=_signed(found, parameter=parameter),
    )


def _parameters(query: bytes) -> dict[str, bytes]:
    """The raw values of the parameters of this binding. Raises: `LogoutQueryRefused` for one that comes twice."""
    found: dict[str, bytes] = {}
    for part in query.split(b"&"):
        raw_name, _, value = part.partition(b"=")
        name = unquote_to_bytes(raw_name).decode("utf-8", "replace")
        if name not in _KNOWN:
            continue
        # Of two values one would be verified and the other one read.
        if name in found:
            raise LogoutQueryRefused(parameter=name, problem="repeated")
        found[name] = value
    return found


def _signed(found: dict[str, bytes], *, parameter: str) -> tuple[bytes, ...]:
    """The octets that were signed, in the order of Bindings 3.4.4.1, whatever their order in the URL."""
    order = [name for name in (parameter, "RelayState", "SigAlg") if name in found]
    # An empty RelayState should not be signed, and by some is: it says the same either way.
    without = [name for name in order if name != "RelayState" or found[name]]
    choices = dict.fromkeys(tuple(names) for names in (order, without))
    return tuple(b"&".join(name.encode() + b"=" + found[name] for name in names) for names in choices)
