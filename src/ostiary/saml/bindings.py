"""How messages travel: in a form field (POST), in a query (Redirect). SAML Bindings 3.4, 3.5."""

import binascii
import re
import zlib
from urllib.parse import quote

import pybase64

from ostiary.kernel.errors import Refusal
from ostiary.saml.errors import NotBase64, NotXml, TooLarge
from ostiary.saml.signing.keys import SigningKey, algorithm_of, sign_octets
from ostiary.saml.xml import LARGEST_MESSAGE

LARGEST_FORM_VALUE = 1024 * 1024
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=\r\n\t]")
_IN_RESPONSE_TO = re.compile(rb"""\sInResponseTo\s*=\s*["']([^"'<&\s]{1,256})["']""")
_NAMES = {" ": "a space", "-": "a hyphen", "_": "an underscore", "%": "a percent sign", "<": "XML, not encoded"}


def decode_post(form_value: bytes | str) -> bytes:
    """The document in the form field. Lines may be wrapped; nothing else is forgiven.

    Raises: `TooLarge`, `NotBase64`.
    """
    if len(form_value) > LARGEST_FORM_VALUE:
        raise TooLarge(limit=LARGEST_FORM_VALUE, received=len(form_value))
    value = form_value.encode("utf-8", "replace") if isinstance(form_value, str) else form_value
    value = value.strip()
    if not value:
        raise NotBase64(found="nothing")
    try:
        return pybase64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        pass
    # SiteMinder wraps its lines. A space inside a line is a plus sign that was lost on the way.
    compact = b"".join(line.strip() for line in value.splitlines())
    try:
        return pybase64.b64decode(compact, validate=True)
    except (binascii.Error, ValueError):
        raise NotBase64(found=_stranger(compact)) from None


def inflated(form_value: bytes | str) -> bytes:
    """The document in a value that was deflated before it was encoded, as in a query. Bindings 3.4.4.1.

    Raises: `TooLarge` before more than a message's size is unpacked, `NotBase64`, `NotXml` where it is not deflated.
    """
    unpacker = zlib.decompressobj(-15)
    try:
        document = unpacker.decompress(decode_post(form_value), LARGEST_MESSAGE + 1)
    except zlib.error as error:
        raise NotXml(detail=str(error)[:200], line=0) from None
    if len(document) > LARGEST_MESSAGE:
        raise TooLarge(limit=LARGEST_MESSAGE, received=len(document))
    if not unpacker.eof or unpacker.unused_data:
        raise NotXml(detail="not one deflated document", line=0)
    return document


def _stranger(value: bytes) -> str:
    """The first thing that does not belong into base64."""
    found = _NOT_BASE64.search(value.decode("utf-8", "replace"))
    if found is None:
        return "an end that is cut off"
    return _NAMES.get(found[0], repr(found[0]))


def decoded(form_value: bytes | str) -> bytes:
    """The document in the form field, to be shown. Nothing of it is verified. Raises: `TooLarge`, `NotBase64`."""
    return decode_post(form_value)


def unverified_in_response_to(form_value: bytes | str) -> str | None:
    """Which request this seems to answer, so that its attempt can be looked up. None where nothing can be made out.

    Believe nothing for it: `read_response` compares the signed values.
    """
    try:
        document = decode_post(form_value)
    except Refusal:
        return None
    found = _IN_RESPONSE_TO.search(document)
    return found[1].decode("utf-8", "replace") if found else None


def redirect_url(
    place: str,
    *,
    message: bytes,
    relay_state: str | None,
    signing_key: SigningKey | None = None,
    field: str = "SAMLRequest",
) -> str:
    """The URL that takes this message to the identity provider, signed over its very octets. Bindings 3.4.4.1.

    A query that the provider's URL has already stays in front (Google's does, and a tenant may hang on it).
    `field`: SAMLRequest or SAMLResponse.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(message) + packer.flush()
    query = field + "=" + quote(pybase64.b64encode(packed).decode("ascii"), safe="")
    if relay_state:
        query += "&RelayState=" + quote(relay_state, safe="")
    if signing_key is not None:
        query += "&SigAlg=" + quote(algorithm_of(signing_key), safe="")
        signature = sign_octets(query.encode("ascii"), key=signing_key)
        query += "&Signature=" + quote(pybase64.b64encode(signature).decode("ascii"), safe="")
    return place + ("&" if "?" in place else "?") + query


def post_value(message: bytes) -> str:
    """The message as the value of a form field, SAMLRequest or SAMLResponse. Bindings 3.5.4."""
    return pybase64.b64encode(message).decode("ascii")
