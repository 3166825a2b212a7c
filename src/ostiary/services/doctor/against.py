"""What is known of a connection, so that something can be held against it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ostiary import saml
from ostiary.domain.connection_report import TestReport

Judge = Callable[[bytes, str | None, datetime], TestReport]
"""Judges an answer by everything that is known of a connection: form value, request and moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdAddresses:
    """The addresses of a connection that speaks OpenID Connect."""

    discovery_url: str
    """The issuer, as it is saved."""
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """What is known of the connection. What is empty is not known: it is taken from the specimen, and not judged."""

    entity_id: str = ""
    acs_url: str = ""
    idp_entity_id: str = ""
    sso_url: str = ""
    certificates: tuple[saml.Certificate, ...] = ()
    decryption_keys: tuple[saml.DecryptionKey, ...] = ()
    policy: saml.SamlPolicy = field(default_factory=lambda: saml.SamlPolicy(accept_unsolicited=True))
    judge: Judge | None = None
    openid: OpenIdAddresses | None = None
    """Of a connection that speaks OpenID Connect: nothing of SAML can be judged against it."""

    @property
    def is_connection(self) -> bool:
        """Whether there is a whole connection to compare with."""
        return self.judge is not None
