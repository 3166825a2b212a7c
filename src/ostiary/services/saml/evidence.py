"""What a SAML answer has proven, in the shape in which every sign-in ends, and what the timeline says of it."""

from collections.abc import Mapping
from typing import Final

from ostiary import saml
from ostiary.domain.admission import rules_of
from ostiary.domain.attempt import TimelineEvent
from ostiary.domain.connection import Revision, SamlSettings
from ostiary.domain.connection_report import TestReport
from ostiary.domain.identity import Identity, Reading
from ostiary.kernel.errors import Fact
from ostiary.services.complete_login import Evidence, SingleUse
from ostiary.services.refusal_record import Arrival, size_of
from ostiary.services.sessions import Proof

GROUPS_SHOWN: Final = 20
"""Of one person, on an attempt and in a report: all of them would be kept with each sign-in."""


def evidence_of(arrival: Arrival, revision: Revision, assertion: saml.Assertion, reading: Reading) -> Evidence:
    """All that this answer has proven, for the one place where every sign-in ends."""
    identity = reading.identity
    return Evidence(
        connection=arrival.connection,
        organization=arrival.organization,
        rules=rules_of(revision.saml),
        reading=reading,
        proof=Proof(
            connection=arrival.connection,
            issuer=identity.issuer,
            subject=identity.subject,
            session_index=assertion.session_index,
            auth_time=assertion.authn_instant or arrival.now,
            acr=assertion.authn_context,
            amr=(),
            not_on_or_after=assertion.session_not_on_or_after,
            name_id=assertion.name_id,
        ),
        single_use=SingleUse(
            issuer=assertion.issuer,
            assertion_id=assertion.id,
            until=assertion.not_on_or_after,
            if_replayed=saml.errors.ResponseReplayed(assertion_id=assertion.id),
        ),
        unconfirmed_key=_unconfirmed(revision.saml, assertion),
        message=arrival.message,
        events=_events(arrival, assertion, reading),
    )


def _events(arrival: Arrival, assertion: saml.Assertion, reading: Reading) -> tuple[TimelineEvent, ...]:
    person = person_facts(reading.identity)
    return (
        TimelineEvent(at=arrival.now, kind="answered", facts=size_of(arrival.message)),
        TimelineEvent(at=arrival.now, kind="checks_passed", facts=signed_by(assertion)),
        TimelineEvent(at=arrival.now, kind="person_read", facts=person),
        *(
            TimelineEvent(at=arrival.now, kind="finding", facts={"code": finding.code, **finding.facts()})
            for finding in reading.findings
        ),
    )


def person_facts(identity: Identity) -> Mapping[str, Fact]:
    """What was read of the person: of many groups the first, and how many more there are."""
    person: dict[str, Fact] = {
        "email": identity.address,
        "first_name": identity.first_name,
        "last_name": identity.last_name,
    }
    if identity.groups:
        person["groups"] = identity.groups[:GROUPS_SHOWN]
        person["more_groups"] = str(max(len(identity.groups) - GROUPS_SHOWN, 0))
    return person


def test_events(arrival: Arrival, report: TestReport) -> tuple[TimelineEvent, ...]:
    """The timeline of a test that was answered."""
    first = report.first_refusal
    answered = TimelineEvent(at=arrival.now, kind="answered", facts=size_of(arrival.message))
    facts: dict[str, Fact] = {"code": first.code, **first.facts} if first else {}
    return answered, TimelineEvent(at=arrival.now, kind="test_passed" if report.passed else "test_failed", facts=facts)


def _unconfirmed(settings: SamlSettings, assertion: saml.Assertion) -> str:
    is_waiting = any(fingerprint_of(text) == assertion.signed_by for text in settings.unconfirmed)
    return assertion.signed_by if is_waiting else ""


def fingerprint_of(stored: str) -> str:
    """The fingerprint of a pinned certificate, which is parsed once and kept."""
    return saml.certificate_from_stored(stored).fingerprint


def signed_by(assertion: saml.Assertion) -> Mapping[str, Fact]:
    """Which pinned key has signed it."""
    return {"fingerprint": assertion.signed_by}
