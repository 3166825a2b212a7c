import gzip
import os
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from ostiary.kernel.clock import FixedClock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.http import HttpRequest, HttpResponse
from ostiary.outbound import GuardedFetch, Limits, Resolver
from tests.outbound.local import (
    NOW,
    Authority,
    TurningDnsServer,
    a_dns_server,
    a_server,
    answering,
    silent,
)

QUICK = Limits(connect_seconds=1.0, total_seconds=1.0, patience_seconds=0.05)
SOON = 5.0
"""Seconds: far below what a server here holds out, far above the deadline on a machine that is busy otherwise."""


def a_fetch(
    dns=None,
    *,
    limits=Limits(),  # noqa: B008
    clock=None,
    networks=(),
    ports=(443, 8443),
    loopback=True,
    tls=None,
) -> GuardedFetch:
    return GuardedFetch(
        clock=clock or FixedClock(NOW),
        resolver=Resolver(server=dns.server if dns else None, timeout=10),
        allowed_networks=networks,
        allowed_ports=ports,
        allow_loopback_http=loopback,
        limits=limits,
        tls=tls,
    )


def get(fetch: GuardedFetch, url: str, *, purpose: str = "c1", **more: int) -> HttpResponse:
    return fetch(HttpRequest(method="GET", url=url), purpose=purpose, **more)


def refusal_of(fetch: GuardedFetch, url: str, *, purpose: str = "c1", **more: int) -> Refusal:
    with pytest.raises(Refusal) as caught:
        get(fetch, url, purpose=purpose, **more)
    return caught.value


def code_and_facts(refusal: Refusal) -> tuple[str, dict]:
    return refusal.code, refusal.facts()


# --- what is fetched --------------------------------------------------------


def test_an_answer_comes_back_whole():
    headers = ("Content-Type: application/json", "X-Two: a", "X-Two: b")
    with a_server(answering(b'{"issuer": 1}', headers=headers)) as server:
        response = get(a_fetch(), f"http://127.0.0.1:{server.port}/well-known?a=b%20c#fragment")
    assert response == HttpResponse(
        status=200,
        headers={"content-type": "application/json", "x-two": "a, b", "content-length": "13"},
        body=b'{"issuer": 1}',
    )
    assert server.requests[0].split(b"\r\n")[0] == b"GET /well-known?a=b%20c HTTP/1.1"


def test_an_error_status_is_an_answer_too():
    with a_server(answering(b'{"error":"invalid_grant"}', status="400 Bad Request")) as server:
        response = get(a_fetch(), f"http://localhost:{server.port}/token")
    assert (response.status, response.body) == (400, b'{"error":"invalid_grant"}')


def test_a_post_carries_its_body_and_headers():
    request = HttpRequest(
        method="POST",
        url="",
        headers={"Content-Type": "application/x-www-form-urlencoded", "Host": "evil.example", "Cookie": "a=b"},
        body=b"grant_type=authorization_code",
    )
    with a_server(answering()) as server:
        url = f"http://127.0.0.1:{server.port}/token"
        a_fetch()(HttpRequest(method="POST", url=url, headers=request.headers, body=request.body), purpose="c1")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == b"grant_type=authorization_code"
    assert b"content-type: application/x-www-form-urlencoded" in head
    assert f"host: 127.0.0.1:{server.port}".encode() in head
    assert b"evil.example" not in head
    assert b"cookie" not in head.lower()


def test_a_packed_answer_is_unpacked():
    with a_server(answering(gzip.compress(b"x" * 5000), headers=("Content-Encoding: gzip",))) as server:
        response = get(a_fetch(), f"http://127.0.0.1:{server.port}/")
    assert response.body == b"x" * 5000


def test_no_cookie_is_kept():
    with a_server(answering(headers=("Set-Cookie: session=1; Path=/",))) as server:
        fetch = a_fetch()
        first = get(fetch, f"http://127.0.0.1:{server.port}/")
        get(fetch, f"http://127.0.0.1:{server.port}/")
    assert "set-cookie" not in first.headers
    assert b"session=1" not in server.requests[1]


