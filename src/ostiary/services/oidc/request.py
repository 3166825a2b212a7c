"""The question: an attempt is stored with its secrets, and the browser leaves for the provider.

Where the provider has to be asked something first, the browser takes one more step, to a page that may wait for it:
the page before must not.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from ostiary.domain.attempt import LoginAttempt, TimelineEvent
from ostiary.domain.connection import Connection, Revision, urls
from ostiary.domain.openid.settings import OidcSettings
from ostiary.kernel import ids
from ostiary.kernel.http import Fetch
from ostiary.kernel.ids import AttemptId
from ostiary.kernel.randomness import Random
from ostiary.oidc import relying_party as rp
from ostiary.oidc.errors import ClientRejected
from ostiary.services.client import Client
from ostiary.services.oidc.parties import Parties, Registration
from ostiary.services.oidc.providers import KnownProvider, Providers
from ostiary.services.oidc.steps import Call, Steps
from ostiary.services.saml.request import Departure, LeaveFor, Redirect, SamlRequest
from ostiary.services.starts import may_start, too_many_starts
from ostiary.storage import Store, Transaction

SEPARATOR: Final = "."
_LET_CHOOSE: Final = frozenset(("google", "google_own", "entra"))
"""Providers that know `prompt=select_account`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcRequest:
    """Sends browsers out with an authorization request."""

    store: Store
    random: Random
    fetch: Fetch
    providers: Providers
    registration: Registration
    attempts: SamlRequest
    """Makes attempts, which are alike for every protocol."""
    public_url: str

    def send(
        self, connection: Connection, revision: Revision, *, departure: Departure, client: Client, now: datetime
    ) -> LeaveFor:
        """Where the browser goes, after the attempt was stored: to the provider, or first to where it is asked.

        Raises: `TooManyStarts`.
        """
        login_key = client.login_key or ids.secret(self.random)
        attempt = self.attempts.attempt(
            connection, revision.number, departure=departure, client=client, login_key=login_key, now=now
        )
        secrets = self._secrets(attempt)
        prompt = prompt_of(connection, revision.oidc, departure=departure)
        known = self.providers.kept(connection, revision.oidc, now)
        ready = known is not None and not _pushes(known)
        url = (
            self._url(revision.oidc, known, attempt, secrets, connection=connection, prompt=prompt)
            if known and ready
            else ""
        )
        sent = (_sent(known, now),) if known and ready else ()
        with self.store.write() as tx:
            may = may_start(tx, departure.purpose, organization_id=attempt.organization_id, client=client, now=now)
            if may:
                self._keep(tx, attempt, secrets, prompt=prompt, events=(*departure.events, *sent))
        if not may:
            raise too_many_starts()
        if not ready:
            step = urls(self.public_url, connection.id).initiate_url
            url = f"{step}?{urlencode({'attempt': attempt.id})}"
        return LeaveFor(way=Redirect(url=url), login_key=login_key, attempt_id=attempt.id)

    def asked(self, connection: Connection, settings: OidcSettings, *, steps: Steps) -> KnownProvider:
        """The provider; that it had to be asked is noted. OUT. Raises: what `Providers.of` raises."""
        known = self.providers.kept(connection, settings, steps.clock.now())
        if known is not None:
            return known
        with steps.taking(Call.PROVIDER):
            return self.providers.of(connection, settings)

    def go_on(
        self, connection: Connection, revision: Revision, attempt: LoginAttempt, *, kept: str, steps: Steps
    ) -> str:
        """The provider's own address for this attempt, after it was asked what it has to be: OUT. `kept`: by `send`.

        Raises: what `Providers.of` raises, and what the provider answers to a pushed request.
        """
        settings, secrets, prompt = revision.oidc, self.read_secrets(kept), _read_prompt(kept, revision.oidc)
        known = self.asked(connection, settings, steps=steps)
        if not _pushes(known):
            url = self._url(settings, known, attempt, secrets, connection=connection, prompt=prompt)
        else:
            parties = self.registration.parties(connection, settings, metadata=known.metadata)
            wishes = wishes_of(settings, attempt, prompt=prompt)
            asked = rp.parameters(parties.client, secrets=secrets, wishes=wishes)
            url = rp.authorization_url(known.metadata, self._pushed(connection, known, parties, asked, steps=steps))
        with self.store.write() as tx:
            events = (*steps.events, _sent(known, steps.clock.now()))
            tx.attempts.add_events(attempt.id, organization_id=attempt.organization_id, events=events)
        return url

    @staticmethod
    def _keep(
        tx: Transaction,
        attempt: LoginAttempt,
        secrets: rp.Secrets,
        *,
        prompt: str,
        events: tuple[TimelineEvent, ...],
    ) -> None:
        scope = {"organization_id": attempt.organization_id}
        tx.attempts.insert(attempt)
        kept = json.dumps([secrets.state, secrets.nonce, secrets.verifier, prompt])
        tx.attempt_secrets.insert(attempt.id, secrets=kept, expires_at=attempt.expires_at, **scope)
        tx.attempts.add_events(attempt.id, events=events, **scope)

    def read_secrets(self, text: str) -> rp.Secrets:
        """What `send` has kept."""
        state, nonce, verifier, *_ = json.loads(text)
        return rp.Secrets(state=state, nonce=nonce, verifier=verifier)

    def _pushed(
        self,
        connection: Connection,
        known: KnownProvider,
        parties: Parties,
        asked: Mapping[str, str],
        *,
        steps: Steps,
    ) -> Mapping[str, str]:
        """What the browser takes along. While a secret changes, the one before is tried where the newest is refused."""
        *first, last = parties.clients
        for client in first:
            try:
                return self._pushed_by(client, connection, known, asked, steps=steps)
            except ClientRejected:
                continue
        return self._pushed_by(last, connection, known, asked, steps=steps)

    def _pushed_by(
        self,
        client: rp.Client,
        connection: Connection,
        known: KnownProvider,
        asked: Mapping[str, str],
        *,
        steps: Steps,
    ) -> Mapping[str, str]:
        assertion_id, now = ids.secret(self.random), steps.clock.now()
        request = rp.pushed_request(known.metadata, asked, client=client, assertion_id=assertion_id, now=now)
        with steps.taking(Call.PUSHED):
            answered = self.fetch(request, purpose=connection.id)
        return rp.read_pushed(answered, client=client)

    def _secrets(self, attempt: LoginAttempt) -> rp.Secrets:
        # The id finds the attempt; the 128 bits behind it are what nobody can know (RFC 9700 4.7).
        state = f"{attempt.id}{SEPARATOR}{self.random.token(16).hex()}"
        return rp.Secrets(state=state, nonce=ids.secret(self.random), verifier=ids.secret(self.random))

    def _url(
        self,
        settings: OidcSettings,
        known: KnownProvider,
        attempt: LoginAttempt,
        secrets: rp.Secrets,
        *,
        connection: Connection,
        prompt: str,
    ) -> str:
        client = self.registration.public_client(connection, settings)
        asked = rp.parameters(client, secrets=secrets, wishes=wishes_of(settings, attempt, prompt=prompt))
        return rp.authorization_url(known.metadata, asked)


