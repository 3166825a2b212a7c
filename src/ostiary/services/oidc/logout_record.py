"""Writes down why a provider's logout token was refused, so that the admin finds it among the attempts."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from ostiary.domain.attempt import Origin, Outcome, Purpose, TimelineEvent
from ostiary.domain.connection import Connection
from ostiary.kernel.errors import Refusal
from ostiary.services.client import Client
from ostiary.services.oidc.story import as_told
from ostiary.services.saml.logout_record import REFUSED_PER_HOUR
from ostiary.services.saml.request import Departure, SamlRequest
from ostiary.storage import Store

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcLogoutRecord:
    """Records refused logout tokens."""

    store: Store
    attempts: SamlRequest
    """Makes attempts, which are alike for every protocol."""

    def refused(self, connection: Connection, token: str, refusal: Refusal, *, client: Client, now: datetime) -> None:
        """Record the refusal: at most 60 an hour for a connection, for anybody can post here."""
        serving = connection.serving
        attempt = self.attempts.attempt(
            connection,
            serving.number if serving else 0,
            departure=Departure(purpose=Purpose.LOGOUT, origin=Origin.SIGN_OUT),
            client=client,
            now=now,
        )
        scope = {"organization_id": connection.organization_id}
        with self.store.write() as tx:
            if tx.throttle.hit(f"logout/{connection.id}", window=_HOUR, now=now) > REFUSED_PER_HOUR:
                return
            tx.attempts.insert(attempt)
            tx.attempts.finish(
                attempt.id,
                outcome=Outcome.REFUSED,
                code=refusal.code,
                facts=refusal.facts(),
                person="",
                email="",
                account_id=None,
                at=now,
                **scope,
            )
            told = TimelineEvent(at=now, kind="refused", facts={"code": refusal.code, **refusal.facts()})
            tx.attempts.add_events(attempt.id, events=(told,), **scope)
            message = json.dumps({"logout_token": as_told(token.encode())}, indent=2, ensure_ascii=False).encode()
            tx.attempts.keep_message(attempt.id, message=message, kind="refusal", at=now, **scope)
