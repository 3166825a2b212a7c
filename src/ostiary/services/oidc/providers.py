"""What a provider publishes: fetched by the guarded transport, kept for all servers, served stale while it is down.

Rule of the file: an outage of the provider's web server breaks no sign-in whose key is known, and nobody can make us
call it more often than once a minute.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Final

import structlog

from ostiary.domain.connection import Connection
from ostiary.domain.openid.provider_document import AGAIN, STALE, ProviderDocument, lasts
from ostiary.domain.openid.settings import OidcSettings
from ostiary.kernel.clock import Clock
from ostiary.kernel.errors import Refusal
from ostiary.kernel.http import Fetch, HttpResponse
from ostiary.oidc import relying_party as rp
from ostiary.services.oidc.flights import Flights
from ostiary.storage import StorageRefusal, Store

log = structlog.get_logger(__name__)
MOST_REMEMBERED: Final = 256
LARGEST_REMEMBERED: Final = 64 * 1024
"""Characters of both documents of one provider: Entra's are 20,000."""
_JSON: Final = {"content-type": "application/json"}
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProvider:
    """A provider as it describes itself."""

    metadata: rp.ProviderMetadata
    keys: rp.KeySet
    fetched_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Providers:
    """Knows what each connection's provider publishes."""

    store: Store
    clock: Clock
    fetch: Fetch
    flights: Flights = field(default_factory=Flights)

    def kept(self, connection: Connection, settings: OidcSettings, now: datetime) -> KnownProvider | None:
        """The provider, if what is kept is fresh: no call is needed then."""
        document = self._document(connection, settings)
        return _known(document) if document is not None and now < document.fresh_until else None

    def of(self, connection: Connection, settings: OidcSettings) -> KnownProvider:
        """The provider, asked where what is kept is too old: OUT.

        Raises: what the transport refuses, and what `read_discovery` and `read_keys` refuse, where nothing usable is
        kept either.
        """
        found = self.kept(connection, settings, self.clock.now())
        if found is not None:
            return found
        with self.flights.one(connection.id):
            document, now = self._document(connection, settings), self.clock.now()
            if document is not None and now < document.fresh_until:
                return _known(document)
            try:
                return _known(self._fetch(connection, settings, before=document))
            except StorageRefusal:
                raise
            except Refusal as refusal:
                if document is None or now >= document.stale_until:
                    raise
                log.warning("oidc.provider_down", connection=connection.id, code=refusal.code)
                self._put_off(document)
                return _known(document)

    def asked_again(
        self, connection: Connection, settings: OidcSettings, known: KnownProvider, *, key_name: str
    ) -> KnownProvider | None:
        """The provider, asked out of turn for a key that it did not publish before. OpenID Connect Core 10.1.1.

        None where that would be too soon after the last time, or was in vain.
        """
        key_name = key_name[:_LONGEST_NAME]  # anybody may post a logout token, with a name as long as it likes
        with self.flights.one(connection.id):
            document, now = self._document(connection, settings), self.clock.now()
            if document is not None:
                if document.fetched_at > known.fetched_at:
                    return _known(document)
                if document.is_negative(key_name, now) or not self._may_ask(document, now):
                    return None
                document = replace(document, forced_at=now)
            try:
                fresh = self._fetch(connection, settings, before=document)
            except StorageRefusal:
                raise
            except Refusal as refusal:
                log.warning("oidc.keys_not_fetched", connection=connection.id, code=refusal.code)
                return None
            found = _known(fresh)
            if document is not None and key_name not in found.keys.names:
                self._note_unknown(fresh, key_name, now)
            return found

    def _fetch(
        self, connection: Connection, settings: OidcSettings, *, before: ProviderDocument | None
    ) -> ProviderDocument:
        """Both documents, judged, and kept where they are of the provider that serves."""
        told = self.fetch(rp.discovery_request(settings.issuer), purpose=connection.id)
        metadata = rp.read_discovery(told, issuer=settings.issuer)
        published = self.fetch(rp.keys_request(metadata), purpose=connection.id)
        rp.read_keys(published, metadata=metadata)
        now = self.clock.now()
        fresh_until = now + min(lasts(each.headers.get("cache-control", "")) for each in (told, published))
        document = ProviderDocument(
            connection_id=connection.id,
            organization_id=connection.organization_id,
            issuer=settings.issuer,
            metadata=told.body.decode(),
            keys=published.body.decode(),
            fetched_at=now,
            fresh_until=fresh_until,
            stale_until=fresh_until + STALE,
            forced_at=before.forced_at if before else None,
            unknown_keys=before.unknown_keys if before else {},
        )
        serving = connection.serving.oidc if connection.serving else settings
        # A test of other settings must not take the documents away from those who sign in meanwhile.
        if serving.issuer == settings.issuer:
            with self.store.write() as tx:
                tx.provider_documents.save(document)
        return document

    def _document(self, connection: Connection, settings: OidcSettings) -> ProviderDocument | None:
        with self.store.read() as tx:
            found = tx.provider_documents.of(connection.id, organization_id=connection.organization_id)
        return found if found is not None and found.issuer == settings.issuer else None

    def _may_ask(self, document: ProviderDocument, now: datetime) -> bool:
        with self.store.write() as tx:
            return tx.provider_documents.force(
                document.connection_id, organization_id=document.organization_id, before=now - AGAIN, at=now
            )

    def _put_off(self, document: ProviderDocument) -> None:
        until = self.clock.now() + AGAIN
        with self.store.write() as tx:
            tx.provider_documents.put_off(document.connection_id, organization_id=document.organization_id, until=until)

    def _note_unknown(self, document: ProviderDocument, key_name: str, now: datetime) -> None:
        with self.store.write() as tx:
            tx.provider_documents.note_unknown(
                document.connection_id,
                organization_id=document.organization_id,
                names=document.with_unknown(key_name, now),
            )


def _known(document: ProviderDocument) -> KnownProvider:
    # A document may be half a mebibyte, and another one each time: of such ones nothing stays in memory.
    is_usual = len(document.metadata) + len(document.keys) <= LARGEST_REMEMBERED
    read = _read if is_usual else _read.__wrapped__
    metadata, keys = read(document.metadata, document.keys, document.issuer)
    return KnownProvider(metadata=metadata, keys=keys, fetched_at=document.fetched_at)


@lru_cache(maxsize=MOST_REMEMBERED)
def _read(metadata: str, keys: str, issuer: str) -> tuple[rp.ProviderMetadata, rp.KeySet]:
    """What was judged when it was fetched, once more as values."""
    described = rp.read_discovery(HttpResponse(status=200, headers=_JSON, body=metadata.encode()), issuer=issuer)
    published = rp.read_keys(HttpResponse(status=200, headers=_JSON, body=keys.encode()), metadata=described)
    return described, published
