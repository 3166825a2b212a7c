"""What is asked of an authenticator, and whether its answer holds (WebAuthn Level 3, sections 7.1 and 7.2).

A challenge is sealed into the page that asks, for one purpose and one browser: nothing is stored for a page that
anybody may open, and an answer that comes twice, late or from elsewhere counts for nothing.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from urllib.parse import urlsplit

from ostiary.domain.account import Account
from ostiary.domain.break_glass.holder import Passkey
from ostiary.kernel import ids
from ostiary.kernel.randomness import Random
from ostiary.storage import Transaction
from ostiary.storage.errors import StorageRefusal
from ostiary.storage.vault import Vault

LIFETIME: Final = timedelta(minutes=5)
LONGEST_ANSWER: Final = 16_384
_CHALLENGE_BYTES: Final = 32
_ALGORITHMS: Final = (-8, -7, -257)
"""EdDSA, ES256, RS256: what the library reads, and what authenticators have."""
_TRANSPORTS: Final = ("ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb")

Json = str | int | bool | list["Json"] | dict[str, "Json"]


class AnswerRefused(Exception):
    """What the browser sent is no answer to this challenge. The caller says what that means to the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceremony:
    """One question to an authenticator."""

    options: str
    """JSON for the script of the page; bytes as base64url."""
    sealed: str
    """The challenge, which goes into the form and comes back with the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredential:
    """What an authenticator has made for us."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """This product as authenticators know it: by the host of its public URL."""

    id: str
    origin: str
    name: str
    vault: Vault
    random: Random

    @classmethod
    def of(cls, public_url: str, *, name: str, vault: Vault, random: Random) -> Self:
        """By the public URL, never by a header of a request."""
        parts = urlsplit(public_url)
        origin = f"{parts.scheme}://{parts.netloc}"
        return cls(id=parts.hostname or "", origin=origin, name=name, vault=vault, random=random)

    def ask_to_make(self, account: Account, *, known: tuple[Passkey, ...], bound_to: str, now: datetime) -> Ceremony:
        """A new passkey for this account, discoverable and with the person verified."""
        challenge, sealed = self._challenge(making(account, bound_to), now)
        parameters: list[Json] = [{"type": "public-key", "alg": algorithm} for algorithm in _ALGORITHMS]
        options: dict[str, Json] = {
            "rp": {"id": self.id, "name": self.name},
            "user": {"id": _encoded(account.id.encode()), "name": str(account.email), "displayName": account.name},
            "challenge": challenge,
            "pubKeyCredParams": parameters,
            "timeout": int(LIFETIME.total_seconds() * 1000),
            "attestation": "none",
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": True,
                "userVerification": "required",
            },
            "excludeCredentials": [{"type": "public-key", "id": each.credential_id} for each in known],
        }
        return Ceremony(options=json.dumps(options), sealed=sealed)

    def ask_to_sign(self, *, bound_to: str, now: datetime) -> Ceremony:
        """Whichever passkey of ours the authenticator holds: naming some would tell whose address has any."""
        challenge, sealed = self._challenge(signing(bound_to), now)
        options: dict[str, Json] = {
            "rpId": self.id,
            "challenge": challenge,
            "timeout": int(LIFETIME.total_seconds() * 1000),
            "userVerification": "required",
            "allowCredentials": [],
        }
        return Ceremony(options=json.dumps(options), sealed=sealed)

    def consume(self, tx: Transaction, sealed: str, *, purpose: str, now: datetime) -> bytes:
        """The challenge, for the first who comes with it, whatever the answer is worth. Raises: `AnswerRefused`."""
        challenge, expires_at = self._opened(sealed, purpose)
        if now >= expires_at:
            raise AnswerRefused
        # Spent challenges are counted where guesses are, and forgotten once they would have expired anyway.
        if tx.throttle.hit(f"passkey/{_encoded(challenge)}", window=LIFETIME, now=now) > 1:
            raise AnswerRefused
        return challenge

    def read_new(self, answer: str, *, challenge: bytes) -> NewCredential:
        """The credential in this answer. Raises: `AnswerRefused`."""
        from webauthn import verify_registration_response
        from webauthn.helpers.cose import COSEAlgorithmIdentifier

        sent = _read(answer)
        try:
            made = verify_registration_response(
                credential=sent,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                require_user_verification=True,
                supported_pub_key_algs=[COSEAlgorithmIdentifier(each) for each in _ALGORITHMS],
            )
        # The library reads CBOR, COSE and certificates of strangers: whatever it raises, the answer is none.
        except Exception as error:
            raise AnswerRefused from error
        response = sent.get("response")
        named = response.get("transports") if isinstance(response, dict) else None
        transports = tuple(each for each in _TRANSPORTS if isinstance(named, list) and each in named)
        return NewCredential(
            credential_id=_encoded(made.credential_id),
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            transports=transports,
        )

    def read_signed(self, answer: str, *, passkey: Passkey, challenge: bytes) -> int:
        """The authenticator's counter, after its signature has held. The counter is not judged here.

        Raises: `AnswerRefused`.
        """
        from webauthn import verify_authentication_response

        sent = _read(answer)
        try:
            verified = verify_authentication_response(
                credential=sent,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                # Not the held one: it would be compared before the signature, and anybody could raise the alarm.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except Exception as error:
            raise AnswerRefused from error
        response = sent.get("response")
        handle = response.get("userHandle") if isinstance(response, dict) else None
        # 7.2 step 6: a discoverable credential names its account.
        if handle != _encoded(passkey.account_id.encode()):
            raise AnswerRefused
        return verified.new_sign_count

    def _challenge(self, purpose: str, now: datetime) -> tuple[str, str]:
        challenge = self.random.token(_CHALLENGE_BYTES)
        body = challenge + int((now + LIFETIME).timestamp()).to_bytes(8)
        return _encoded(challenge), _encoded(self.vault.seal(body, **_place(purpose)))

    def _opened(self, sealed: str, purpose: str) -> tuple[bytes, datetime]:
        try:
            body = self.vault.open_sealed(_decoded(sealed), **_place(purpose))
        except (StorageRefusal, ValueError) as error:
            raise AnswerRefused from error
        return body[:_CHALLENGE_BYTES], datetime.fromtimestamp(int.from_bytes(body[_CHALLENGE_BYTES:]), UTC)


def credential_id(answer: str) -> str:
    """The credential that this answer claims to be of. Raises: `AnswerRefused`."""
    named = _read(answer).get("id")
    # Base64url: half a letter (\ud800), which JSON can name and no hash can take, is no credential either.
    if not isinstance(named, str) or not named.isascii():
        raise AnswerRefused
    return named


def signing(bound_to: str) -> str:
    """The purpose of a challenge to sign in."""
    return f"sign/{bound_to}"


def making(account: Account, bound_to: str) -> str:
    """The purpose of a challenge to make a passkey."""
    return f"make/{account.id}/{bound_to}"


def _place(purpose: str) -> dict[str, str]:
    return {"table": "passkeys", "column": "challenge", "row": ids.fingerprint(purpose)}


def _read(answer: str) -> dict[str, Json]:
    if len(answer) > LONGEST_ANSWER:
        raise AnswerRefused
    try:
        sent = json.loads(answer)
    except (ValueError, RecursionError) as error:
        raise AnswerRefused from error
    if not isinstance(sent, dict):
        raise AnswerRefused
    return sent


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise AnswerRefused from error
