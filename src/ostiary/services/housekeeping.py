"""What goes on in the background: mail leaves, silence becomes an answer, the old is purged.

Every server runs one such thread. Each job is claimed by one atomic statement with a lease: a dead server's job is
taken up by another when its lease ends, so every job here can be run twice without harm (decision 14).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

import structlog

from ostiary.domain.attempt import TimelineEvent
from ostiary.domain.connection import Revision, urls
from ostiary.domain.errors import NoAnswer
from ostiary.domain.openid.settings import OidcSettings
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import EventId
from ostiary.outbound.mail import Mailer, Message
from ostiary.services.enforcement.plan_end import PlanEnds
from ostiary.services.enforcement.warnings import EnforcementWarnings
from ostiary.services.passwords import Passwords
from ostiary.services.upkeep.daily_round import DailyRound
from ostiary.services.upkeep.domain_checks import DomainChecks
from ostiary.services.upkeep.expiry_notices import ExpiryNotices
from ostiary.services.upkeep.metadata_refresh import MetadataRefresh
from ostiary.services.upkeep.secret_notices import SecretNotices
from ostiary.storage import Store
from ostiary.storage.records.outbox import DueMail

LEASE = timedelta(minutes=2)
BATCH = 100
MAIL_RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=4))
MAIL_LASTS = timedelta(seconds=30)
"""In one run: the other jobs of this server wait meanwhile, and one that hangs takes ten seconds for each mail."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Housekeeping:
    """Runs the jobs that are due."""

    store: Store
    clock: Clock
    mailer: Mailer | None
    metadata_refresh: MetadataRefresh
    daily_round: DailyRound
    domain_checks: DomainChecks
    enforcement_warnings: EnforcementWarnings
    plan_ends: PlanEnds
    public_url: str

    @classmethod
    def of(
        cls, passwords: Passwords, refresh: MetadataRefresh, *, domain_checks: DomainChecks, mailer: Mailer | None
    ) -> Self:
        """On the store, the clock and the mails of these."""
        store, audit, letters = passwords.store, passwords.audit, refresh.adoption.letters
        return cls(
            store=store,
            clock=passwords.clock,
            mailer=mailer,
            metadata_refresh=refresh,
            daily_round=DailyRound(
                store=store,
                random=passwords.random,
                notices=ExpiryNotices(audit=audit, letters=letters),
                secret_notices=SecretNotices(audit=audit, letters=letters),
            ),
            domain_checks=domain_checks,
            enforcement_warnings=EnforcementWarnings(store=store, letters=passwords.letters),
            plan_ends=PlanEnds(store=store, audit=audit, letters=passwords.letters),
            public_url=passwords.public_url,
        )

    @property
    def jobs(self) -> Mapping[str, tuple[Callable[[datetime], None], timedelta]]:
        """Each kind of job, with how often it runs."""
        return {
            "expire_attempts": (self.expire_attempts, timedelta(seconds=30)),
            "send_mail": (self.send_mail, timedelta(seconds=2)),
            "refresh_metadata": (self.metadata_refresh.refresh_due, timedelta(seconds=2)),
            "look_after": (self.daily_round.look_after_due, timedelta(seconds=5)),
            "check_domains": (self.domain_checks.check_due, timedelta(seconds=10)),
            "warn_of_enforcement": (self.enforcement_warnings.tell_due, timedelta(seconds=5)),
            "tell_of_ended_plans": (self.plan_ends.tell_due, timedelta(minutes=1)),
            "purge": (self.purge, timedelta(hours=1)),
        }

    def plant(self) -> None:
        """See to it that each kind of job is scheduled once."""
        now = self.clock.now()
        with self.store.write() as tx:
            for kind in self.jobs:
                tx.jobs.schedule(kind, due_at=now, payload={}, unique_key=kind, now=now)

    def run_due(self) -> int:
        """Run every job that is due now, one after the other. Returns how many were run."""
        done = 0
        while done < BATCH:
            now = self.clock.now()
            with self.store.write() as tx:
                job = tx.jobs.claim(tuple(self.jobs), lease=LEASE, now=now)
            if job is None:
                return done
            run, every = self.jobs[job.kind]
            try:
                run(now)
            except Refusal as refusal:
                log.warning("job.refused", kind=job.kind, code=refusal.code)
            except Exception:
                # The thread must outlive any one job; the job itself comes again.
                log.exception("job.broke", kind=job.kind)
            with self.store.write() as tx:
                tx.jobs.retry(job, due_at=self.clock.now() + every)
            done += 1
        return done

    def expire_attempts(self, now: datetime) -> None:
        """Attempts that left and never returned end as `login.no_answer` (decisions 11 and 37)."""
        with self.store.write() as tx:
            for attempt in tx.attempts.waiting_past(now, limit=BATCH):
                connection = tx.connections.by_id(attempt.connection_id)
                settings = connection.serving or connection.latest if connection else None
                silence = NoAnswer(
                    email=attempt.email_hint,
                    sso_url=_asked_at(settings) if settings else "",
                    acs_url=urls(self.public_url, attempt.connection_id).acs_url,
                )
                scope = {"organization_id": attempt.organization_id}
                if not tx.attempts.expire(attempt.id, code=silence.code, facts=silence.facts(), at=now, **scope):
                    continue
                event = TimelineEvent(at=now, kind="no_answer", facts={"code": silence.code})
                tx.attempts.add_events(attempt.id, events=(event,), **scope)

    def send_mail(self, now: datetime) -> None:
        """Send what waits in the outbox, for half a minute at most. Without SMTP settings it waits there."""
        while self.mailer is not None and self.clock.now() - now < MAIL_LASTS:
            # One by one: with a slow server the lease of many would end before the last of them has left, and another
            # of our servers would send that one again.
            with self.store.write() as tx:
                due = tx.outbox.claim(limit=1, lease=LEASE, now=self.clock.now())
            if not due:
                return
            self._send(due[0], self.mailer)

    def purge(self, now: datetime) -> None:
        """Remove what is no longer kept (decision 18), in small batches."""
        while True:
            with self.store.write() as tx:
                removed = tx.purge(now=now, limit=BATCH * 5)
            if removed == 0:
                return

    def _send(self, due: DueMail, mailer: Mailer) -> None:
        mail = due.mail
        try:
            mailer.send(Message(to=mail.to, subject=mail.subject, text=mail.text, message_id=mail.id))
        except Refusal as refusal:
            self._try_later(due.attempts, mail.id, refusal)
            return
        with self.store.write() as tx:
            tx.outbox.sent(mail.id)

    def _try_later(self, attempts: int, mail_id: EventId, refusal: Refusal) -> None:
        wait = MAIL_RETRIES[attempts - 1] if attempts <= len(MAIL_RETRIES) else None
        log.warning("mail.refused", mail=mail_id, code=refusal.code, gives_up=wait is None)
        with self.store.write() as tx:
            tx.outbox.failed(mail_id, next_at=self.clock.now() + wait if wait else None, why=refusal.code)


def _asked_at(revision: Revision) -> str:
    """Where the question went, as its admin knows the place."""
    settings = revision.settings
    return settings.issuer if isinstance(settings, OidcSettings) else settings.sso_url
