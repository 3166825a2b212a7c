"""People who have come by a provider and have to prove that an account is theirs. What was proven of them is sealed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from ostiary.domain.openid.possession import Possession
from ostiary.kernel.ids import AttemptId, OrganizationId
from ostiary.storage.schema import possessions
from ostiary.storage.statements import Prepared, Statements

_c = possessions.c
_MINE = _c.organization_id == bindparam("organization")
_THIS = (_c.attempt_id == bindparam("attempt")) & _MINE

_INSERT = Prepared(insert(possessions), columns=[column.name for column in _c])
_OF = Prepared(select(*_c).where(_THIS))
_SET_CODE = Prepared(update(possessions).where(_THIS).values(code_hash=bindparam("new_hash")))
# A try is counted before it is judged, or many at once would be one.
_TRY = Prepared(
    update(possessions)
    .where(
        _THIS,
        _c.tries < bindparam("most", type_=_c.tries.type),
        _c.expires_at > bindparam("moment", type_=_c.expires_at.type),
    )
    .values(tries=_c.tries + 1)
)
_TAKE = Prepared(delete(possessions).where(_THIS))


@dataclass(frozen=True, slots=True)
class Possessions:
    """People who have to prove that an account is theirs."""

    run: Statements

    def insert(self, possession: Possession) -> None:
        """Keep a new one, sealed."""
        body = self.run.vault.seal(
            possession.body.encode(), table=possessions.name, column=_c.body.name, row=possession.attempt_id
        )
        self.run.change(
            _INSERT,
            attempt_id=possession.attempt_id,
            organization_id=possession.organization_id,
            account_id=possession.account_id,
            body=body,
            code_hash=possession.code_hash,
            tries=possession.tries,
            expires_at=possession.expires_at,
        )

    def of(self, attempt_id: AttemptId, *, organization_id: OrganizationId) -> Possession | None:
        """The attempt's, while it is open. Raises: `SealBroken`, `KeyWrong`."""
        row = self.run.one(_OF, attempt=attempt_id, organization=organization_id)
        if row is None:
            return None
        body = self.run.vault.open_sealed(row[3], table=possessions.name, column=_c.body.name, row=attempt_id)
        return Possession(
            attempt_id=row[0],
            organization_id=row[1],
            account_id=row[2],
            body=body.decode(),
            code_hash=row[4],
            tries=row[5],
            expires_at=row[6],
        )

    def set_code(self, attempt_id: AttemptId, *, organization_id: OrganizationId, code_hash: str) -> None:
        """The newest code counts, and no other."""
        self.run.change(_SET_CODE, attempt=attempt_id, organization=organization_id, new_hash=code_hash)

    def count_try(self, attempt_id: AttemptId, *, organization_id: OrganizationId, most: int, at: datetime) -> bool:
        """Whether one more try is allowed; it is counted."""
        return self.run.change(_TRY, attempt=attempt_id, organization=organization_id, most=most, moment=at) == 1

    def take(self, attempt_id: AttemptId, *, organization_id: OrganizationId) -> bool:
        """Use it up. True for one caller only, ever."""
        return self.run.change(_TAKE, attempt=attempt_id, organization=organization_id) == 1
