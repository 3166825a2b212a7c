"""Our keys are fetched when something is encrypted, and never else; what can be guessed at is then held up."""

import pytest

from ostiary import saml
from ostiary.domain.connection_key import KeyRole
from ostiary.kernel import ids
from ostiary.saml.errors import DecryptionFailed, EncryptedRefused
from ostiary.services.saml.decryption import MOST_FAILURES, Decryption, count_failure
from ostiary.services.saml.keys import SigningKeys, new_bundle
from ostiary.services.saml.parties import Parties
from ostiary.storage import Store, StoreUnreachable
from ostiary.storage.engine import Database
from tests.saml.circumstances import AT, IDENTITY_PROVIDER, SERVICE_PROVIDER
from tests.storage.builders import NOW, RANDOM, ground, minutes
from tests.vectors.vector import private_pem, read_all

PARTIES = Parties(
    service_provider=SERVICE_PROVIDER, identity_provider=IDENTITY_PROVIDER, policy=saml.SamlPolicy(allow_cbc=True)
)


def vector(path: str):
    [found] = [each for each in read_all() if each.path == path]
    return found


def read(decryption: Decryption, path: str, connection) -> saml.Assertion:
    case = vector(path)
    return decryption.read(
        case.form,
        parties=PARTIES,
        connection=connection,
        expected_request_id=case.expected_request_id,
        authenticated_since=None,
        now=AT,
    )


def able_with(store, connection, *, failures: int) -> Parties:
    decryption = Decryption(store=store, keys=SigningKeys(store=store, random=RANDOM))
    with store.write() as tx:
        for _ in range(failures):
            count_failure(tx, connection, refusal=DecryptionFailed(element="EncryptedAssertion"), now=NOW)
    able = decryption.able(PARTIES, connection, NOW)
    assert able is not None
    return able


def test_a_plain_answer_asks_the_store_nothing(store, tmp_path):
    """The hot path: a store that nobody can reach would refuse any statement."""
    connection = ground(store).connection
    away = Store(Database(f"sqlite:///{tmp_path / 'nowhere' / 'ostiary.db'}"), vault=store.vault)
    decryption = Decryption(store=away, keys=SigningKeys(store=away, random=RANDOM))
    assert read(decryption, "accepted/okta-both-signed", connection).response_signed
    with pytest.raises(StoreUnreachable):
        read(decryption, "accepted/encrypted-assertion-signed-inside", connection)


def test_a_connection_without_a_key_says_so(store):
    decryption = Decryption(store=store, keys=SigningKeys(store=store, random=RANDOM))
    with pytest.raises(EncryptedRefused):
        read(decryption, "accepted/encrypted-assertion-signed-inside", ground(store).connection)


@pytest.mark.parametrize("role", list(KeyRole))
def test_what_was_encrypted_to_a_key_is_opened_in_every_role(store, role):
    """The key of the vectors, as next, current and previous, beside others of ours."""
    g = ground(store)
    keys = SigningKeys(store=store, random=RANDOM)
    certificate = new_bundle(g.connection, NOW).partition(b"-----BEGIN CERTIFICATE-----")
    for each in KeyRole:
        bundle = private_pem("sp") + certificate[1] + certificate[2] if each is role else new_bundle(g.connection, NOW)
        with store.write() as tx:
            tx.keys.insert(
                ids.key_id(RANDOM),
                connection_id=g.connection.id,
                private_key=bundle,
                role=each,
                created_at=NOW,
                **g.scope,
            )
    opened = read(Decryption(store=store, keys=keys), "accepted/encrypted-assertion-signed-inside", g.connection)
    assert opened.name_id.value == vector("accepted/encrypted-assertion-signed-inside").name_id


def test_after_many_failures_what_can_be_guessed_at_waits_for_an_hour(store):
    connection = ground(store).connection
    keys = SigningKeys(store=store, random=RANDOM)
    keys.of(connection, NOW)
    assert able_with(store, connection, failures=MOST_FAILURES - 1).policy.opens_unsigned_guesses
    assert not able_with(store, connection, failures=1).policy.opens_unsigned_guesses
    after = Decryption(store=store, keys=keys).able(PARTIES, connection, NOW + minutes(61))
    assert after is not None
    assert after.policy == PARTIES.policy


def test_only_what_could_not_be_opened_counts(store):
    """A wrong audience is no guess; and another connection is not held up."""
    mine, other = ground(store).connection, ground(store).connection
    keys = SigningKeys(store=store, random=RANDOM)
    keys.of(other, NOW)
    keys.of(mine, NOW)
    able_with(store, mine, failures=MOST_FAILURES)
    with store.write() as tx:
        for _ in range(MOST_FAILURES):
            count_failure(tx, other, refusal=EncryptedRefused(element="EncryptedAssertion"), now=NOW)
    decryption = Decryption(store=store, keys=keys)
    assert decryption.able(PARTIES, other, NOW).policy.opens_unsigned_guesses  # type: ignore[union-attr]
    assert not decryption.able(PARTIES, mine, NOW).policy.opens_unsigned_guesses  # type: ignore[union-attr]
