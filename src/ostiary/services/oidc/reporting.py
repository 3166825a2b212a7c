"""The end of a test: its report is written down, whether the provider was asked anything or not."""

from dataclasses import dataclass, replace

from ostiary.domain.attempt import LoginAttempt, TimelineEvent
from ostiary.domain.connection import Revision
from ostiary.domain.connection_report import TestReport
from ostiary.kernel.errors import Fact, Refusal
from ostiary.services.answered import TestFinished, end_test, put_to_work
from ostiary.services.enforcement.letters import EnforcementLetters
from ostiary.services.oidc.exchange import Talk
from ostiary.services.oidc.judge import OidcJudge, of_refusal
from ostiary.services.refusal_record import Arrival
from ostiary.storage import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcReports:
    """Ends tests. Nobody is signed in."""

    store: Store
    judge: OidcJudge
    letters: EnforcementLetters

    def answered(self, arrival: Arrival, attempt: LoginAttempt, revision: Revision, talk: Talk) -> TestFinished:
        """The report of an answer; where it passes, these settings go to work: OUT. Raises: `AttemptUsed`."""
        report = self.judge.judge(talk, arrival=arrival, revision=revision)
        events, message = talk.story.events(arrival.now), talk.story.message()
        return self._end(arrival, attempt, report, message=message, events=events, revision=revision)

    def unanswered(self, arrival: Arrival, attempt: LoginAttempt, refusal: Refusal) -> TestFinished:
        """The report where the provider could not even be asked. Raises: `AttemptUsed`."""
        events = arrival.events or ()
        report = of_refusal(refusal, events=events)
        return self._end(arrival, attempt, report, message=arrival.message, events=events, revision=None)

    def _end(
        self,
        arrival: Arrival,
        attempt: LoginAttempt,
        report: TestReport,
        *,
        message: bytes,
        events: tuple[TimelineEvent, ...],
        revision: Revision | None,
    ) -> TestFinished:
        now, first = self.judge.exchange.clock.now(), report.first_refusal
        facts: dict[str, Fact] = {"code": first.code, **first.facts} if first else {}
        ended = TimelineEvent(at=now, kind="test_passed" if report.passed else "test_failed", facts=facts)
        with self.store.write() as tx:
            # It ends now, and not when the answer came: the calls to the provider lie between.
            end_test(tx, replace(arrival, now=now), attempt, report=report, message=message, events=(*events, ended))
            if report.passed and revision is not None:
                put_to_work(tx, arrival.connection, revision, attempt=attempt, letters=self.letters, now=now)
        return TestFinished(connection_id=arrival.connection.id, attempt_id=attempt.id)
