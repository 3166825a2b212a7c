"""What an OpenID Connect sign-in has proven, in the shape in which every sign-in ends, and what its timeline says."""

from datetime import UTC, datetime

from ostiary.domain.admission import rules_of
from ostiary.domain.attempt import TimelineEvent
from ostiary.domain.connection import Revision
from ostiary.domain.identity import Reading
from ostiary.oidc import relying_party as rp
from ostiary.oidc.relying_party.case import LATEST_DATE
from ostiary.services.complete_login import Evidence
from ostiary.services.oidc.exchange import Told
from ostiary.services.refusal_record import Arrival
from ostiary.services.saml.evidence import person_facts
from ostiary.services.sessions import Proof


def evidence_of(arrival: Arrival, revision: Revision, told: Told, reading: Reading, *, id_token: str) -> Evidence:
    """All that this sign-in has proven. The secrets of the attempt were its single use."""
    verified = told.verified
    return Evidence(
        connection=arrival.connection,
        organization=arrival.organization,
        rules=rules_of(revision.settings),
        reading=reading,
        proof=proof_of(arrival, verified),
        single_use=None,
        unconfirmed_key="",
        message=arrival.message,
        events=(*(arrival.events or ()), *_events(arrival, verified, reading)),
        id_token=id_token,
    )


def proof_of(arrival: Arrival, verified: rp.VerifiedClaims) -> Proof:
    """What a session remembers. `sub` and `sid` as they were sent: a logout token names them so."""
    return Proof(
        connection=arrival.connection,
        issuer=verified.issuer,
        subject=verified.subject,
        session_index=verified.session or None,
        auth_time=verified.auth_time or arrival.now,
        acr=verified.acr or None,
        amr=verified.amr,
        not_on_or_after=_session_expiry(verified),
    )


def _session_expiry(verified: rp.VerifiedClaims) -> datetime | None:
    """Until when the provider lets the session last (`session_expiry`); a session of ours never outlives it."""
    value = verified.claims.get("session_expiry")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LATEST_DATE:
        return None
    return datetime.fromtimestamp(value, UTC)


def _events(arrival: Arrival, verified: rp.VerifiedClaims, reading: Reading) -> tuple[TimelineEvent, ...]:
    signed_by = {"fingerprint": f"{verified.key_name or 'its only key'} ({verified.algorithm})"}
    return (
        TimelineEvent(at=arrival.now, kind="checks_passed", facts=signed_by),
        TimelineEvent(at=arrival.now, kind="person_read", facts=person_facts(reading.identity)),
        *(
            TimelineEvent(at=arrival.now, kind="finding", facts={"code": finding.code, **finding.facts()})
            for finding in reading.findings
        ),
    )
