"""What the applications of both consoles share: uploaded logos, and certificates to download."""

import re
from base64 import b64decode, b64encode
from urllib.parse import urlsplit

from cryptography import x509
from starlette.responses import Response

from ostiary.simulator.certificates import certificate_named
from ostiary.simulator.console.frame import app_of, no_such_page
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Access, Incoming, Page
from ostiary.simulator.state import Logo

_LARGEST_LOGO = 262_144
_PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_WHITE_SPACE = re.compile(r"\s")


class NotAPicture(ValueError):
    """The file can't be a logo. The text says why."""


def read_logo(octets: bytes) -> Logo:
    """An uploaded picture. Raises: `NotAPicture`."""
    if len(octets) > _LARGEST_LOGO:
        raise NotAPicture("The logo is larger than 256 KiB.")
    media_type = next((kind for magic, kind in _PICTURES.items() if octets.startswith(magic)), None)
    if media_type is None:
        raise NotAPicture("The logo is not a PNG, JPG or GIF picture.")
    return Logo(media_type=media_type, base64=b64encode(octets).decode("ascii"))


def mistake_in_url(text: str, *, label: str, without_underscore: bool = False) -> str:
    """What is wrong with an address that an admin typed; empty when nothing is."""
    parts = urlsplit(text) if text and not _WHITE_SPACE.search(text) else None
    if not text:
        return f"{label} is empty."
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return f"{label} is not an absolute URL."
    if without_underscore and "_" in text:
        return f"{label} can't contain an underscore (_)."
    return ""


def mistake_in_certificate(pem: str, *, label: str) -> str:
    """What is wrong with a certificate that an admin pasted; empty when nothing is."""
    if not pem:
        return f"{label} is empty."
    try:
        x509.load_pem_x509_certificate(pem.encode("ascii", "replace"))
    except ValueError:
        return f"{label} is not a certificate in PEM."
    return ""


def _logo(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None or app.logo is None:
        return no_such_page(idp)
    answer = Response(b64decode(app.logo.base64), media_type=app.logo.media_type)
    answer.headers["x-content-type-options"] = "nosniff"
    return answer


def _certificate(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    shown = certificate_named(app, name=incoming.path_values["certificate"])
    answer = Response(shown.pem, media_type="application/x-x509-ca-cert")
    answer.headers["content-disposition"] = f'attachment; filename="{idp.saml.certificate.file_name}"'
    return answer


PAGES = (
    Page("/logo/{app_id}", get=_logo, access=Access.ANYONE),
    Page("/admin/apps/{app_id}/certificates/{certificate}/download", get=_certificate),
)
