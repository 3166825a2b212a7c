"""What is left to an owner who has to confirm something, while passwords are refused."""

from collections.abc import Mapping

from ostiary.domain.organization import Organization
from ostiary.kernel.errors import Fact
from ostiary.problems.refining.confirming import BY_PASSWORD, INSTEAD
from ostiary.services import Services


def with_ways_left(
    code: str, facts: Mapping[str, Fact], *, organization: Organization, services: Services
) -> Mapping[str, Fact]:
    """The same facts, with how the owner gets in as things stand now; only for codes whose words tell it."""
    if code not in BY_PASSWORD:
        return facts
    instead = services.enforcement.instead_of_password(organization)
    return facts if instead is None else {**facts, INSTEAD: instead.value}
