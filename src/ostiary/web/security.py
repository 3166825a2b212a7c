"""What every answer carries, and what every unsafe request has to carry."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from ostiary.domain.errors import OriginForeign
from ostiary.web.responses import Csp

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_TWO_YEARS = 63_072_000
_LONGEST_PATH = 2000
_SOURCES = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def security_headers(public_url: str, *, csp: Csp) -> dict[str, str]:
    """The headers that every answer carries."""
    headers = {
        "Content-Security-Policy": _SOURCES if csp is Csp.FORMS_LEAVE else f"{_SOURCES}; form-action 'self'",
        # Not no-referrer: with it even our own forms carry "Origin: null" (decision 23).
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    if public_url.startswith("https://"):
        headers["Strict-Transport-Security"] = f"max-age={_TWO_YEARS}"
    return headers


def require_own_origin(headers: Mapping[str, str], *, public_url: str) -> None:
    """Return if a form was posted from our own pages. Raises: `OriginForeign` (cross-site request forgery)."""
    origin = headers.get("origin")
    if origin is not None:
        if origin != origin_of(public_url):
            raise OriginForeign(received=origin[:200])
        return
    # Every browser that sends no Origin with a POST of its own site sends Sec-Fetch-Site, or is older than SameSite.
    site = headers.get("sec-fetch-site", "")
    if site not in {"same-origin", "none"}:
        raise OriginForeign(received=site[:200])


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, as a browser writes them into Origin."""
    parts = urlsplit(url)
    port = "" if parts.port in {None, 443 if parts.scheme == "https" else 80} else f":{parts.port}"
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def own_path(text: str, *, default: str) -> str:
    """The path, if it leads to a page of ours; else the default. For what a form says of where to go next."""
    # "//host", "/\host" and a tab inside the first two characters leave for another host in browsers.
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    is_plain = all("!" <= character <= "~" and character != "\\" for character in text)
    if not is_path or not is_plain or len(text) > _LONGEST_PATH:
        return default
    parts = urlsplit(text)
    return default if parts.scheme or parts.netloc else text
