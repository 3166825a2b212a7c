"""A security key in software: it makes a key pair, signs what it is asked, and can be copied. Written by the standard.

WebAuthn Level 3: 6.1 authenticator data, 6.5.4 attestation object, 5.8.1 client data; RFC 9053 for the COSE key.
"""

import base64
import hashlib
import json
from copy import copy
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, HOLDS_CREDENTIAL = 0x01, 0x04, 0x40


@dataclass
class Authenticator:
    """One device with one key. What it should get wrong is set on it."""

    origin: str
    counts: bool = True
    flags: int = PRESENT | VERIFIED
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = b""
    user_handle: str = ""
    rp_id: str = ""
    sign_count: int = 0

    def make(self, options: str, **client: Any) -> str:
        """The answer to a question to make a passkey, as the script of our page writes it."""
        asked = json.loads(options)
        self.rp_id, self.user_handle = client.pop("rp_id", asked["rp"]["id"]), asked["user"]["id"]
        self.credential_id = hashlib.sha256(self.key.private_numbers().private_value.to_bytes(32)).digest()
        identified = b"\0" * 16 + len(self.credential_id).to_bytes(2) + self.credential_id + self._cose_key()
        data = self._data(HOLDS_CREDENTIAL) + identified
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        parts = {
            "clientDataJSON": encoded(self._client_data("webauthn.create", asked["challenge"], client)),
            "attestationObject": encoded(attestation),
            "transports": ["usb", "nonsense", "nfc"],
        }
        return self._answer(parts)

    def sign(self, options: str, **client: Any) -> str:
        """The answer to a question to sign in."""
        asked = json.loads(options)
        self.sign_count += self.counts
        written = self._client_data("webauthn.get", asked["challenge"], client)
        data = self._data(0)
        signature = self.key.sign(data + hashlib.sha256(written).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {
            "clientDataJSON": encoded(written),
            "authenticatorData": encoded(data),
            "signature": encoded(signature),
            "userHandle": self.user_handle,
        }
        return self._answer(parts)

    def copied(self) -> "Authenticator":
        """Another device with the same key, whose counter goes its own way."""
        return copy(self)

    def _client_data(self, kind: str, challenge: str, given: dict[str, Any]) -> bytes:
        says = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False, **given}
        return json.dumps(says).encode()

    def _data(self, more_flags: int) -> bytes:
        hashed = hashlib.sha256(self.rp_id.encode()).digest()
        return hashed + bytes([self.flags | more_flags]) + self.sign_count.to_bytes(4)

    def _cose_key(self) -> bytes:
        public = self.key.public_key().public_numbers()
        # kty EC2, alg ES256, crv P-256
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)})

    def _answer(self, parts: dict[str, Any]) -> str:
        named = encoded(self.credential_id)
        return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": parts})


def encoded(data: bytes) -> str:
    """As base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
