"""The one place where things meet: settings in, services out."""

from dataclasses import dataclass
from datetime import timedelta

from ostiary.config import Settings
from ostiary.kernel.clock import Clock, SystemClock
from ostiary.kernel.http import Fetch
from ostiary.kernel.randomness import Random, SystemRandom
from ostiary.outbound import GuardedFetch, Mailer, Resolver
from ostiary.services import Services
from ostiary.services.attempts import Attempts
from ostiary.services.audit_trail import AuditTrail
from ostiary.services.begin_login import BeginLogin
from ostiary.services.break_glass import BreakGlass
from ostiary.services.complete_login import CompleteLogin
from ostiary.services.connection_form import ConnectionForm
from ostiary.services.connection_form.openid import OpenIdForm
from ostiary.services.connection_form.revisions import Revisions
from ostiary.services.connection_names import ConnectionNames
from ostiary.services.connections import Connections
from ostiary.services.doctor.consulting import Doctor
from ostiary.services.domains import Domains
from ostiary.services.enforcement.enforcing import Enforcement
from ostiary.services.enforcement.letters import EnforcementLetters
from ostiary.services.housekeeping import Housekeeping
from ostiary.services.oidc.exchange import Exchange
from ostiary.services.oidc.google import OperatorsGoogle
from ostiary.services.oidc.judge import OidcJudge
from ostiary.services.oidc.login import OidcLogin
from ostiary.services.oidc.logout import OidcLogout
from ostiary.services.oidc.logout_record import OidcLogoutRecord
from ostiary.services.oidc.opening import TokenOpening
from ostiary.services.oidc.parties import GoogleClient, Registration
from ostiary.services.oidc.providers import Providers
from ostiary.services.oidc.reporting import OidcReports
from ostiary.services.oidc.request import OidcRequest
from ostiary.services.oidc.saved_secrets import SavedSecrets
from ostiary.services.organizations import Organizations
from ostiary.services.passwords import Passwords
from ostiary.services.possession import Possessions
from ostiary.services.refusal_record import RefusalRecord
from ostiary.services.saml.decryption import Decryption
from ostiary.services.saml.judge import TestJudge
from ostiary.services.saml.keys import SigningKeys
from ostiary.services.saml.login import SamlLogin
from ostiary.services.saml.logout import SingleLogout
from ostiary.services.saml.logout_record import LogoutRecord
from ostiary.services.saml.offer import Offer
from ostiary.services.saml.request import SamlRequest
from ostiary.services.saml.rotation import KeyRotation
from ostiary.services.sessions import Sessions
from ostiary.services.start_login import StartLogin
from ostiary.services.testing import ConnectionTest
from ostiary.services.upkeep.domain_checks import DomainChecks
from ostiary.services.upkeep.errands import Errands
from ostiary.services.upkeep.key_adoption import KeyAdoption
from ostiary.services.upkeep.letters import Letters
from ostiary.services.upkeep.metadata_refresh import MetadataRefresh
from ostiary.services.upkeep.metadata_review import MetadataReview
from ostiary.storage import Store, open_store, open_vault

_SOURCES_AT_ONCE = 8
_DOMAINS_AT_ONCE = 4
"""Metadata URLs that one server asks at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What reaches beyond the process. Tests hand in their own."""

    clock: Clock
    random: Random
    fetch: Fetch
    resolver: Resolver
    mailer: Mailer | None


def outside(settings: Settings) -> Outside:
    """The real world, as these settings allow it to be reached."""
    clock = SystemClock()
    resolver = Resolver(server=settings.dns_server or None)
    return Outside(
        clock=clock,
        random=SystemRandom(),
        fetch=GuardedFetch(
            clock=clock,
            resolver=resolver,
            allowed_networks=settings.allowed_networks,
            allowed_ports=settings.allowed_ports,
            allow_loopback_http=settings.allow_loopback,
        ),
        resolver=resolver,
        mailer=Mailer.from_url(settings.smtp_url, sender=settings.mail_from) if settings.smtp_url else None,
    )


