"""USE CASES. One file for each sentence that an admin or a user would say.

A service opens one transaction, asks the domain for a judgement, and writes what follows. It raises refusals or
returns values; it knows no HTTP, no words and no SQL.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ostiary.config import Settings
from ostiary.kernel.clock import Clock
from ostiary.services.attempts import Attempts
from ostiary.services.begin_login import BeginLogin
from ostiary.services.break_glass import BreakGlass
from ostiary.services.connection_names import ConnectionNames
from ostiary.services.connections import Connections
from ostiary.services.doctor.consulting import Doctor
from ostiary.services.domains import Domains
from ostiary.services.enforcement.enforcing import Enforcement
from ostiary.services.housekeeping import Housekeeping
from ostiary.services.oidc.google import OperatorsGoogle
from ostiary.services.oidc.login import OidcLogin
from ostiary.services.oidc.logout import OidcLogout
from ostiary.services.oidc.saved_secrets import SavedSecrets
from ostiary.services.organizations import Organizations
from ostiary.services.passwords import Passwords
from ostiary.services.possession import Possessions
from ostiary.services.saml.login import SamlLogin
from ostiary.services.saml.logout import SingleLogout
from ostiary.services.saml.rotation import KeyRotation
from ostiary.services.sessions import Sessions
from ostiary.services.start_login import StartLogin
from ostiary.services.testing import ConnectionTest
from ostiary.services.upkeep.metadata_review import MetadataReview

__all__ = ["Services"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything the pages, the command line and the background thread may ask for."""

    settings: Settings
    clock: Clock
    attempts: Attempts
    begin_login: BeginLogin
    break_glass: BreakGlass
    connection_test: ConnectionTest
    connection_names: ConnectionNames
    connections: Connections
    doctor: Doctor
    domains: Domains
    google: OperatorsGoogle
    enforcement: Enforcement
    housekeeping: Housekeeping
    key_rotation: KeyRotation
    metadata_review: MetadataReview
    oidc_login: OidcLogin
    oidc_logout: OidcLogout
    organizations: Organizations
    passwords: Passwords
    possessions: Possessions
    saml_login: SamlLogin
    saved_secrets: SavedSecrets
    sessions: Sessions
    single_logout: SingleLogout
    start_login: StartLogin
    is_ready: Callable[[], bool]
    """Whether the storage answers: what /readyz asks."""
    close: Callable[[], None]
    """Closes the store."""
