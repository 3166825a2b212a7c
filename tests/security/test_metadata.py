"""A hostile metadata host: what it publishes is bounded before it is kept, and passes the gate of what admins type."""

import pytest

from ostiary import saml
from ostiary.domain import checkup
from ostiary.domain.connection import urls
from ostiary.domain.errors import LogoutUrlUnreadable, ValueTooLong
from ostiary.kernel.errors import Refusal
from ostiary.kernel.http import HttpResponse
from ostiary.services.connection_form import SaveSaml
from tests.services.upkeep.conftest import ground  # noqa: F401 - a fixture
from tests.services.upkeep.ground import ISSUER, NOW, REDIRECT, SSO_URL, URL, Ground

SMALL = 20_000
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"


def published(one: str) -> list[str]:
    many = "".join(one.replace(ISSUER, "e" * 30_000 + str(number)) for number in range(60))
    return [
        one.replace(ISSUER, "x" * 1_500_000),
        one.replace(SSO_URL, "https://x.example/" + "y" * 1_500_000),
        one.replace("<md:SingleSignOnService", _logout("https://x.example/" + "y" * 1_500_000)),
        f'<md:EntitiesDescriptor xmlns:md="{METADATA}">{many}</md:EntitiesDescriptor>',
    ]


def _logout(location: str) -> str:
    return f'<md:SingleLogoutService Binding="{REDIRECT}" Location="{location}"/><md:SingleSignOnService'


@pytest.mark.parametrize("number", range(4))
def test_a_source_does_not_fill_the_database(ground: Ground, number: int) -> None:  # noqa: F811
    """An issuer of a megabyte was kept with the source, proposed, and taken over into settings that all pages load."""
    ground.work()
    document = published(ground.publisher.document.decode())[number]
    ground.publisher.answers = HttpResponse(status=200, headers={}, body=document.encode())
    ground.work(days=2)
    assert len(str(ground.source.facts)) + len(str(ground.source.proposal)) < SMALL
    assert ground.source.lease_until is None


def test_metadata_that_is_pasted_is_bounded_too(ground: Ground) -> None:  # noqa: F811
    with pytest.raises(Refusal) as refused:
        saml.read_idp_metadata(published(ground.publisher.document.decode())[0].encode())
    assert refused.value.code == "setup.metadata_unreadable"


def test_a_typed_issuer_is_bounded_too(ground: Ground) -> None:  # noqa: F811
    with pytest.raises(ValueTooLong):
        checkup.read_issuer("x" * 1_025, sso_url=SSO_URL, own=urls("https://sso.example", ground.connection.id))


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest", "https://u@x.example/", "https://x.example\\@y/"]
)
def test_a_place_for_logouts_that_nobody_could_type_is_not_taken_over(ground: Ground, location: str) -> None:  # noqa: F811
    """Browsers are sent there with the name of who signs out."""
    usual = ground.publisher.document.decode()
    publish(ground, usual, logout="https://acme.okta.example/slo")
    scope = {"organization_id": ground.organization.id}
    form = SaveSaml(metadata_url=URL, keeps_fresh=True)
    ground.services.connections.save(ground.connection_id, form, organization=ground.organization, actor=ground.actor)
    latest = ground.connection.latest
    assert latest is not None
    with ground.store.write() as tx:
        tx.connections.mark_tested(ground.connection_id, number=latest.number, at=NOW, by=ground.owner.id, **scope)
    publish(ground, usual, logout=location)
    ground.work(days=2)
    assert ground.source.proposal["slo_url"] == location
    with pytest.raises(LogoutUrlUnreadable):
        ground.services.metadata_review.accept(ground.connection_id, actor=ground.actor, **scope)


def publish(ground: Ground, document: str, *, logout: str) -> None:  # noqa: F811
    document = document.replace("<md:SingleSignOnService", _logout(logout))
    ground.publisher.answers = HttpResponse(status=200, headers={}, body=document.encode())