def build(settings: Settings, *, is_demo: bool = False, world: Outside | None = None) -> Services:
    """The services on the database of these settings. Raises: what `storage` refuses at its opening."""
    world = world or outside(settings)
    vault = open_vault(settings.key_file, random=world.random)
    store = open_store(settings.store_url, vault=vault, is_demo=is_demo)
    return assemble(store, settings=settings, world=world)


def assemble(store: Store, *, settings: Settings, world: Outside) -> Services:
    """The services on this store."""
    clock, random, public_url = world.clock, world.random, settings.public_url
    audit = AuditTrail(random)
    sessions = _sessions(store, audit, settings=settings, world=world)
    passwords = _passwords(store, audit, sessions, settings=settings, world=world)
    keys = SigningKeys(store=store, random=random)
    complete = CompleteLogin(store=store, random=random, audit=audit, sessions=sessions)
    saml_login = _saml_login(store, complete, keys=keys, settings=settings, world=world)
    possessions = _possessions(passwords, settings=settings, world=world)
    oidc_login = _oidc_login(saml_login, possessions, settings=settings, world=world)
    start_login = StartLogin(store=store, saml=saml_login, oidc=oidc_login)
    connections = _connections(store, audit, keys=keys, settings=settings, world=world)
    refresh = _metadata_refresh(store, audit, settings=settings, world=world)
    return Services(
        settings=settings,
        clock=clock,
        attempts=Attempts(store=store, clock=clock),
        break_glass=BreakGlass.of(passwords),
        begin_login=BeginLogin(store=store, clock=clock),
        connection_test=ConnectionTest(
            store=store, clock=clock, random=random, audit=audit, login=start_login, passwords=passwords
        ),
        connection_names=ConnectionNames(store=store, clock=clock, audit=audit),
        connections=connections,
        doctor=_doctor(keys, settings=settings, world=world),
        enforcement=Enforcement(store=store, clock=clock, audit=audit, letters=passwords.letters),
        domains=Domains(store=store, clock=clock, random=random, audit=audit, resolver=world.resolver),
        google=OperatorsGoogle(store=store, clock=clock, connections=connections, client=GoogleClient.of(settings)),
        housekeeping=Housekeeping.of(
            passwords,
            refresh,
            domain_checks=_domain_checks(store, audit, letters=refresh.adoption.letters, world=world),
            mailer=world.mailer,
        ),
        key_rotation=KeyRotation(store=store, clock=clock, audit=audit, keys=keys),
        metadata_review=MetadataReview(store=store, clock=clock, audit=audit, refresh=refresh, public_url=public_url),
        oidc_login=oidc_login,
        oidc_logout=_oidc_logout(oidc_login, sessions, world=world),
        organizations=Organizations(
            store=store,
            clock=clock,
            random=random,
            audit=audit,
            public_url=public_url,
            product_name=settings.product_name,
        ),
        passwords=passwords,
        possessions=possessions,
        saml_login=saml_login,
        saved_secrets=SavedSecrets(store=store, clock=clock, audit=audit),
        sessions=sessions,
        single_logout=_single_logout(saml_login.request, sessions, settings=settings, world=world),
        start_login=start_login,
        is_ready=store.is_ready,
        close=store.close,
    )


def _metadata_refresh(store: Store, audit: AuditTrail, *, settings: Settings, world: Outside) -> MetadataRefresh:
    letters = Letters(random=world.random, public_url=settings.public_url, product_name=settings.product_name)
    return MetadataRefresh(
        store=store,
        clock=world.clock,
        random=world.random,
        fetch=world.fetch,
        adoption=KeyAdoption(audit=audit, letters=letters),
        errands=Errands(at_once=_SOURCES_AT_ONCE),
    )


def _domain_checks(store: Store, audit: AuditTrail, *, letters: Letters, world: Outside) -> DomainChecks:
    return DomainChecks(
        store=store,
        clock=world.clock,
        random=world.random,
        resolver=world.resolver,
        audit=audit,
        letters=letters,
        errands=Errands(at_once=_DOMAINS_AT_ONCE),
    )


def _connections(
    store: Store, audit: AuditTrail, *, keys: SigningKeys, settings: Settings, world: Outside
) -> Connections:
    return Connections(
        store=store,
        clock=world.clock,
        random=world.random,
        audit=audit,
        offer=Offer(keys=keys, public_url=settings.public_url, product_name=settings.product_name),
        form=ConnectionForm(fetch=world.fetch, public_url=settings.public_url),
        openid_form=OpenIdForm(fetch=world.fetch),
        revisions=Revisions(random=world.random, audit=audit),
        public_url=settings.public_url,
    )


