"""What binds one OpenID Connect sign-in together: state, nonce, code verifier. Sealed, and taken once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select

from ostiary.kernel.ids import AttemptId, OrganizationId
from ostiary.storage.schema import attempt_secrets
from ostiary.storage.statements import Prepared, Statements

_c = attempt_secrets.c
_THIS = (_c.attempt_id == bindparam("attempt")) & (_c.organization_id == bindparam("organization"))

_INSERT = Prepared(insert(attempt_secrets), columns=[column.name for column in _c])
_OF = Prepared(select(_c.body).where(_THIS))
_TAKE = Prepared(delete(attempt_secrets).where(_THIS))


@dataclass(frozen=True, slots=True)
class AttemptSecrets:
    """What binds sign-ins together."""

    run: Statements

    def insert(
        self, attempt_id: AttemptId, *, organization_id: OrganizationId, secrets: str, expires_at: datetime
    ) -> None:
        """Keep them, sealed."""
        self.run.change(
            _INSERT,
            attempt_id=attempt_id,
            organization_id=organization_id,
            body=self.run.vault.seal(secrets.encode(), table=attempt_secrets.name, column=_c.body.name, row=attempt_id),
            expires_at=expires_at,
        )

    def of(self, attempt_id: AttemptId, *, organization_id: OrganizationId) -> str | None:
        """The attempt's, while nobody has taken them. Raises: `SealBroken`, `KeyWrong`."""
        row = self.run.one(_OF, attempt=attempt_id, organization=organization_id)
        if row is None:
            return None
        opened = self.run.vault.open_sealed(row[0], table=attempt_secrets.name, column=_c.body.name, row=attempt_id)
        return opened.decode()

    def take(self, attempt_id: AttemptId, *, organization_id: OrganizationId) -> bool:
        """Use them up. True for one caller only, ever: a code is traded in once, whoever brings copies of it."""
        return self.run.change(_TAKE, attempt=attempt_id, organization=organization_id) == 1
