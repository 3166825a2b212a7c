"""The people of the demo at the providers that speak OpenID Connect only."""

from datetime import datetime

from ostiary.demo.people import ACME, COMPANIES, ENTRA_PASSWORD, GOOGLE_PASSWORD, KEYCLOAK_PASSWORD, Company
from ostiary.demo.places import GOOGLE_CLIENT_ID, GOOGLE_CLIENT_SECRET, PRODUCT_NAME
from ostiary.simulator import Simulator, known_client


def populate(*, google: Simulator, entra: Simulator, keycloak: Simulator) -> None:
    """Everyone where their company is, at each provider where nobody is yet.

    Google has all; Entra ID has a tenant for each company; the realm of Keycloak is Acme's.
    """
    if google.is_new:
        for company in COMPANIES:
            _add(google, company, password=GOOGLE_PASSWORD)
    if entra.is_new:
        for company, tenant in zip(COMPANIES, entra.oidc.tenants, strict=True):
            _add(entra, company, password=ENTRA_PASSWORD, tenant=tenant)
    if keycloak.is_new:
        _add(keycloak, ACME, password=KEYCLOAK_PASSWORD)


def register_at_google(google: Simulator, *, redirect_uri: str, now: datetime) -> None:
    """The operator's client at the simulated Google, which serves every organization."""
    settings = known_client(GOOGLE_CLIENT_ID, secret=GOOGLE_CLIENT_SECRET, now=now)
    google.oidc.add_app(PRODUCT_NAME, redirect_uri=redirect_uri, settings=settings)


def _add(simulator: Simulator, company: Company, *, password: str, tenant: str = "") -> None:
    for person in company.people:
        simulator.add_user(
            person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            password=password,
            groups=person.groups,
            tenant=tenant,
        )