def test_proxies_of_the_environment_are_not_asked(monkeypatch):
    with a_server(answering(b"the proxy")) as proxy, a_server(answering(b"the host itself")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert get(a_fetch(), f"http://127.0.0.1:{server.port}/").body == b"the host itself"
    assert proxy.connections == 0


# --- TLS --------------------------------------------------------------------


def test_a_server_is_verified_by_its_name_and_reached_at_the_checked_address(tmp_path):
    authority = Authority(tmp_path)
    with (
        a_dns_server(idp_example="127.0.0.1") as dns,
        a_server(answering(b"over TLS"), tls=authority.server("idp.example")) as server,
    ):
        response = get(a_fetch(dns, tls=authority.trusting()), f"https://IDP.example.:{server.port}/metadata")
    assert response.body == b"over TLS"
    assert server.sni == ["idp.example"]
    assert f"host: idp.example:{server.port}".encode() in server.requests[0].lower()


def test_a_certificate_of_another_host_is_refused(tmp_path):
    authority = Authority(tmp_path)
    with (
        a_dns_server(idp_example="127.0.0.1") as dns,
        a_server(answering(), tls=authority.server("other.example")) as server,
    ):
        refusal = refusal_of(a_fetch(dns, tls=authority.trusting()), f"https://idp.example:{server.port}/")
    reason = "Hostname mismatch, certificate is not valid for 'idp.example'."
    assert code_and_facts(refusal) == ("outbound.tls_refused", {"host": "idp.example", "reason": reason})
    assert server.requests == []


def test_an_expired_certificate_and_an_unknown_authority_are_refused(tmp_path):
    authority, stranger = Authority(tmp_path), Authority(tmp_path)
    expired = authority.server("idp.example", not_after=datetime.now(tz=UTC) - timedelta(days=1))
    reasons = []
    with a_dns_server(idp_example="127.0.0.1") as dns:
        for tls in (expired, stranger.server("idp.example")):
            with a_server(answering(), tls=tls) as server:
                refusal = refusal_of(a_fetch(dns, tls=authority.trusting()), f"https://idp.example:{server.port}/")
            assert refusal.code == "outbound.tls_refused"
            reasons.append(refusal.facts()["reason"])
    assert reasons == ["certificate has expired", "unable to get local issuer certificate"]


def test_a_server_without_tls_is_refused():
    def plainly(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with a_server(plainly) as server:
        refusal = refusal_of(a_fetch(), f"https://127.0.0.1:{server.port}/")
    reason = "wrong version number"
    assert code_and_facts(refusal) == ("outbound.tls_refused", {"host": "127.0.0.1", "reason": reason})


# --- which addresses --------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://idp.example/", "not_https"),
        ("file:///etc/passwd", "not_https"),
        ("gopher://idp.example/", "not_https"),
        ("//idp.example/", "not_https"),
        ("https://", "not_a_url"),
        ("https://user@idp.example/", "not_a_url"),
        ("https://idp.example@127.0.0.1/", "not_a_url"),
        ("https://idp.example:0/", "not_a_url"),
        ("https://idp.example:99999/", "not_a_url"),
        ("https://[::1/", "not_a_url"),
        ("https://idp..example/", "not_a_url"),
        ("https://idp.example%2f@evil/", "not_a_url"),
        ("https://%31%32%37.0.0.1/", "not_a_url"),
        ("https://idp.example\\@evil.example/", "characters"),
        ("https://idp.example/a b", "characters"),
        ("https://idp.example/\r\nX-Header: 1", "characters"),
        ("https://idp.example/\x00", "characters"),
        ("https://idp.example/" + "a" * 2100, "too_long"),
    ],
)
def test_what_is_no_plain_https_url_is_refused(url, reason):
    refusal = refusal_of(a_fetch(loopback=False), url)
    assert code_and_facts(refusal) == ("outbound.url_refused", {"url": url[:2048], "reason": reason})


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "0177.0.0.1", "0",
        "0.0.0.0", "127.0.0.1.", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",  # noqa: S104
        "100.100.100.200", "168.63.129.16", "224.0.0.1", "255.255.255.255", "198.18.0.1",
        "\uff11\uff12\uff17.0.0.1", "127\u30020\u30020\u30021", "\u2460\u2461\u2466.0.0.1",  # full-width, circled
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
        "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001::1]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]",
        "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "localhost", "LOCALHOST", "localhost.", "a.localhost",
        "metadata.google.internal", "metadata",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused_in_every_spelling(host):
    refusal = refusal_of(a_fetch(loopback=False), f"https://{host}/latest/meta-data/")
    assert refusal.code == "outbound.address_refused"


