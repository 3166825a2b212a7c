"""Verified domains are looked up again by themselves: nobody keeps a domain that has changed hands."""

from typing import Any

from ostiary.domain.account import Role
from ostiary.domain.email_domain import EmailDomain
from ostiary.domain.errors import DomainTaken
from ostiary.domain.organization import Plan
from ostiary.kernel.ids import DomainId, OrganizationId
from ostiary.services.audit_trail import Actor
from tests.journeys.world import PRODUCT, World

RECORD = "_ostiary-challenge.acme.example"
PAGE = f"{PRODUCT}/settings/security/domains"


def domain_of(world: World) -> EmailDomain:
    (domain,) = world.services.domains.of(world.acme.id)
    return domain


def test_a_record_that_stands_there_is_looked_up_every_day_and_told_to_nobody(world: World) -> None:
    world.verify_domain(world.signed_in())
    for day in range(1, 4):
        world.pass_time(days=1, hours=3)
        world.work()
        checked_at = domain_of(world).checked_at
        assert checked_at is not None
        assert (world.clock.now() - checked_at).total_seconds() < 120, day
    assert domain_of(world).missing_since is None
    assert world.mails() == []


def test_a_domain_counts_for_a_week_after_its_record_has_gone(world: World) -> None:
    world.verify_domain(world.signed_in())
    world.dns.remove(RECORD)
    world.pass_time(days=1, hours=3)
    world.work()
    assert domain_of(world).is_verified
    mails = world.mails()
    assert [mail.to for mail in mails] == ["dana.whitfield@acme.example", "first@acme.example"]
    assert {mail.subject for mail in mails} == {"The record of acme.example for Ringline has gone"}
    assert domain_of(world).record_value in mails[0].text
    admin = world.signed_in().open(PAGE)
    assert "The record of acme.example is no longer in the DNS." in admin.text
    world.pass_time(days=6)
    world.work()
    assert domain_of(world).is_verified
    world.pass_time(days=1, hours=7)
    world.work()
    assert not domain_of(world).is_verified
    assert "acme.example no longer counts as yours at Ringline" in {mail.subject for mail in world.mails()}
    assert "Not verified" in world.signed_in().open(PAGE).text


def test_a_record_that_comes_back_ends_the_count(world: World) -> None:
    world.verify_domain(world.signed_in())
    value = domain_of(world).record_value
    world.dns.remove(RECORD)
    world.pass_time(days=1, hours=3)
    world.work()
    assert domain_of(world).missing_since is not None
    world.dns.set_txt(RECORD, [value])
    world.pass_time(hours=7)
    world.work()
    assert domain_of(world).missing_since is None
    world.pass_time(days=8)
    world.work()
    assert domain_of(world).is_verified


def test_a_dns_server_that_does_not_answer_takes_nobodys_domain_away(world: World) -> None:
    world.verify_domain(world.signed_in())
    world.dns.stop()
    for _ in range(4):
        world.pass_time(days=5)
        world.work()
    assert domain_of(world).is_verified
    assert domain_of(world).missing_since is None


def test_a_domain_that_changed_hands_is_the_new_owners_after_a_week(world: World) -> None:
    """The new owner's record makes the old one's to be looked up at once; until that lapses, the claim is refused."""
    world.verify_domain(world.signed_in())
    made = world.services.organizations.add("buyer", name="Buyer", owner_email="b@buyer.example", plan=Plan.BUSINESS)
    buyer = world.add_account("new@buyer.example", role=Role.OWNER, organization=made.organization)
    actor = Actor.of(buyer, client_address="")
    scope = {"organization_id": made.organization.id}
    with world.store.write() as tx:  # claimed before Acme had verified it: afterwards no claim is taken at all
        tx.domains.insert(EmailDomain(**{**_fields(domain_of(world)), "id": "dbuyer", **scope, "challenge": "b" * 32}))
    world.dns.set_txt(RECORD, [f"ostiary-domain-verification={'b' * 32}"])
    assert _is_taken(world, actor, scope)
    world.pass_time(minutes=1)
    world.work()
    assert domain_of(world).missing_since is not None
    for _ in range(3):
        world.pass_time(days=3)
        world.work()
    assert not domain_of(world).is_verified
    assert not _is_taken(world, actor, scope)
    with world.store.read() as tx:
        owner = tx.domains.verified_owner(domain_of(world).name)
    assert owner is not None
    assert owner.organization_id == made.organization.id


def _fields(domain: EmailDomain) -> dict[str, Any]:
    names = ("name", "created_at")
    return {name: getattr(domain, name) for name in names} | {"verified_at": None, "checked_at": None, "found": ()}


def _is_taken(world: World, actor: Actor, scope: dict[str, OrganizationId]) -> bool:
    try:
        world.services.domains.check(DomainId("dbuyer"), actor=actor, **scope)
    except DomainTaken:
        return True
    return False
