"""The people of the demo, and their companies. Everyone may know these passwords: the demo answers on loopback only."""

from dataclasses import dataclass

from ostiary.domain.account import Role

PRODUCT_PASSWORD = "ringline-demo"  # noqa: S105 - printed at every start
ONELOGIN_PASSWORD = "onelogin-demo"  # noqa: S105 - the same
OKTA_PASSWORD = "okta-demo"  # noqa: S105 - the same
GOOGLE_PASSWORD = "google-demo"  # noqa: S105 - the same
ENTRA_PASSWORD = "entra-demo"  # noqa: S105 - the same
KEYCLOAK_PASSWORD = "keycloak-demo"  # noqa: S105 - the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who works at one of the companies."""

    first_name: str
    last_name: str
    email: str
    role: Role | None
    """Their role in the product; None for those who have no account there until they first sign in with SSO."""
    groups: tuple[str, ...]
    """Their groups at Okta, and roles at OneLogin."""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def role_label(self) -> str:
        """Their role as people read it."""
        return self.role.label if self.role else "No account yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A customer of the product."""

    slug: str
    name: str
    domain: str
    people: tuple[Person, ...]

    @property
    def members(self) -> tuple[Person, ...]:
        """Those with an account in the product, the owner first."""
        return tuple(person for person in self.people if person.role is not None)

    @property
    def owner(self) -> Person:
        """Who owns the organization."""
        return next(person for person in self.people if person.role is Role.OWNER)


def _person(first: str, last: str, *, at: str, role: Role | None, groups: tuple[str, ...]) -> Person:
    return Person(first_name=first, last_name=last, email=f"{first}.{last}@{at}".lower(), role=role, groups=groups)


ACME = Company(
    slug="acme",
    name="Acme",
    domain="acme.example",
    people=(
        _person("Dana", "Whitfield", at="acme.example", role=Role.OWNER, groups=("Acme IT",)),
        _person("Lena", "Brandt", at="acme.example", role=Role.ADMIN, groups=("Acme IT",)),
        _person("Marcus", "Oyelaran", at="acme.example", role=Role.MEMBER, groups=("Acme Support",)),
        _person("Priya", "Raman", at="acme.example", role=None, groups=("Acme Support",)),
    ),
)
GLOBEX = Company(
    slug="globex",
    name="Globex",
    domain="globex.example",
    people=(
        _person("Hank", "Scorpio", at="globex.example", role=Role.OWNER, groups=("Globex Everyone",)),
        _person("Nora", "Feld", at="globex.example", role=Role.ADMIN, groups=("Globex Everyone",)),
        _person("Idris", "Kamau", at="globex.example", role=Role.MEMBER, groups=("Globex Everyone",)),
        _person("Tomas", "Lindqvist", at="globex.example", role=None, groups=("Globex Everyone",)),
    ),
)
COMPANIES = (ACME, GLOBEX)
DIRECTORIES = {
    ACME.slug: ("OneLogin", "Okta", "Google", "Entra ID", "Keycloak"),
    GLOBEX.slug: ("Okta", "Google", "Entra ID"),
}
"""Where the people of each company are, by its slug."""