def test_a_name_with_one_private_address_among_public_ones_is_refused():
    with a_dns_server(idp_example="93.184.215.14") as dns:
        dns.add("idp.example", value="10.1.2.3", kind="A")
        refusal = refusal_of(a_fetch(dns, loopback=False), "https://idp.example/")
    assert code_and_facts(refusal) == ("outbound.address_refused", {"host": "idp.example", "address": "10.1.2.3"})


def test_an_ipv6_address_counts_like_any_other():
    with a_dns_server(idp_example="93.184.215.14") as dns:
        dns.add("idp.example", value="fd12::1", kind="AAAA")
        refusal = refusal_of(a_fetch(dns, loopback=False), "https://idp.example/")
    assert code_and_facts(refusal) == ("outbound.address_refused", {"host": "idp.example", "address": "fd12::1"})


def test_the_connection_goes_to_the_address_that_was_checked():
    # DNS rebinding: the name is harmless while it is judged, and something else a moment later.
    dns = TurningDnsServer(clock=FixedClock(NOW), first="127.0.0.1", later="10.0.0.1")
    dns.start()
    try:
        with a_server(answering(b"as checked")) as server:
            fetch = a_fetch(dns)
            assert get(fetch, f"http://turning.example:{server.port}/").body == b"as checked"
            assert dns.asked == 1
            refusal = refusal_of(fetch, f"http://turning.example:{server.port}/")
    finally:
        dns.stop()
    assert code_and_facts(refusal) == ("outbound.address_refused", {"host": "turning.example", "address": "10.0.0.1"})
    assert server.connections == 1


def test_an_operator_can_open_a_network_for_https_but_never_the_metadata_service():
    opened = (ip_network("127.0.0.0/8"), ip_network("169.254.0.0/16"))
    with a_server(silent) as server:
        fetch = a_fetch(loopback=False, networks=opened, ports=(443, server.port), limits=QUICK)
        assert refusal_of(fetch, f"https://127.0.0.1:{server.port}/").code == "outbound.timed_out"  # it was reached
        assert refusal_of(fetch, f"http://127.0.0.1:{server.port}/").code == "outbound.url_refused"
    assert server.connections == 1
    assert refusal_of(fetch, "https://169.254.169.254/").code == "outbound.address_refused"


@pytest.mark.parametrize("port", [1, 22, 25, 80, 3306, 5432, 6379, 8080, 65535])
def test_a_port_at_which_no_web_server_answers_is_never_called(port):
    opened = (ip_network("127.0.0.0/8"),)
    refusal = refusal_of(a_fetch(loopback=False, networks=opened, limits=QUICK), f"https://127.0.0.1:{port}/token")
    facts = {"host": "127.0.0.1", "port": str(port), "allowed": ("443", "8443")}
    assert code_and_facts(refusal) == ("outbound.port_refused", facts)


def test_an_operator_can_let_another_port_through():
    opened = (ip_network("127.0.0.0/8"),)
    with a_server(silent) as server:
        kept_out = a_fetch(loopback=False, networks=opened, limits=QUICK)
        assert refusal_of(kept_out, f"https://127.0.0.1:{server.port}/").code == "outbound.port_refused"
        assert server.connections == 0
        let_in = a_fetch(loopback=False, networks=opened, ports=(server.port,), limits=QUICK)
        assert refusal_of(let_in, f"https://127.0.0.1:{server.port}/").code == "outbound.timed_out"
        assert server.connections == 1


def test_a_public_host_is_asked_at_its_usual_ports_in_the_demo_too():
    with a_dns_server(idp_example="93.184.215.14") as dns:
        refusal = refusal_of(a_fetch(dns, limits=QUICK), "https://idp.example:22/token")
    assert refusal.code == "outbound.port_refused"


