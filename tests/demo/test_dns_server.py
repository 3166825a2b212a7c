import socket
from datetime import UTC, datetime

import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from ostiary.demo.dns_server import DnsServer, Question, Record
from ostiary.kernel.clock import FixedClock

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.fixture
def server(tmp_path):
    server = DnsServer(clock=FixedClock(NOW), path=tmp_path / "dns.json")
    server.start()
    yield server
    server.stop()


def ask(server: DnsServer, name: str, *, kind: str = "TXT", over=dns.query.udp) -> dns.message.Message:
    return over(dns.message.make_query(name, kind), "127.0.0.1", port=server.port, timeout=20)


def test_a_record_is_answered_over_udp_and_tcp(server):
    server.add("_x.acme.example", value="one")
    for over in (dns.query.udp, dns.query.tcp):
        response = ask(server, "_x.acme.example", over=over)
        assert [record.to_text() for record in response.answer[0]] == ['"one"']
        assert response.flags & dns.flags.AA


def test_an_answer_too_long_for_udp_says_so(server):
    server.add("_x.acme.example", value="y" * 3000)
    response = ask(server, "_x.acme.example")
    assert response.flags & dns.flags.TC
    assert response.answer == []


def test_unknown_names_do_not_exist_and_known_ones_have_no_other_kind(server):
    server.add("_x.acme.example", value="one")
    assert ask(server, "other.example").rcode() == dns.rcode.NXDOMAIN
    response = ask(server, "_x.acme.example", kind="A")
    assert (response.rcode(), response.answer) == (dns.rcode.NOERROR, [])


def test_records_are_set_removed_and_listed(server):
    server.add("b.example", value="1")
    server.add("B.example.", value="1")
    server.add("b.example", value="2")
    server.add("a.example", value="127.0.0.1", kind="A")
    server.set_txt("c.example", ["old"])
    server.set_txt("c.example", ["new"])
    server.remove("b.example", value="1")
    assert server.records() == (
        Record(name="a.example", value="127.0.0.1", kind="A"),
        Record(name="b.example", value="2"),
        Record(name="c.example", value="new"),
    )
    server.remove("c.example")
    assert [record.name for record in server.records()] == ["a.example", "b.example"]


def test_records_outlive_the_server(server, tmp_path):
    server.add("b.example", value="1")
    assert DnsServer(clock=FixedClock(NOW), path=tmp_path / "dns.json").records() == server.records()


def test_the_last_questions_are_shown_the_newest_first(server):
    server.add("a.example", value="1")
    ask(server, "a.example")
    ask(server, "a.example", kind="A")
    ask(server, "other.example")
    assert server.questions() == (
        Question(name="other.example", kind="TXT", answer="no such name", at=NOW),
        Question(name="a.example", kind="A", answer="no A record", at=NOW),
        Question(name="a.example", kind="TXT", answer="1 record", at=NOW),
    )


def test_rubbish_is_not_answered_and_does_no_harm(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        client.sendto(b"\x00\x01rubbish", ("127.0.0.1", server.port))
        with pytest.raises(TimeoutError):
            client.recv(512)
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(b"\xff\xffshort")
    server.add("a.example", value="1")
    assert ask(server, "a.example").answer


def test_a_port_that_is_taken_is_an_error_at_once(server):
    with pytest.raises(OSError, match="in use"):
        DnsServer(clock=FixedClock(NOW), port=server.port).start()
