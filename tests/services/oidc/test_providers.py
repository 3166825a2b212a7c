"""What a provider publishes: its keys change, its server is down, and somebody tries to make us call and call."""

import json
import threading
import time
import tracemalloc
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from ostiary.demo.dns_server import DnsServer
from ostiary.kernel.clock import FixedClock
from ostiary.kernel.errors import Refusal
from ostiary.oidc.errors import StatusUnexpected
from ostiary.services.complete_login import SignedIn
from ostiary.services.refusal_record import LoginRefused
from tests.services.oidc.ground import NOW, Ground, a_ground
from tests.services.oidc.provider import JSON, send

JANE = {"email": "jane@acme.example", "email_verified": True}
DISCOVERY = "/.well-known/openid-configuration"


def code_of(finished: object) -> str:
    assert isinstance(finished, LoginRefused), finished
    return finished.refusal.code


def rotated(ground: Ground) -> None:
    """The provider signs with another key from now on, and publishes only that."""
    ground.provider.signs_with, ground.provider.published = "k2", ["k2"]


def test_a_key_that_changes_before_it_signs_is_fetched_in_the_same_sign_in(ground: Ground) -> None:
    ground.provider.claims = JANE
    answered = ground.provider.approve(ground.leave())
    rotated(ground)
    assert isinstance(ground.answer(answered), SignedIn)
    assert ground.provider.count("/jwks") == 2


def test_a_key_that_changes_between_sign_ins_is_fetched_once(ground: Ground) -> None:
    ground.sign_in(**JANE)
    ground.clock.at += timedelta(minutes=2)
    rotated(ground)
    ground.sign_in()
    ground.sign_in()
    assert ground.provider.count("/jwks") == 2


def test_another_key_under_the_same_name_is_fetched_once(ground: Ground) -> None:
    ground.provider.kids = {"k1": "kid", "k2": "kid"}
    ground.sign_in(**JANE)
    ground.clock.at += timedelta(minutes=2)
    rotated(ground)
    ground.sign_in()
    assert ground.provider.count("/jwks") == 2


def test_keys_that_nobody_publishes_make_us_ask_once_in_a_minute(ground: Ground) -> None:
    ground.sign_in(**JANE)
    ground.provider.signs_with = "evil"
    for number in range(12):
        ground.provider.kids = {"evil": f"random-{number}"}
        assert code_of(ground.try_in()) == "oidc.key_unknown"
    assert ground.provider.count("/jwks") == 2
    ground.clock.at += timedelta(seconds=61)
    # Asked for a moment ago, and not there: not even the minute that has passed makes us ask for it again.
    ground.provider.kids = {"evil": "random-0"}
    ground.try_in()
    assert ground.provider.count("/jwks") == 2


def test_an_outage_breaks_no_sign_in_whose_key_is_known(ground: Ground) -> None:
    ground.sign_in(**JANE)
    ground.provider.replies |= dict.fromkeys((DISCOVERY, "/jwks"), lambda handler: send(handler, 500, {}, b""))
    ground.clock.at += timedelta(hours=3)
    ground.sign_in()
    ground.sign_in()
    # In vain once, then not before a minute has passed.
    assert ground.provider.count(DISCOVERY) == 2
    ground.clock.at += timedelta(hours=24)
    with pytest.raises(StatusUnexpected):
        ground.leave()


@pytest.mark.parametrize(
    ("header", "hours", "asked"),
    [("max-age=1", 0.05, 1), ("max-age=1", 0.1, 2), ("max-age=99999999", 23, 1), ("max-age=99999999", 25, 2)],
)
def test_what_is_published_is_believed_for_5_minutes_at_least_and_24_hours_at_most(
    ground: Ground, header: str, hours: float, asked: int
) -> None:
    ground.provider.headers = {"cache-control": f"public, {header}"}
    ground.sign_in(**JANE)
    ground.clock.at += timedelta(hours=hours)
    ground.sign_in()
    assert ground.provider.count(DISCOVERY) == asked


def test_many_sign_ins_at_once_ask_once(ground: Ground) -> None:
    found = []
    serving = ground.connection.serving
    assert serving is not None

    def ask() -> None:
        found.append(ground.services.oidc_login.request.providers.of(ground.connection, serving.oidc))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), ground.provider.count(DISCOVERY)) == (6, 1)


# --- hosts that mean no good -------------------------------------------------------


def html(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 200, {"content-type": "text/html"}, b"<html>")


