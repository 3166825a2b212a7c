"""Encrypted answers: our keys are fetched when something is encrypted, and guessing at what is inside is held up."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ostiary import saml
from ostiary.domain.connection import Connection
from ostiary.kernel.errors import Refusal
from ostiary.services.saml.keys import SigningKeys
from ostiary.services.saml.parties import Parties
from ostiary.storage import Store, Transaction

MOST_FAILURES = 100
"""In an hour and of one connection: an oracle for a single octet needs 128 on average, a message has thousands."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decryption:
    """Puts our keys beside the two parties of a connection."""

    store: Store
    keys: SigningKeys

    def read(
        self,
        form_value: bytes,
        *,
        parties: Parties,
        connection: Connection,
        expected_request_id: str | None,
        authenticated_since: datetime | None,
        now: datetime,
    ) -> saml.Assertion:
        """The assertion in this answer (`saml.read_response`); our keys are fetched only where it is encrypted.

        Raises: a `SamlRefusal`.
        """

        def read_by(parties: Parties) -> saml.Assertion:
            return saml.read_response(
                form_value,
                service_provider=parties.service_provider,
                identity_provider=parties.identity_provider,
                policy=parties.policy,
                expected_request_id=expected_request_id,
                authenticated_since=authenticated_since,
                now=now,
            )

        try:
            return read_by(parties)
        except saml.errors.EncryptedRefused:
            able = self.able(parties, connection, now)
            if able is None:
                raise
        return read_by(able)

    def able(self, parties: Parties, connection: Connection, now: datetime) -> Parties | None:
        """The same parties, we with our keys; None where the connection has none.

        After many failures nothing is opened that could be guessed at (`saml.SamlPolicy.opens_unsigned_guesses`).
        """
        keys = self.keys.for_decryption(connection)
        if not keys:
            return None
        with self.store.read() as tx:
            failures = tx.throttle.count(_counter(connection), now=now)
        return replace(
            parties,
            service_provider=replace(parties.service_provider, decryption_keys=keys),
            policy=replace(parties.policy, opens_unsigned_guesses=failures < MOST_FAILURES),
        )


def count_failure(tx: Transaction, connection: Connection, *, refusal: Refusal, now: datetime) -> None:
    """Count a part that could not be opened, inside the caller's transaction."""
    if isinstance(refusal, saml.errors.DecryptionFailed):
        tx.throttle.hit(_counter(connection), window=_HOUR, now=now)


def _counter(connection: Connection) -> str:
    return f"decryption/{connection.id}"