def test_http_is_for_loopback_only():
    with a_dns_server(idp_example="93.184.215.14") as dns:
        refusal = refusal_of(a_fetch(dns), "http://idp.example/")
    assert code_and_facts(refusal) == ("outbound.address_refused", {"host": "idp.example", "address": "93.184.215.14"})


def test_a_name_without_an_address_is_said():
    with a_dns_server(idp_example="127.0.0.1") as dns:
        refusal = refusal_of(a_fetch(dns), "https://nobody.example/")
    assert code_and_facts(refusal) == ("outbound.name_unresolved", {"host": "nobody.example"})


# --- what answers badly -----------------------------------------------------


def test_a_redirect_is_refused_with_its_target():
    with a_server(answering(status="302 Found", headers=("Location: /elsewhere",))) as server:
        origin = f"http://127.0.0.1:{server.port}"
        refusal = refusal_of(a_fetch(), f"{origin}/metadata")
    expected = {"host": "127.0.0.1", "status": "302", "location": f"{origin}/elsewhere"}
    assert code_and_facts(refusal) == ("outbound.redirected", expected)
    assert len(server.requests) == 1


def test_nobody_at_the_port_is_unreachable():
    with a_server(answering()) as server:
        pass
    refusal = refusal_of(a_fetch(), f"http://127.0.0.1:{server.port}/")
    expected = {"host": "127.0.0.1", "port": str(server.port), "address": "127.0.0.1"}
    assert code_and_facts(refusal) == ("outbound.unreachable", expected)


def test_a_server_that_says_nothing_times_out():
    with a_server(silent) as server:
        began = time.monotonic()
        refusal = refusal_of(a_fetch(limits=QUICK), f"http://127.0.0.1:{server.port}/")
        took = time.monotonic() - began
    assert code_and_facts(refusal) == ("outbound.timed_out", {"host": "127.0.0.1", "seconds": "1"})
    assert 0.9 < took < SOON


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"])
def test_a_byte_now_and_then_does_not_prolong_the_deadline(beginning):
    def drip(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(beginning)
        with suppress(OSError):
            for _ in range(400):
                connection.sendall(b"x")
                time.sleep(0.05)

    with a_server(drip) as server:
        began = time.monotonic()
        refusal = refusal_of(a_fetch(limits=QUICK), f"http://127.0.0.1:{server.port}/")
        took = time.monotonic() - began
    assert refusal.code == "outbound.timed_out"
    assert took < SOON


def test_an_endless_body_is_cut_off():
    sent = 0

    def pour(connection: socket.socket, _request: bytes) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):
            while sent < 50_000_000:
                connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536

    with a_server(pour) as server:
        refusal = refusal_of(a_fetch(), f"http://127.0.0.1:{server.port}/", limit_bytes=100_000)
    assert code_and_facts(refusal) == ("outbound.too_large", {"host": "127.0.0.1", "limit_bytes": "100000"})
    assert sent < 50_000_000


def test_endless_headers_are_cut_off():
    def pour(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        with suppress(OSError):
            for _ in range(20_000):
                connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")

    with a_server(pour) as server:
        refusal = refusal_of(a_fetch(), f"http://127.0.0.1:{server.port}/")
    assert code_and_facts(refusal) == ("outbound.answer_unreadable", {"host": "127.0.0.1"})


def test_a_body_of_exactly_the_limit_is_read():
    with a_server(answering(b"x" * 1000)) as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert len(get(a_fetch(), url, limit_bytes=1000).body) == 1000
        assert refusal_of(a_fetch(), url, limit_bytes=999).code == "outbound.too_large"


def test_a_gzip_bomb_is_not_unpacked():
    bomb = gzip.compress(b"\x00" * 50_000_000)
    with a_server(answering(bomb, headers=("Content-Encoding: gzip",))) as server:
        refusal = refusal_of(a_fetch(), f"http://127.0.0.1:{server.port}/")
    assert len(bomb) < 100_000
    assert code_and_facts(refusal) == ("outbound.too_large", {"host": "127.0.0.1", "limit_bytes": str(2 * 1024 * 1024)})


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(gzip.compress(os.urandom(3000))[:-20], "gzip"), (b"not packed", "gzip"), (b"x", "br"), (b"x", "gzip, gzip")],
)
def test_what_can_not_be_unpacked_is_refused(body, encoding):
    with a_server(answering(body, headers=(f"Content-Encoding: {encoding}",))) as server:
        refusal = refusal_of(a_fetch(), f"http://127.0.0.1:{server.port}/")
    assert refusal.code == "outbound.answer_unreadable"


