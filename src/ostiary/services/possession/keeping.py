"""What was proven by a provider, as it is kept sealed until the account is proven too."""

import json
from datetime import UTC, datetime

from ostiary.domain.connection import Connection
from ostiary.domain.identity import Identity
from ostiary.domain.openid.possession import Possession
from ostiary.kernel import ids
from ostiary.kernel.values import EmailAddress
from ostiary.services.complete_login import Evidence
from ostiary.services.sessions import Proof


def code_hash(possession: Possession, code: str) -> str:
    """What stands for a code. Salted by what is sealed: six digits are soon tried otherwise."""
    return ids.fingerprint(f"{json.loads(possession.body)['salt']}/{possession.attempt_id}/{code}")


def written(evidence: Evidence, *, salt: str) -> str:
    """Who came, and what was proven of them."""
    identity, proof = evidence.reading.identity, evidence.proof
    return json.dumps(
        {
            "salt": salt,
            "issuer": identity.issuer,
            "subject": identity.subject,
            "email": identity.address,
            "first_name": identity.first_name,
            "last_name": identity.last_name,
            "id_token": evidence.id_token,
            "proof": {
                "issuer": proof.issuer,
                "subject": proof.subject,
                "session_index": proof.session_index,
                "auth_time": proof.auth_time.timestamp(),
                "acr": proof.acr,
                "amr": proof.amr,
                "not_on_or_after": proof.not_on_or_after.timestamp() if proof.not_on_or_after else None,
            },
        }
    )


def read_kept(possession: Possession, connection: Connection) -> tuple[Identity, Proof, str]:
    """The identity, what the session will rest on, and the ID token by which its end is told to the provider."""
    kept = json.loads(possession.body)
    proven = kept["proof"]
    until = proven["not_on_or_after"]
    identity = Identity(
        issuer=kept["issuer"],
        subject=kept["subject"],
        email=EmailAddress.parse(kept["email"]) if kept["email"] else None,
        first_name=kept["first_name"],
        last_name=kept["last_name"],
        is_vouched=False,
    )
    proof = Proof(
        connection=connection,
        issuer=proven["issuer"],
        subject=proven["subject"],
        session_index=proven["session_index"],
        auth_time=datetime.fromtimestamp(proven["auth_time"], UTC),
        acr=proven["acr"],
        amr=tuple(proven["amr"]),
        not_on_or_after=datetime.fromtimestamp(until, UTC) if until is not None else None,
    )
    return identity, proof, kept["id_token"]
