"""The ID token by which a session began: a sign-out at the provider names it. Sealed, and gone with the session."""

from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select

from ostiary.kernel.ids import OrganizationId, SessionId
from ostiary.storage.schema import session_tokens
from ostiary.storage.statements import Prepared, Statements

_c = session_tokens.c
_INSERT = Prepared(insert(session_tokens), columns=[column.name for column in _c])
_OF = Prepared(
    select(_c.body).where(_c.session_id == bindparam("session"), _c.organization_id == bindparam("organization"))
)


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """ID tokens of sessions."""

    run: Statements

    def insert(self, session_id: SessionId, *, organization_id: OrganizationId, id_token: str) -> None:
        """Keep it, sealed."""
        body = self.run.vault.seal(id_token.encode(), table=session_tokens.name, column=_c.body.name, row=session_id)
        self.run.change(_INSERT, session_id=session_id, organization_id=organization_id, body=body)

    def of(self, session_id: SessionId, *, organization_id: OrganizationId) -> str:
        """The session's; empty where it has none. Raises: `SealBroken`, `KeyWrong`."""
        row = self.run.one(_OF, session=session_id, organization=organization_id)
        if row is None:
            return ""
        opened = self.run.vault.open_sealed(row[0], table=session_tokens.name, column=_c.body.name, row=session_id)
        return opened.decode()
