"""What we offer to the identity provider of a connection: our metadata, with our certificates."""

from dataclasses import dataclass
from datetime import datetime

from ostiary import saml
from ostiary.domain.connection import Connection
from ostiary.services.saml.keys import SigningKeys
from ostiary.services.saml.parties import service_provider_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Writes our metadata of a connection."""

    keys: SigningKeys
    public_url: str
    product_name: str

    def metadata(self, connection: Connection, now: datetime) -> bytes:
        """Our metadata, by what was saved last and what serves: a provider reads it before the test, too.

        It always names a signing key: logout messages are signed, whether requests are or not.
        """
        known = [each for each in (connection.saml_latest, connection.saml_serving) if each is not None]
        certificates = self.keys.published(connection, now)
        newest = known[0] if known else None
        names = newest.attributes if newest else None
        wanted = (names.email, names.first_name, names.last_name, names.groups) if names else ()
        return saml.build_sp_metadata(
            service_provider=service_provider_of(connection, public_url=self.public_url),
            signs_requests=any(settings.signs_requests for settings in known),
            signing_certificates=certificates,
            encryption_certificates=certificates if any(settings.wants_encryption for settings in known) else (),
            name_id_format=newest.name_id_format if newest else "",
            attributes=tuple(dict.fromkeys(name for name in wanted if name)),
            service_name=self.product_name,
        )
