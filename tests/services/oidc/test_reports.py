"""Test Connection: a real sign-in that ends on a report, whatever the provider does."""

import json
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from ostiary.domain.attempt import Outcome, Purpose
from ostiary.domain.connection_report import Result, TestReport
from ostiary.domain.openid.settings import UserinfoUse
from ostiary.services.answered import TestFinished
from ostiary.services.saml.request import Departure, LeaveFor, Redirect
from tests.services.oidc.ground import Ground, add_connection
from tests.services.oidc.provider import send

JANE = {"email": "jane@acme.example", "email_verified": True, "given_name": "Jane", "family_name": "Doe"}


def report_of(ground: Ground) -> TestReport:
    """The report of a test of what was saved last."""
    departure = Departure(purpose=Purpose.TEST, tested_by=ground.owner.id)
    going = ground.services.start_login.start(ground.connection_id, departure=departure, client=ground.browser)
    then = ground.services.oidc_login.leave(ground.connection_id, going.attempt_id, client=ground.browser)
    assert isinstance(then, LeaveFor), then
    assert isinstance(then.way, Redirect)
    finished = ground.answer(ground.provider.approve(then.way.url))
    assert isinstance(finished, TestFinished)
    view = ground.services.connection_test.view(finished.attempt_id, account=ground.owner)
    assert view.report is not None
    return view.report


def untested(ground: Ground, **changes: Any) -> None:
    """Settings that were saved and not tested."""
    serving = ground.connection.serving
    assert serving is not None
    settings = replace(serving.oidc, **changes)
    revision = replace(serving, number=serving.number + 1, settings=settings, tested_at=None, tested_by=None)
    with ground.store.write() as tx:
        tx.connections.save_revision(revision, organization_id=ground.organization.id)


def never_tested(ground: Ground) -> None:
    """Another connection with the same settings, of which nothing was tested."""
    serving = ground.connection.serving
    assert serving is not None
    ground.connection_id = add_connection(
        ground.store, ground.organization, ground.owner, serving.oidc, is_tested=False
    )


def test_a_passed_test_makes_nobody_and_puts_the_settings_to_work(ground: Ground) -> None:
    untested(ground, creates_accounts=True, prompt="login")
    ground.provider.claims = JANE
    report = report_of(ground)
    assert report.passed, report.first_refusal
    assert report.would is not None
    assert (report.would.kind, report.would.account) == ("create", "Jane Doe")
    read = {line.name: (line.used_for, line.source) for line in report.attributes}
    assert read["email"] == ("email", "id_token")
    assert read["sub"] == ("subject", "id_token")
    assert read["nonce"] == ("checked", "id_token")
    serving = ground.connection.serving
    assert serving is not None
    assert serving.oidc.prompt == "login"
    with ground.store.read() as tx:
        assert tx.accounts.by_email("jane@acme.example", **ground.scope) is None


def test_the_first_report_asks_to_register_the_address_after_signing_out_and_no_later_one(ground: Ground) -> None:
    ground.provider.claims = JANE
    ground.provider.described = {"end_session_endpoint": f"{ground.provider.issuer}/logout"}
    never_tested(ground)
    assert [finding.code for finding in report_of(ground).findings] == ["oidc.sign_out_returns"]
    assert report_of(ground).findings == ()


def test_a_provider_without_a_place_to_sign_out_is_told_of_no_address(ground: Ground) -> None:
    ground.provider.claims = JANE
    ground.provider.described = {"end_session_endpoint": None}
    never_tested(ground)
    assert report_of(ground).findings == ()


def test_a_report_goes_to_the_end_of_what_can_be_said(ground: Ground) -> None:
    untested(ground)
    ground.provider.claims = {**JANE, "aud": "another", "nonce": "another"}
    report = report_of(ground)
    refused = [(line.name, line.code) for line in report.checks if line.result is Result.REFUSED]
    assert refused == [("oidc_audience", "oidc.audience_mismatch"), ("oidc_nonce", "oidc.nonce_mismatch")]
    assert not report.passed
    assert report.is_verified  # it is signed: what it says is the provider's word, though nobody signs in by it
    assert report.identity is None
    assert ground.attempts()[0].outcome is Outcome.TEST_FAILED
    assert ground.attempts()[0].code == "oidc.audience_mismatch"


@pytest.mark.parametrize(("secret", "code"), [("wrong", "oidc.client_rejected")])
def test_a_secret_that_does_not_fit_is_the_headline(ground: Ground, secret: str, code: str) -> None:
    untested(ground)
    ground.provider.secrets = [secret]
    report = report_of(ground)
    assert report.first_refusal is not None
    assert (report.first_refusal.name, report.first_refusal.code) == ("oidc_code", code)
    assert report.checks[-1].result is Result.NOT_RUN


def test_what_is_signed_by_nobody_we_know_is_shown_as_not_verified(ground: Ground) -> None:
    untested(ground)
    ground.provider.claims = JANE
    ground.provider.signs_with = "k2"
    report = report_of(ground)
    assert report.first_refusal is not None
    assert report.first_refusal.name == "oidc_signature"
    assert not report.is_verified
    assert report.attributes


def test_a_test_takes_as_long_as_its_calls(ground: Ground) -> None:
    """The clock goes on while the provider answers: the whole is never shorter than its parts."""
    untested(ground, userinfo_use=UserinfoUse.ALWAYS)
    ground.provider.claims = JANE

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        ground.clock.at += timedelta(seconds=3)
        send(handler, 200, {"content-type": "application/json"}, json.dumps({"sub": "00u-dana"}).encode())

    ground.provider.replies["/userinfo"] = slowly
    assert report_of(ground).passed
    attempt = ground.attempts()[0]
    assert attempt.finished_at is not None
    assert attempt.finished_at - attempt.started_at == timedelta(seconds=3)
    story = ground.services.attempts.one(attempt.reference, **ground.scope).timeline
    assert [(event.kind, event.facts.get("milliseconds")) for event in story if "milliseconds" in event.facts] == [
        ("provider_asked", "0"),
        ("tokens_asked", "0"),
        ("userinfo_asked", "3000"),
    ]


def test_an_owner_who_tests_is_told_that_they_would_have_to_prove_it(ground: Ground) -> None:
    untested(ground)
    ground.provider.claims = {**JANE, "email": "owner@acme.example"}
    report = report_of(ground)
    assert report.passed, report.first_refusal
    assert report.would is not None
    assert report.would.kind == "confirm"