def _sessions(store: Store, audit: AuditTrail, *, settings: Settings, world: Outside) -> Sessions:
    return Sessions(
        store=store,
        clock=world.clock,
        random=world.random,
        audit=audit,
        longest=timedelta(hours=settings.session_hours),
        idle=timedelta(hours=settings.idle_hours),
    )


def _passwords(store: Store, audit: AuditTrail, sessions: Sessions, *, settings: Settings, world: Outside) -> Passwords:
    return Passwords(
        store=store,
        clock=world.clock,
        random=world.random,
        audit=audit,
        sessions=sessions,
        public_url=settings.public_url,
        product_name=settings.product_name,
    )


def _single_logout(request: SamlRequest, sessions: Sessions, *, settings: Settings, world: Outside) -> SingleLogout:
    return SingleLogout(
        store=request.store,
        clock=world.clock,
        random=world.random,
        audit=sessions.audit,
        sessions=sessions,
        keys=request.keys,
        record=LogoutRecord(store=request.store, request=request),
        public_url=settings.public_url,
    )


def _saml_login(
    store: Store, complete: CompleteLogin, *, keys: SigningKeys, settings: Settings, world: Outside
) -> SamlLogin:
    request = SamlRequest(
        store=store,
        random=world.random,
        keys=keys,
        public_url=settings.public_url,
        home_url=settings.home_url,
    )
    return SamlLogin(
        store=store,
        clock=world.clock,
        request=request,
        complete=complete,
        decryption=Decryption(store=store, keys=keys),
        judge=TestJudge(store=store),
        record=RefusalRecord(store=store, request=request),
        letters=EnforcementLetters(
            random=world.random, public_url=settings.public_url, product_name=settings.product_name
        ),
        public_url=settings.public_url,
    )


def _doctor(keys: SigningKeys, *, settings: Settings, world: Outside) -> Doctor:
    return Doctor(
        store=keys.store,
        clock=world.clock,
        judge=TestJudge(store=keys.store),
        keys=keys,
        fetch=world.fetch,
        public_url=settings.public_url,
    )


def _possessions(passwords: Passwords, *, settings: Settings, world: Outside) -> Possessions:
    return Possessions(
        store=passwords.store,
        clock=world.clock,
        random=world.random,
        audit=passwords.audit,
        sessions=passwords.sessions,
        passwords=passwords,
        product_name=settings.product_name,
    )


def _oidc_logout(login: OidcLogin, sessions: Sessions, *, world: Outside) -> OidcLogout:
    return OidcLogout(
        store=login.store,
        clock=world.clock,
        random=world.random,
        sessions=sessions,
        providers=login.request.providers,
        registration=login.request.registration,
        opening=login.exchange.opening,
        record=OidcLogoutRecord(store=login.store, attempts=login.request.attempts),
        public_url=login.public_url,
    )


def _oidc_login(saml_login: SamlLogin, possessions: Possessions, *, settings: Settings, world: Outside) -> OidcLogin:
    store, clock = saml_login.store, world.clock
    providers = Providers(store=store, clock=clock, fetch=world.fetch)
    opening = TokenOpening(keys=saml_login.request.keys)
    exchange = Exchange(clock=clock, random=world.random, fetch=world.fetch, providers=providers, opening=opening)
    return OidcLogin(
        store=store,
        clock=clock,
        request=OidcRequest(
            store=store,
            random=world.random,
            fetch=world.fetch,
            providers=providers,
            registration=Registration(
                store=store,
                clock=clock,
                keys=saml_login.request.keys,
                public_url=settings.public_url,
                google=GoogleClient.of(settings),
            ),
            attempts=saml_login.request,
            public_url=settings.public_url,
        ),
        exchange=exchange,
        reports=OidcReports(store=store, judge=OidcJudge(store=store, exchange=exchange), letters=saml_login.letters),
        complete=saml_login.complete,
        possessions=possessions,
        record=saml_login.record,
        public_url=settings.public_url,
    )
