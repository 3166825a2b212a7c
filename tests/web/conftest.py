"""One empty store for each test of the pages, and Acme with its owner signed in for those who ask for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ostiary.domain.organization import Plan
from ostiary.services import Services
from ostiary.services.organizations import NewOrganization
from ostiary.web import Rim
from tests.web.rim import a_rim, post, some_services

PASSWORD = "a sentence that is easy to remember"


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """The services on a new database."""
    built = some_services(tmp_path)
    yield built
    built.close()


@pytest.fixture
def app(services: Services) -> Rim:
    """The pages of these services."""
    return a_rim(services)


@pytest.fixture
def acme(services: Services) -> NewOrganization:
    """Acme on the Business plan, whose owner is Dana."""
    return services.organizations.add("acme", name="Acme", owner_email="dana@acme.example", plan=Plan.BUSINESS)


@pytest.fixture
def signed_in(app: Rim, acme: NewOrganization) -> tuple[str, str]:
    """The header of Dana's browser after she has set her password."""
    reply = post(app, "/password/set", f"link={acme.owner_link.split('link=')[1]}&password={PASSWORD}")
    return "cookie", reply.cookies[0].split(";")[0]
