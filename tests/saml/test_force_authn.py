"""A request to sign in anew: whether the provider has heard it is seen by when the person signed in."""

from datetime import timedelta

import pytest

from ostiary import saml
from ostiary.saml.errors import AuthenticationStale
from tests.saml.circumstances import AT, usual
from tests.vectors.message import Message, signed
from tests.vectors.vector import document

SKEW = 120


def read(message: Message | None = None, *, asked_seconds_after: float) -> saml.Assertion:
    """The usual answer, whose person signed in at a known moment, to a request so many seconds after that."""
    form_value = saml.post_value(document(signed((message or Message()).tree(), "Assertion")))
    signed_in = saml.read_response(form_value, **usual()).authn_instant or AT
    return saml.read_response(
        form_value, **usual(authenticated_since=signed_in + timedelta(seconds=asked_seconds_after))
    )


@pytest.mark.parametrize("seconds", [-3600, -1, 0, SKEW])
def test_who_signed_in_after_the_request_is_let_in(seconds):
    assert read(asked_seconds_after=seconds).authn_instant is not None


@pytest.mark.parametrize("seconds", [SKEW + 1, 3600])
def test_who_had_signed_in_before_the_request_is_refused(seconds):
    with pytest.raises(AuthenticationStale) as caught:
        read(asked_seconds_after=seconds)
    refusal = caught.value
    assert refusal.authn_instant is not None
    assert (refusal.requested_at - refusal.authn_instant).total_seconds() == seconds
    assert refusal.allowed_seconds == SKEW


def test_a_test_says_the_same_at_the_check_of_the_session():
    form_value = saml.post_value(document(signed(Message().tree(), "Assertion")))
    diagnosis = saml.diagnose_response(form_value, **usual(authenticated_since=AT + timedelta(hours=1)))
    assert isinstance(diagnosis.refusal, AuthenticationStale)
    assert [result.name for result in diagnosis.results if type(result).__name__ == "Refused"] == ["session"]
