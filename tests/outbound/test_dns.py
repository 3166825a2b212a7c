import socket
import threading
import time
from ipaddress import ip_address

import pytest

from ostiary.demo.dns_server import DnsServer
from ostiary.kernel.clock import FixedClock
from ostiary.kernel.errors import Refusal
from ostiary.outbound import Resolver
from tests.outbound.local import NOW

CHALLENGE = "_ostiary-challenge.acme.example"


@pytest.fixture
def server():
    server = DnsServer(clock=FixedClock(NOW))
    server.start()
    yield server
    server.stop()


def refusal_of(look_up) -> tuple[str, dict]:
    with pytest.raises(Refusal) as caught:
        look_up()
    return caught.value.code, caught.value.facts()


def test_txt_records_are_read(server):
    server.set_txt(CHALLENGE, ["ostiary-domain-verification=1", "v=spf1 -all"])
    assert sorted(Resolver(server=server.server).txt(CHALLENGE)) == ["ostiary-domain-verification=1", "v=spf1 -all"]


def test_a_long_record_is_put_together_and_fetched_over_tcp(server):
    text = 'a "quoted" \\ Grüße ' + "y" * 5000
    server.set_txt(CHALLENGE, [text])
    assert Resolver(server=server.server).txt(CHALLENGE) == (text,)


def test_a_name_in_capitals_with_a_dot_at_the_end_is_the_same_name(server):
    server.set_txt(CHALLENGE, ["a"])
    assert Resolver(server=server.server).txt("_OSTIARY-challenge.Acme.Example.") == ("a",)


def test_a_name_that_does_not_exist_is_said(server):
    refusal = refusal_of(lambda: Resolver(server=server.server).txt(CHALLENGE))
    assert refusal == ("dns.no_such_name", {"name": CHALLENGE})


def test_a_record_of_another_kind_is_said_with_what_stands_there(server):
    server.add(CHALLENGE, value="verification.example.", kind="CNAME")
    refusal = refusal_of(lambda: Resolver(server=server.server).txt(CHALLENGE))
    facts = {"name": CHALLENGE, "kind": "TXT", "found": ("CNAME verification.example",)}
    assert refusal == ("dns.no_record", facts)


def test_a_name_above_a_record_exists_and_has_none(server):
    server.set_txt(CHALLENGE, ["a"])
    facts = {"name": "acme.example", "kind": "TXT", "found": ()}
    assert refusal_of(lambda: Resolver(server=server.server).txt("acme.example")) == ("dns.no_record", facts)


@pytest.mark.parametrize("name", ["a..b", "a" * 64 + ".example", "." + "a." * 130])
def test_what_is_no_name_is_refused(server, name):
    assert refusal_of(lambda: Resolver(server=server.server).txt(name))[0] == "dns.failed"


def test_a_server_that_does_not_answer_times_out():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        resolver = Resolver(server=f"127.0.0.1:{deaf.getsockname()[1]}", timeout=0.3)
        began = time.monotonic()
        refusal = refusal_of(lambda: resolver.txt(CHALLENGE))
    assert refusal == ("dns.timed_out", {"name": CHALLENGE, "seconds": "1"})
    assert time.monotonic() - began < 5


def test_every_address_of_a_host_is_found_both_kinds(server):
    server.add("idp.example", value="192.0.2.1", kind="A")
    server.add("idp.example", value="192.0.2.2", kind="A")
    server.add("idp.example", value="2001:db8::1", kind="AAAA")
    found = Resolver(server=server.server).addresses("idp.example")
    assert set(found) == {ip_address("192.0.2.1"), ip_address("192.0.2.2"), ip_address("2001:db8::1")}
    assert found[-1] == ip_address("2001:db8::1")


def test_a_host_without_addresses_is_said(server):
    server.set_txt("idp.example", ["a"])
    assert refusal_of(lambda: Resolver(server=server.server).addresses("idp.example"))[0] == "dns.no_record"


def test_localhost_is_asked_of_no_server(server):
    resolver = Resolver(server=server.server)
    assert resolver.addresses("localhost") == resolver.addresses("okta.localhost")
    assert resolver.addresses("localhost") == (ip_address("127.0.0.1"), ip_address("::1"))
    assert server.questions() == ()


def test_without_a_server_the_system_is_asked():
    assert Resolver().addresses("127.0.0.1") == (ip_address("127.0.0.1"),)


def test_a_look_up_of_the_system_that_hangs_is_left_behind(monkeypatch):
    let_go = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: let_go.wait(10) and [])
    resolver = Resolver(timeout=0.2)
    began = time.monotonic()
    assert refusal_of(lambda: resolver.addresses("slow.example"))[0] == "dns.timed_out"
    assert time.monotonic() - began < 5
    let_go.set()


def test_look_ups_that_hang_are_not_piled_up(monkeypatch):
    let_go = threading.Event()
    started = []

    def hang(host, *_arguments, **_named):
        started.append(host)
        let_go.wait(10)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    resolver = Resolver(timeout=0.01)
    for _ in range(40):
        assert refusal_of(lambda: resolver.addresses("slow.example"))[0] == "dns.timed_out"
    assert len(started) == 32
    let_go.set()


@pytest.mark.parametrize(
    ("number", "code"), [(socket.EAI_NONAME, "dns.no_such_name"), (socket.EAI_AGAIN, "dns.failed")]
)
def test_what_the_system_refuses_has_a_name(monkeypatch, number, code):
    def refuse(*_args, **_named):
        raise socket.gaierror(number, "no")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert refusal_of(lambda: Resolver().addresses("nobody.example"))[0] == code
