"""Tokens that arrive encrypted, opened by the own keys of a connection: of every role, so that a change loses none."""

from dataclasses import dataclass
from typing import Final

from ostiary.domain.connection import Connection
from ostiary.domain.openid.settings import OidcSettings
from ostiary.oidc.encryption import Opened, is_encrypted, open_jwe, read_jwe
from ostiary.oidc.encryption_errors import TokenEncrypted, TokenNotEncrypted
from ostiary.services.oidc.parties import own_key_of
from ostiary.services.saml.keys import SigningKeys

ID_TOKEN: Final = "ID token"  # noqa: S105 - a name
LOGOUT_TOKEN: Final = "logout token"  # noqa: S105 - a name
USERINFO: Final = "answer of UserInfo"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOpening:
    """Opens them. The keys are fetched when a token turns out to be encrypted, in a way that we take."""

    keys: SigningKeys

    def opened(self, connection: Connection, settings: OidcSettings, token: str) -> Opened | None:
        """What was inside an ID token; None where it came plain, as these settings want it.

        Raises: `TokenEncrypted`, `TokenNotEncrypted`, and what `read_jwe` and `open_jwe` refuse.
        """
        if is_encrypted(token):
            return self.inside(connection, settings, token, what=ID_TOKEN)
        # Not for what is signed, which holds either way: somebody has agreed that nobody on the way reads it.
        if settings.wants_encryption:
            raise TokenNotEncrypted
        return None

    def inside(self, connection: Connection, settings: OidcSettings, token: str, *, what: str) -> Opened:
        """What was inside an encrypted token. Raises: as `opened`, but for `TokenNotEncrypted`."""
        if not (settings.wants_encryption or _is_being_switched_on(connection)):
            raise TokenEncrypted(what=what)
        jwe = read_jwe(token)
        return open_jwe(jwe, keys=tuple(own_key_of(each.key) for each in self.keys.every(connection)))


def _is_being_switched_on(connection: Connection) -> bool:
    """Whether the newest settings want it, tested or not: while the provider is set to it, nobody's sign-in is lost."""
    return connection.latest is not None and connection.latest.oidc.wants_encryption
