"""Differences of two web addresses: scheme, host, port, and which of our connections they lead to."""

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from ostiary.problems.comparing.kinds import Difference, Kind, differs
from ostiary.problems.comparing.marks import cut


def of_addresses(expected: str, received: str, ours: Mapping[str, str]) -> Difference | None:
    """Scheme, host or port alone make the difference, or it is the URL of another connection of ours."""
    left, right = _split(expected), _split(received)
    if left is None or right is None:
        return None
    if (left.netloc, left[2:]) == (right.netloc, right[2:]):
        marks = tuple(cut(text, 0, len(url.scheme)) for text, url in ((expected, left), (received, right)))
        words = f"{right.scheme}, not {left.scheme}"
        return differs(Kind.SCHEME, *marks, words=words, short=f"Differs by {words}", detail=right.scheme)
    is_ours = expected in ours.values()
    if left[2:] == right[2:] and (left.scheme == right.scheme or is_ours):
        return _netloc(expected, received, left, right, is_ours=is_ours)
    return _connection(expected, received, left, right) if is_ours else None


def _split(text: str) -> SplitResult | None:
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return None
    is_whole = (
        url.scheme in {"http", "https"} and bool(url.hostname) and text.startswith(f"{url.scheme}://{url.netloc}")
    )
    return url if is_whole and url.geturl() == text else None


def _netloc(expected: str, received: str, left: SplitResult, right: SplitResult, *, is_ours: bool) -> Difference:
    if left.scheme == right.scheme and left.port != right.port and _without_port(left) == _without_port(right):
        marks = tuple(cut(text, *_port_at(url)) for text, url in ((expected, left), (received, right)))
        words = f"port {right.port}, not {left.port}" if left.port and right.port else "a port"
        if right.port is None:
            words = f"no port, not {left.port}"
        elif left.port is None:
            words = f"port {right.port}, not none"
        return differs(Kind.PORT, *marks, words=words, short="Differs in the port", detail=str(right.port or "no port"))
    if left.scheme == right.scheme and (www := _www(expected, received, left, right)) is not None:
        return www
    start = 0 if left.scheme != right.scheme else len(left.scheme) + len("://")
    marks = tuple(
        cut(text, start, len(url.scheme) + len("://") + len(url.netloc))
        for text, url in ((expected, left), (received, right))
    )
    words = f"Another host: {right.hostname}, not {left.hostname}"
    if is_ours:
        # The path holds the random name of the connection: whoever wrote it had it from us.
        words = f"The address of this connection at another host: {right.netloc}, not {left.netloc}"
        return differs(Kind.OUR_HOST, *marks, words=words, short="Is at another host of ours", detail=right.netloc)
    return differs(Kind.HOST, *marks, words=words, short="Differs in the host", detail=str(right.hostname))


def _www(expected: str, received: str, left: SplitResult, right: SplitResult) -> Difference | None:
    if right.netloc == f"www.{left.netloc}":
        kind, words, at = Kind.WWW, "4 characters too many: www. at the beginning of the host", (len("www."), 0)
    elif left.netloc == f"www.{right.netloc}":
        kind, words, at = Kind.WWW_MISSING, "4 characters missing: www. at the beginning of the host", (0, len("www."))
    else:
        return None
    start = len(left.scheme) + len("://")
    marks = (cut(expected, start, start + at[1]), cut(received, start, start + at[0]))
    return differs(kind, *marks, words=words, short="Differs by www.")


def _without_port(url: SplitResult) -> str:
    start, end = _port_at(url)
    return url.geturl()[len(url.scheme) + len("://") : start] if end > start else url.netloc


def _port_at(url: SplitResult) -> tuple[int, int]:
    end = len(url.scheme) + 3 + len(url.netloc)
    has_port = url.netloc.rpartition("]")[2].rfind(":") >= 0
    return (end - len(url.netloc) + url.netloc.rindex(":") if has_port else end, end)


def _connection(expected: str, received: str, left: SplitResult, right: SplitResult) -> Difference | None:
    """Two URLs of ours, of two connections: /saml/{id} and /saml/{id}/acs (decision 2)."""
    left_parts, right_parts = left.path.split("/"), right.path.split("/")
    if left._replace(path="") != right._replace(path="") or len(left_parts) != len(right_parts):
        return None
    if left_parts[:2] != ["", "saml"] or right_parts[:2] != left_parts[:2] or right_parts[3:] != left_parts[3:]:
        return None
    start = len(left.scheme) + 3 + len(left.netloc) + len("/saml/")
    marks = (cut(expected, start, start + len(left_parts[2])), cut(received, start, start + len(right_parts[2])))
    return differs(
        Kind.OTHER_CONNECTION, *marks, words="The address of another connection", short="Is that of another connection"
    )
