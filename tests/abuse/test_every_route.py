"""Every row of the route table, asked in every way in which no page asks it, by a stranger and by another tenant."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest

from ostiary.web.routes import ROWS
from ostiary.web.routing import Row, Where, Who
from tests.abuse.two_tenants import FORMS, SECRET_MARK, TwoTenants, form_of, path_of
from tests.web.rim import PUBLIC_URL, Reply, ask

SECONDS = 3.0
"""Of the processor: what the machine does besides, or its disk, counts in none. Two hashes of passwords take a half."""
LONGEST = 20.0
"""Of the clock on the wall."""
URLENCODED = "application/x-www-form-urlencoded"
UNKNOWN = {
    "connection_id": "azzzzzzzzzzz",
    "attempt_id": "azzzzzzzzzzzzzzzzzzz",
    "domain_id": "azzzzzzzzzzz",
    "account_id": "azzzzzzzzzzz",
    "passkey_id": "kzzzzzzzzzzz",
    "reference": "ZZZZ-ZZZZ",
    "slug": "nobody",
    "logout_id": "_" + "f" * 32,
    "role": "spare",
    "code": "saml.no_such_code",
}
ODD = {
    "nul": "a\0b",
    "controls": "a\r\nSet-Cookie: x=y\x1b[31m\x7f\x85",
    "turned round": "\u202egro.elpmaxe\u2066\ufeff",
    "very long": "x" * 5_000,
    "beyond the first plane": "\U0001f600" * 300,
    "half a tag": "\"'><script>alert(1)</script>{{7*7}}${7*7}",
    "a path": "../../../../etc/passwd",
    "a number too large": "9" * 400,
    "SQL": "' OR 1=1 --",
}
COOKIES = ("__Host-ostiary-session=" + "f" * 64, "=;;=;,\x01", "a=" + "b" * 20_000, "__Host-ostiary-theme=\xff")
ODD_HEADERS = (("accept", "application/json"), ("user-agent", "\x00\xff" * 500), ("x-forwarded-for", "'"))
ORIGINS = (None, "", "null", "https://evil.example", PUBLIC_URL + ".evil.example", "http://sso.ringline.example")
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\na\r\n'


@dataclass(frozen=True, kw_only=True)
class Case:
    """One way to ask."""

    name: str
    path: str
    method: str
    body: bytes = b""
    query: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    expected: tuple[int, ...] = ()
    """The statuses that this has to end with; empty: any below 500."""


def form_headers(content_type: str = URLENCODED, *, origin: str | None = PUBLIC_URL) -> tuple[tuple[str, str], ...]:
    own = (("origin", origin),) if origin is not None else ()
    return (("content-type", content_type), *own)


def cases(row: Row, ids: Mapping[str, str], foreign: Mapping[str, str]) -> Iterator[Case]:
    """Every way to ask this row."""
    yield from ids_of_others(row, foreign)
    yield from odd_paths_and_queries(row, ids)
    yield from wrong_methods(row, ids)
    if row.method == "POST":
        yield from wrong_origins(row, ids)
        yield from broken_bodies(row, ids)
        yield from odd_fields(row, ids)


def ids_of_others(row: Row, foreign: Mapping[str, str]) -> Iterator[Case]:
    for name, others in (("unknown ids", UNKNOWN), ("ids of another tenant", foreign)):
        # Metadata and the ACS are for everybody: a connection's id is no secret.
        is_closed = row.who is Who.ADMIN and "{" in row.path
        yield Case(
            name=name,
            method=row.method,
            path=path_of(row, others),
            body=urlencode(form_of(row, others)).encode(),
            headers=form_headers(),
            expected=(401, 404, 303) if is_closed else (),
        )


def odd_paths_and_queries(row: Row, ids: Mapping[str, str]) -> Iterator[Case]:
    body = urlencode(form_of(row, ids)).encode()
    if "{" in row.path:
        for name, text in ODD.items():
            odd = dict.fromkeys(ids, text)
            path = path_of(row, odd)
            yield Case(name=f"{name} in the path", method=row.method, path=path, body=body, headers=form_headers())
    for query in (b"q=%zz&%=%&=%ff", b"q=%ff%fe&at=%00", b"&&&==&q", b"q=1&q=2&at=1&at=2", b"a=1&" * 200):
        name = f"query {query[:20]!r}"
        path = path_of(row, ids)
        yield Case(name=name, method=row.method, path=path, query=query, body=body, headers=form_headers())
    names = ("q", "outcome", "connection", "days", "at", "return_to", "email", "link", "done")
    for name, text in ODD.items():
        query = urlencode(dict.fromkeys(names, text)).encode()
        path = path_of(row, ids)
        yield Case(
            name=f"{name} in the query", method=row.method, path=path, query=query, body=body, headers=form_headers()
        )
    for cookie in COOKIES:
        headers = (*form_headers(), ("cookie", cookie))
        yield Case(name=f"cookie {cookie[:20]!r}", method=row.method, path=path_of(row, ids), headers=headers)
    headers = (*form_headers(), *ODD_HEADERS)
    yield Case(name="odd headers", method=row.method, path=path_of(row, ids), headers=headers)


def wrong_methods(row: Row, ids: Mapping[str, str]) -> Iterator[Case]:
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "G\0ET"):
        path = path_of(row, ids)
        yield Case(name=f"method {method}", method=method, path=path, headers=form_headers(), expected=(405,))


def wrong_origins(row: Row, ids: Mapping[str, str]) -> Iterator[Case]:
    body = urlencode(form_of(row, ids)).encode()
    for origin in ORIGINS:
        yield Case(
            name=f"origin {origin}",
            method="POST",
            path=path_of(row, ids),
            body=body,
            headers=form_headers(origin=origin),
            expected=() if row.is_cross_site else (403,),
        )


def broken_bodies(row: Row, ids: Mapping[str, str]) -> Iterator[Case]:
    def case(name: str, body: bytes, content_type: str = URLENCODED, expected: tuple[int, ...] = ()) -> Case:
        headers = form_headers(content_type)
        return Case(name=name, method="POST", path=path_of(row, ids), body=body, headers=headers, expected=expected)

    too_much = b"a=" + b"x" * row.body_limit
    yield case("one byte too many", too_much[: row.body_limit + 1], expected=(413,))
    yield case("exactly as much as is taken", too_much[: row.body_limit])
    yield case("percent signs", b"email=%zz&%=%&=%f&domain=%")
    yield case("bytes that are no UTF-8", b"email=\xff\xfe&SAMLResponse=\xc0\xaf&domain=%ff%fe", expected=(400,))
    yield case("a NUL", b"email=a%00b&x=\0", expected=(400,))
    yield case("more fields than a form has", b"&".join(b"f%d=1" % number for number in range(101)), expected=(400,))
    yield case("JSON", b'{"email": "a@b.example"}', "application/json", (400,))
    yield case("nested JSON", b"[" * 3_000, "application/json", (400,))
    yield case("text", b"email=a@b.example", "text/plain", (400,))
    yield case("no type", b"email=a@b.example", "", (400,))
    yield case("a type that is none", b"email=a", ";;;=\x01\xff/", (400,))
    yield case("multipart without a boundary", MULTIPART, "multipart/form-data", (400,))
    yield case("multipart that does not end", MULTIPART, "multipart/form-data; boundary=x", (400,))
    yield case("multipart of another boundary", MULTIPART + b"--x--", "multipart/form-data; boundary=y", (400,))
    yield case("nothing", b"")


def odd_fields(row: Row, ids: Mapping[str, str]) -> Iterator[Case]:
    fields = form_of(row, ids)
    path = path_of(row, ids)

    def case(name: str, pairs: list[tuple[str, str]], expected: tuple[int, ...] = ()) -> Case:
        body = urlencode(pairs, quote_via=quote).encode()
        return Case(name=name, method="POST", path=path, body=body, headers=form_headers(), expected=expected)

    for name in fields:
        yield case(f"without {name}", [pair for pair in fields.items() if pair[0] != name])
        twice = [*fields.items(), (name, fields[name] + "x")]
        yield case(f"{name} twice", twice, (400, 404) if is_read(row, name) else ())
        for odd, text in ODD.items():
            yield case(f"{odd} in {name}", list((fields | {name: text}).items()))


def is_read(row: Row, name: str) -> bool:
    """Whether a second value of this field has to be refused: what nobody reads may come twice."""
    return name not in {"certificate", "return_to", "way", "email"} and row.path != "/password/set"


def test_each_form_of_the_table_is_filled_in_here() -> None:
    assert {row.path for row in ROWS if row.method == "POST"} == set(FORMS)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.method} {row.path}" for row in ROWS])
def test_what_no_page_sends_is_refused_in_words(world: TwoTenants, row: Row) -> None:
    # What comes to Acme's own door with the id of its attempt is written down there, as refused.
    with_attempt = not row.is_cross_site
    before = world.seen_of_acme(with_attempt=with_attempt)
    globex, session = world.globex()
    wrong: list[str] = []
    for case in cases(row, globex.ids, world.acme.ids):
        for cookie in ("", session):
            headers = (*case.headers, ("cookie", cookie)) if cookie else case.headers
            began, cost = time.monotonic(), time.process_time()
            reply = ask(world.app, case.method, case.path, headers=headers, body=case.body, query=case.query)
            took, cost = time.monotonic() - began, time.process_time() - cost
            said = complaints(row, case, reply, is_signed_in=bool(cookie), took=took, cost=cost)
            wrong += [f"{case.name}, {'signed in' if cookie else 'a stranger'}: {each}" for each in said]
    assert wrong == []
    assert world.seen_of_acme(with_attempt=with_attempt) == before


def complaints(row: Row, case: Case, reply: Reply, *, is_signed_in: bool, took: float, cost: float) -> Iterator[str]:
    """What is wrong with this answer."""
    text = reply.body.decode(errors="replace")
    if reply.status >= 500:
        yield f"status {reply.status}"
    if case.expected and reply.status not in case.expected and (is_signed_in or row.who is Who.ANYONE):
        yield f"status {reply.status}, not {case.expected}"
    if "Traceback" in text or "sqlalchemy" in text or "psycopg" in text:
        yield f"inner things: {text[:300]}"
    # The page of a refused sign-in leads back to the sign-in link of the organization whose door it is.
    if SECRET_MARK in text.replace(case.path, "").replace(f"/o/{SECRET_MARK}", ""):
        yield f"Acme's data: {text[max(0, text.find(SECRET_MARK) - 200) :][:400]}"
    if any("\n" in value or "\r" in value for _, value in reply.headers):
        yield "a line break in a header"
    if (cost > SECONDS or took > LONGEST) and row.where is not Where.OUT:
        yield f"{took:.1f} s, {cost:.1f} s of them by the processor"