def attempt_id_of(state: str) -> AttemptId:
    """Which attempt a state says that it belongs to. It only chooses what the answer is held against."""
    return AttemptId(state.partition(SEPARATOR)[0])


def prompt_of(connection: Connection, settings: OidcSettings, *, departure: Departure) -> str:
    """What the provider asks the person for. Who may choose an account is asked no less than the settings say."""
    # Google knows no login: it lets the person choose an account instead.
    if departure.asks_anew and not settings.is_google:
        return "login"
    if not (departure.chooses_account or departure.asks_anew) or settings.prompt not in {"", "none"}:
        return settings.prompt
    # Okta and OneLogin refuse select_account; login is known to all (OpenID Connect Core 3.1.2.1).
    return "select_account" if settings.is_google or connection.provider in _LET_CHOOSE else "login"


def wishes_of(settings: OidcSettings, attempt: LoginAttempt, *, prompt: str) -> rp.Wishes:
    """What this sign-in asks for."""
    hosted = settings.hosted_domains or ()
    # Google shows the accounts of one Workspace first; that it is one of it, the claim has to say.
    hint = (("hd", hosted[0] if len(hosted) == 1 else "*"),) if settings.is_google else ()
    return rp.Wishes(
        scopes=settings.scopes,
        response_mode=settings.response_mode,
        prompt=prompt,
        max_age=settings.max_age,
        acr_values=settings.acr_values,
        login_hint=attempt.email_hint,
        extra=(*hint, *settings.extra),
    )


def _pushes(known: KnownProvider) -> bool:
    return bool(known.metadata.pushed_authorization_request_endpoint)


def _sent(known: KnownProvider, now: datetime) -> TimelineEvent:
    return TimelineEvent(at=now, kind="sent", facts={"sso_url": known.metadata.authorization_endpoint})


def _read_prompt(kept: str, settings: OidcSettings) -> str:
    """What `send` has kept of it. An attempt that an older version began has the one of the settings."""
    return next(iter(json.loads(kept)[3:]), settings.prompt)
