"""Leaving for an identity provider, whatever language it speaks."""

from dataclasses import dataclass

from ostiary.domain.connection import Protocol
from ostiary.domain.errors import ConnectionUnknown
from ostiary.kernel.ids import ConnectionId
from ostiary.services.client import Client
from ostiary.services.oidc.login import OidcLogin
from ostiary.services.saml.login import SamlLogin
from ostiary.services.saml.request import Departure, LeaveFor
from ostiary.storage import AlreadyExists, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class StartLogin:
    """Starts sign-ins and tests by the protocol of the connection."""

    store: Store
    saml: SamlLogin
    oidc: OidcLogin

    def start(self, connection_id: ConnectionId, *, departure: Departure, client: Client) -> LeaveFor:
        """Where the browser goes, after the attempt was stored. No call is made.

        Raises: `ConnectionUnknown`, `ConnectionOff`, `NotTested` (a test of nothing), `PlanWithoutSso`.
        """
        with self.store.read() as tx:
            connection = tx.connections.by_id(connection_id)
        if connection is None:
            raise ConnectionUnknown
        login = self.saml if connection.protocol is Protocol.SAML else self.oidc
        try:
            return login.start(connection_id, departure=departure, client=client)
        except AlreadyExists:
            # A reference was drawn that another attempt has: of 29^8 some meet, with a million sign-ins a day.
            return login.start(connection_id, departure=departure, client=client)
