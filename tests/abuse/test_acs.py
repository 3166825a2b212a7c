"""The ACS takes posts from anybody: whatever arrives, the answer is a page with a 4xx, and little is kept of it."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ostiary.domain.attempt import LoginAttempt
from ostiary.kernel.ids import AttemptId
from ostiary.services.refusal_record import LARGEST_UNMATCHED, UNMATCHED_PER_HOUR
from ostiary.storage.records.attempt_list import AttemptFilter
from tests.abuse.two_tenants import TwoTenants, two_tenants
from tests.load.provider import Provider, Question
from tests.web.rim import PUBLIC_URL, Reply, ask

URLENCODED = (("content-type", "application/x-www-form-urlencoded"), ("origin", "https://idp.example"))
TYPES = (URLENCODED[0][1], "multipart/form-data; boundary=x")
# Examples share one server on purpose: what one leaves behind is what the next one meets.
SHARED_SERVER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoTenants]:
    """One server for all examples."""
    with two_tenants(tmp_path_factory.mktemp("acs")) as made:
        yield made


@SHARED_SERVER
@given(body=st.binary(max_size=3_000), content_type=st.sampled_from(TYPES))
def test_any_bytes_as_a_body(server: TwoTenants, body: bytes, content_type: str) -> None:
    reply = ask(server.app, "POST", acs(server), body=body, headers=[("content-type", content_type)])
    assert_refused(reply)


@SHARED_SERVER
@given(message=st.binary(max_size=3_000), relay_state=st.text(max_size=90))
def test_any_bytes_as_a_message(server: TwoTenants, message: bytes, relay_state: str) -> None:
    for value in (base64.b64encode(message), message, base64.b64encode(b"<samlp:Response>" + message)):
        assert_refused(post(server, value, relay_state=relay_state.encode("utf-8", "replace")))


@SHARED_SERVER
@given(data=st.data())
def test_any_change_of_a_good_answer(server: TwoTenants, data: st.DataObject) -> None:
    """Some octets of a tile's signed answer, changed, taken out or doubled: nobody is ever signed in by it.

    A change of what nothing depends on, as the ID of the envelope, lets the sign-in begin anew at the provider.
    """
    good = base64.b64decode(signed(server))
    at = data.draw(st.integers(0, len(good) - 1))
    length = data.draw(st.integers(0, 40))
    put = data.draw(st.one_of(st.binary(min_size=1, max_size=40), st.just(good[at : at + length] * 2)))
    changed = good[:at] + put + good[at + length :]
    reply = post(server, base64.b64encode(changed))
    if reply.status == 303:
        assert reply.header("location").startswith("https://idp.velvet.example/sso?SAMLRequest=")
        assert not any("session" in cookie for cookie in reply.cookies)
    else:
        assert_refused(reply)


def test_the_answer_that_is_changed_there_is_good(server: TwoTenants) -> None:
    assert post(server, signed(server)).status == 303


def test_a_flood_of_answers_to_nothing_leaves_little(tmp_path: Path) -> None:
    with two_tenants(tmp_path) as server:
        known = len(attempts(server))
        large = base64.b64encode(b"<samlp:Response>" + b"x" * 300_000)
        sent = [large if number < 5 else b"PHgv%d" % number for number in range(UNMATCHED_PER_HOUR * 2)]
        replies = [post(server, each) for each in sent]
        assert {reply.status for reply in replies} <= {400, 403}
        kept = attempts(server)
        assert len(kept) == known + UNMATCHED_PER_HOUR
        assert max(stored(server, attempt) for attempt in kept) == LARGEST_UNMATCHED


def post(server: TwoTenants, value: bytes, *, relay_state: bytes = b"") -> Reply:
    """Post an answer to Acme's ACS, from a browser that has no cookie."""
    body = urlencode({b"SAMLResponse": value, b"RelayState": relay_state}).encode()
    return ask(server.app, "POST", acs(server), body=body, headers=URLENCODED)


def assert_refused(reply: Reply) -> None:
    assert 400 <= reply.status < 500, reply.text[:2000]
    assert "<h1" in reply.text
    assert "Traceback" not in reply.text
    assert not any("session" in cookie for cookie in reply.cookies)


def acs(server: TwoTenants) -> str:
    """The ACS of Acme's connection."""
    return f"/saml/{server.acme.ids['connection_id']}/acs"


def signed(server: TwoTenants) -> bytes:
    """A tile's answer, as good as it can be."""
    provider: Provider = server.provider
    question = Question(request_id="", relay_state="")
    entity_id = f"{PUBLIC_URL}/saml/{server.acme.ids['connection_id']}"
    return provider.answer(question, email="pat@velvet.example", entity_id=entity_id, acs_url=PUBLIC_URL + acs(server))


def attempts(server: TwoTenants) -> tuple[LoginAttempt, ...]:
    """Every attempt of Acme."""
    wanted = AttemptFilter(since=datetime.now(UTC) - timedelta(days=1))
    found: list[LoginAttempt] = []
    cursor = None
    while True:
        with server.services.sessions.store.read() as tx:
            page = tx.attempts.page(wanted, organization_id=server.acme.organization.id, cursor=cursor)
        found += page.attempts
        cursor = page.older
        if cursor is None:
            return tuple(found)


def stored(server: TwoTenants, attempt: LoginAttempt) -> int:
    """The bytes that are kept of an attempt's message."""
    with server.services.sessions.store.read() as tx:
        message = tx.attempts.message(AttemptId(attempt.id), organization_id=attempt.organization_id)
    return len(message or b"")