def test_what_is_no_http_is_refused():
    with a_server(lambda connection, _: connection.sendall(b"220 mail.example ESMTP\r\n")) as server:
        refusal = refusal_of(a_fetch(), f"http://127.0.0.1:{server.port}/")
    assert refusal.code == "outbound.answer_unreadable"


def test_an_answer_that_breaks_off_is_not_taken_for_whole():
    def half(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    with a_server(half) as server:
        refusal = refusal_of(a_fetch(), f"http://127.0.0.1:{server.port}/")
    assert refusal.code == "outbound.answer_unreadable"


# --- how many at once, and rest ---------------------------------------------


def test_a_third_call_for_one_connection_is_refused_while_two_hang():
    limits = Limits(total_seconds=3, patience_seconds=0.1)
    with a_server(silent) as hanging, a_server(answering()) as other:
        fetch = a_fetch(limits=limits)
        callers = [in_the_background(fetch, f"http://127.0.0.1:{hanging.port}/", "c1") for _ in range(2)]
        wait_until(lambda: hanging.connections == 2)
        refusal = refusal_of(fetch, f"http://127.0.0.1:{other.port}/", purpose="c1")
        assert get(fetch, f"http://127.0.0.1:{other.port}/", purpose="c2").status == 200
    for caller in callers:
        caller.join()
    assert code_and_facts(refusal) == ("outbound.busy", {"host": "127.0.0.1", "at_once": "2"})


def test_a_call_waits_for_a_slot_and_gets_it():
    def slowly(connection: socket.socket, _request: bytes) -> None:
        time.sleep(0.2)
        answering()(connection, b"")

    with a_server(slowly) as server:
        fetch = a_fetch()
        results: list[int | str] = []
        callers = [in_the_background(fetch, f"http://127.0.0.1:{server.port}/", "c1", results) for _ in range(6)]
        for caller in callers:
            caller.join()
    assert results == [200] * 6


def test_fifty_hanging_connections_do_not_slow_another():
    with a_server(silent) as hanging, a_server(answering()) as healthy:
        fetch = a_fetch(limits=Limits(total_seconds=3))
        callers = [in_the_background(fetch, f"http://127.0.0.1:{hanging.port}/", f"c{n}") for n in range(50)]
        wait_until(lambda: hanging.connections == 50)
        began = time.monotonic()
        assert get(fetch, f"http://127.0.0.1:{healthy.port}/", purpose="healthy").status == 200
        took = time.monotonic() - began
    for caller in callers:
        caller.join()
    assert took < 2


def test_after_three_timeouts_a_host_is_left_alone_for_half_a_minute():
    clock = FixedClock(NOW)

    def late_to_wake(connection: socket.socket, request: bytes) -> None:
        (silent if len(server.requests) <= 3 else answering())(connection, request)

    with a_server(late_to_wake) as server:
        fetch = a_fetch(limits=QUICK, clock=clock)
        url = f"http://127.0.0.1:{server.port}/"
        assert [refusal_of(fetch, url).code for _ in range(3)] == ["outbound.timed_out"] * 3
        clock.at += timedelta(seconds=5)
        resting = refusal_of(fetch, url)
        assert code_and_facts(resting) == ("outbound.resting", {"host": "127.0.0.1", "wait_seconds": "25"})
        assert server.connections == 3
        assert get(fetch, url, purpose="c2").status == 200  # another connection has its own count
        clock.at += timedelta(seconds=25)
        assert [get(fetch, url).status for _ in range(2)] == [200, 200]  # the trial, and all is forgotten


def in_the_background(fetch, url, purpose, results=None) -> threading.Thread:
    def call() -> None:
        try:
            outcome: int | str = get(fetch, url, purpose=purpose).status
        except Refusal as refusal:
            outcome = refusal.code
        if results is not None:
            results.append(outcome)

    thread = threading.Thread(target=call)
    thread.start()
    return thread


def wait_until(condition) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("It did not come about in half a minute.")