def huge(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.send_header("content-length", str(100 * 1024 * 1024))
    handler.end_headers()
    with suppress(OSError):
        for _ in range(100):
            handler.wfile.write(b" " * 1024 * 1024)


def redirect(handler: BaseHTTPRequestHandler) -> None:
    send(handler, 302, {"location": "http://169.254.169.254/latest/meta-data"}, b"")


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("content-type", "application/json")
    handler.end_headers()
    with suppress(OSError):
        for _ in range(400):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token"])
@pytest.mark.parametrize(
    ("reply", "codes"),
    [
        (html, {"oidc.not_json"}),
        (huge, {"outbound.too_large"}),
        (redirect, {"outbound.redirected"}),
        (endless, {"outbound.timed_out"}),
    ],
)
def test_a_hostile_answer_is_refused_with_its_own_code_in_time(hasty: Ground, path: str, reply, codes) -> None:
    hasty.provider.replies[path] = reply
    begun = time.monotonic()
    assert outcome(hasty) in codes
    assert time.monotonic() - begun < 15


REFUSED, ENDPOINT = "outbound.address_refused", "oidc.endpoint_refused"
TARGETS = {
    "https://127.0.0.1/token": REFUSED,
    "https://[::1]/token": REFUSED,
    "https://[::ffff:169.254.169.254]/token": REFUSED,
    "https://169.254.169.254/token": REFUSED,
    "https://10.0.0.5/token": REFUSED,
    "https://100.64.0.1/token": REFUSED,
    "https://0.0.0.0/token": REFUSED,
    "https://2130706433/token": REFUSED,
    "https://0x7f.1/token": REFUSED,
    "https://localhost/token": REFUSED,
    "https://metadata.google.internal/token": REFUSED,
    "https://93.184.215.14:22/token": "outbound.port_refused",
    "https://user:pw@op.example/token": ENDPOINT,
    "http://op.example/token": ENDPOINT,
    "file:///etc/passwd": ENDPOINT,
}


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_an_endpoint_that_points_inside_is_not_called(tmp_path: Path, target: str) -> None:
    with a_ground(tmp_path) as ground:
        ground.provider.described = {"token_endpoint": target}
        assert outcome(ground) == TARGETS[target]


@pytest.mark.parametrize("inside", ["169.254.169.254", "10.0.0.5", "100.64.0.1"])
def test_a_name_that_leads_inside_when_it_is_called_is_not_called(tmp_path: Path, inside: str) -> None:
    """DNS rebinding: what the name said while the sign-in left counts for nothing when the code is traded in."""
    dns = DnsServer(clock=FixedClock(NOW))
    dns.start()
    try:
        with a_ground(tmp_path, dns_server=dns.server, total_seconds=5.0, connect_seconds=5.0) as ground:
            dns.add("rebind.example", value="203.0.113.9", kind="A")
            ground.provider.described = {"token_endpoint": "https://rebind.example/token"}
            answered = ground.provider.approve(ground.leave())
            dns.remove("rebind.example")
            for address in ("203.0.113.9", inside):
                dns.add("rebind.example", value=address, kind="A")
            assert code_of(ground.answer(answered)) == "outbound.address_refused"
    finally:
        dns.stop()


def test_keys_that_stand_inside_are_not_fetched(tmp_path: Path) -> None:
    with a_ground(tmp_path) as ground:
        ground.provider.described = {"jwks_uri": "https://169.254.169.254/latest/meta-data"}
        assert outcome(ground) == "outbound.address_refused"


def test_a_document_of_another_issuer_is_refused(hasty: Ground) -> None:
    hasty.provider.replies[DISCOVERY] = lambda handler: send(
        handler, 200, JSON, json.dumps({**hasty.provider.discovery(), "issuer": "https://evil.example"}).encode()
    )
    assert outcome(hasty) == "oidc.discovery_issuer_mismatch"


def outcome(ground: Ground) -> str:
    """The code of a sign-in that is refused, on the way out or on the way in; written to its attempt."""
    ground.provider.claims = JANE
    try:
        url = ground.leave()
    except Refusal as refusal:
        code = refusal.code
    else:
        code = code_of(ground.answer(ground.provider.approve(url)))
    assert ground.attempts()[0].code == code
    return code


def test_large_documents_that_change_each_time_do_not_stay_in_memory(tmp_path: Path) -> None:
    """An admin of one organization may have a provider of their own, and fetch from it as often as they test."""
    with a_ground(tmp_path) as ground:
        providers, connection = ground.services.oidc_login.request.providers, ground.connection
        assert connection.serving is not None
        settings = connection.serving.oidc

        def fetch(count: int) -> None:
            for _ in range(count):
                ground.clock.at += timedelta(days=1)
                ground.provider.described = {"padding": f"{ground.clock.at}{'a' * 400_000}"}
                assert providers.of(connection, settings).metadata.issuer == settings.issuer

        fetch(2)
        tracemalloc.start()
        try:
            fetch(12)
            grown, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert grown < 12 * 400_000 / 3
