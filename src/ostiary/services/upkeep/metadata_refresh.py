"""Asks pinned metadata URLs for their keys: in turn by a job, out of turn when an unknown key turns up.

Rule of the file: nothing here is waited for by a sign-in, and nothing that fails here changes what is trusted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus

import structlog

from ostiary import saml
from ostiary.domain.connection import Connection, Revision
from ostiary.domain.upkeep.metadata_source import (
    Judgement,
    MetadataSource,
    interval,
    read_source,
    retry_after,
    spread,
)
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.http import Fetch, HttpRequest, HttpResponse
from ostiary.kernel.randomness import Random
from ostiary.kernel.values import WebUrl
from ostiary.outbound.errors import StatusRefused
from ostiary.services.upkeep.errands import Errands
from ostiary.services.upkeep.key_adoption import KeyAdoption, Reading
from ostiary.storage import StorageRefusal, Store

LEASE = timedelta(minutes=2)
PATIENCE_SECONDS = 2.0
"""How long the job waits for its calls; what takes longer ends by itself, and holds up no other job."""
_ACCEPT = "application/samlmetadata+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
_LONGEST_ETAG = 500

log = structlog.get_logger(__name__)


class _LeasePassedOn(Exception):
    """It took so long that somebody else asks by now; what was found here is dropped with the transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataRefresh:
    """Keeps the keys of connections as their providers publish them."""

    store: Store
    clock: Clock
    random: Random
    fetch: Fetch
    adoption: KeyAdoption
    errands: Errands

    def refresh_due(self, now: datetime) -> None:
        """Ask the sources that are due, as many at once as there are threads for it; the others wait their turn."""
        free = self.errands.free
        if free <= 0:
            return
        with self.store.write() as tx:
            claimed = tx.metadata_sources.claim(limit=free, lease=LEASE, now=now)
        calls = {str(each.connection_id): partial(self.refresh, each) for each in claimed}
        self.errands.begin_all(calls, patience=PATIENCE_SECONDS)

    def refresh(self, claimed: MetadataSource) -> None:
        """Ask this source, which the caller has claimed, and write down what follows. Raises nothing of its own."""
        with self.store.read() as tx:
            connection = tx.connections.by_id(claimed.connection_id)
        serving = _serving_of(connection, claimed)
        if serving is None:
            with self.store.write() as tx:
                tx.metadata_sources.unpin(claimed.connection_id, organization_id=claimed.organization_id)
            return
        try:
            response = self._ask(claimed, serving)
            now = self.clock.now()
            if response.status == HTTPStatus.NOT_MODIFIED:
                self._note_unchanged(claimed, now)
                return
            metadata = read_source(response.body, settings=serving.saml, now=now)
            self._take_over(claimed, metadata, response.headers, now=now)
        except StorageRefusal:
            raise
        except Refusal as refusal:
            self._note_failure(claimed, refusal, self.clock.now())
        except _LeasePassedOn:
            log.warning("metadata.lease_passed_on", connection=claimed.connection_id)

    def _ask(self, source: MetadataSource, serving: Revision) -> HttpResponse:
        """The answer of the source: a document, or that it is the one that we have read. Raises: `FetchRefusal`."""
        headers = {"accept": _ACCEPT}
        # Held against other settings, or with a key on its way out, the same document may say something new.
        may_be_unchanged = source.etag and source.read_revision == serving.number and not source.departing
        if may_be_unchanged:
            headers["if-none-match"] = source.etag
        request = HttpRequest(method="GET", url=source.url, headers=headers)
        response = self.fetch(request, purpose=source.connection_id)
        is_known = response.status == HTTPStatus.NOT_MODIFIED and may_be_unchanged
        if response.status != HTTPStatus.OK and not is_known:
            raise StatusRefused(host=WebUrl.parse(source.url).host, status=response.status)
        return response

    def _take_over(
        self, source: MetadataSource, metadata: saml.IdpMetadata, headers: Mapping[str, str], *, now: datetime
    ) -> None:
        """Write down what the document changes and what it proposes. Raises: what `judge` refuses."""
        with self.store.write() as tx:
            connection = tx.connections.hold(source.connection_id, organization_id=source.organization_id)
            serving = _serving_of(connection, source)
            if connection is None or serving is None:
                raise _LeasePassedOn
            reading = Reading(connection=connection, serving=serving, source=source, metadata=metadata)
            judgement = self.adoption.judge(tx, reading, serving.saml, now=now)
            number = self.adoption.adopt(tx, reading, judgement, now=now) if judgement.changes_keys else serving.number
            # A document with an end is read anew each time, so that its end is seen.
            etag = "" if metadata.valid_until else headers.get("etag", "")[:_LONGEST_ETAG]
            wait = interval(metadata, now)
            answered = _answered(source, now=now, due_at=now + spread(wait, self.random.token(2)))
            found = replace(answered, read_revision=number, etag=etag, interval_seconds=int(wait.total_seconds()))
            if not tx.metadata_sources.save(_with(found, judgement, now)):
                raise _LeasePassedOn

    def _note_unchanged(self, source: MetadataSource, now: datetime) -> None:
        wait = spread(timedelta(seconds=source.interval_seconds), self.random.token(2))
        with self.store.write() as tx:
            tx.metadata_sources.save(_answered(source, now=now, due_at=now + wait))

    def _note_failure(self, source: MetadataSource, refusal: Refusal, now: datetime) -> None:
        failures = source.failures + 1
        wait = spread(retry_after(failures), self.random.token(2))
        failed = replace(
            source,
            checked_at=now,
            due_at=now + wait,
            failures=failures,
            code=refusal.code,
            facts=refusal.facts(),
        )
        log.warning("metadata.refused", connection=source.connection_id, code=refusal.code, failures=failures)
        with self.store.write() as tx:
            tx.metadata_sources.save(failed)


def _serving_of(connection: Connection | None, source: MetadataSource) -> Revision | None:
    """The revision that this source is pinned by; None where it is pinned no more."""
    if connection is None or connection.saml_serving is None or connection.saml_serving.metadata_url != source.url:
        return None
    return connection.serving


def _answered(source: MetadataSource, *, now: datetime, due_at: datetime) -> MetadataSource:
    return replace(source, checked_at=now, answered_at=now, due_at=due_at, failures=0, code=None, facts={})


def _with(source: MetadataSource, judgement: Judgement, now: datetime) -> MetadataSource:
    is_known = dict(judgement.proposal) == dict(source.proposal)
    found = replace(
        source,
        departing=judgement.departing,
        proposal=judgement.proposal,
        is_put_aside=source.is_put_aside and is_known,
    )
    if not judgement.changes_keys:
        return found
    came = tuple(each.fingerprint for each in judgement.came)
    return replace(found, changed_at=now, came=came, went=tuple(each.fingerprint for each in judgement.went))
