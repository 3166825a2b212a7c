"""The people of the demo at the providers that speak OpenID Connect only."""

from ostiary.demo.people import ACME, COMPANIES, ENTRA_PASSWORD, GOOGLE_PASSWORD, KEYCLOAK_PASSWORD, Company
from ostiary.simulator import Simulator


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
