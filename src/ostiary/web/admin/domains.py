"""Settings → Security → Domains: claim a domain, set one DNS record, check again."""

from ostiary.domain.email_domain import EmailDomain
from ostiary.domain.enforcement.errors import LastWayIn
from ostiary.domain.errors import DomainRecordMissing, PageUnknown
from ostiary.kernel.errors import Refusal
from ostiary.kernel.ids import DomainId
from ostiary.services import Services
from ostiary.web.admin.messages import message_of
from ostiary.web.admin.quoted import explained
from ostiary.web.break_glass.last_way_in import explained_last_way
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Page, SeeOther

PATH = "/settings/security/domains"


def domains(incoming: Incoming, services: Services) -> Answer:
    """All domains of the organization."""
    return _page(incoming, services)


def add(incoming: Incoming, services: Services) -> Answer:
    """Claims a domain."""
    typed = incoming.form.one("domain")
    try:
        domain = services.domains.add(
            typed, organization_id=incoming.signed_in.organization.id, actor=actor_of(incoming)
        )
    except Refusal as refusal:
        return _page(incoming, services, typed=typed, refusal=refusal)
    return SeeOther(location=f"{PATH}?done=domain-added#{domain.id}")


def check(incoming: Incoming, services: Services) -> Answer:
    """Looks the record up in the DNS now."""
    domain_id = _id(incoming)
    try:
        found = services.domains.check(
            domain_id, organization_id=incoming.signed_in.organization.id, actor=actor_of(incoming)
        )
    except Refusal as refusal:
        return _page(incoming, services, checked=domain_id, refusal=refusal)
    if found is None:
        raise PageUnknown
    return SeeOther(location=f"{PATH}?done=domain-verified#{domain_id}")


def remove_page(incoming: Incoming, services: Services) -> Answer:
    """Asks before a domain is given up."""
    return _ask_to_remove(incoming, services, refusal=None)


def remove(incoming: Incoming, services: Services) -> Answer:
    """Gives the domain up."""
    organization_id = incoming.signed_in.organization.id
    try:
        is_removed = services.domains.remove(_id(incoming), organization_id=organization_id, actor=actor_of(incoming))
    except LastWayIn as refusal:
        return _ask_to_remove(incoming, services, refusal=refusal)
    if not is_removed:
        raise PageUnknown
    return SeeOther(location=f"{PATH}?done=domain-removed")


def _ask_to_remove(incoming: Incoming, services: Services, *, refusal: LastWayIn | None) -> Page:
    domain = _one(incoming, services)
    said, status = explained_last_way(refusal, incoming, services)
    values = {"domain": domain, "consequence": _consequence(domain, incoming, services), **said}
    return Page(template="admin/remove_domain.html", values=values, status=status)


def _consequence(domain: EmailDomain, incoming: Incoming, services: Services) -> str:
    """What follows where single sign-on is enforced; empty where it is not."""
    organization = incoming.signed_in.organization
    policy, enforced = services.enforcement.policy(organization)
    if not enforced or not domain.is_verified:
        return ""
    product, when = services.settings.product_name, "is" if policy.is_in_force else "will be"
    return (
        f"Single sign-on {when} enforced for {organization.name}: {product} passwords stay refused. People with these "
        f"addresses begin at {services.settings.public_url}/o/{organization.slug} or at the tile then."
    )


def _id(incoming: Incoming) -> DomainId:
    return DomainId(incoming.path_parameters["domain_id"])


def _one(incoming: Incoming, services: Services) -> EmailDomain:
    for domain in services.domains.of(incoming.signed_in.organization.id):
        if domain.id == _id(incoming):
            return domain
    raise PageUnknown


def _page(
    incoming: Incoming,
    services: Services,
    *,
    typed: str = "",
    checked: DomainId | None = None,
    refusal: Refusal | None = None,
) -> Page:
    words = (
        explained(refusal.code, refusal.facts(), connection=None, incoming=incoming, services=services)
        if refusal
        else None
    )
    return Page(
        template="admin/domains.html",
        values={
            "domains": services.domains.of(incoming.signed_in.organization.id),
            "typed": typed or incoming.query.optional("domain"),
            "checked": checked,
            "words": words,
            "found": refusal.received if isinstance(refusal, DomainRecordMissing) else (),
            "is_error": refusal is not None,
            "message": message_of(incoming),
        },
        status=422 if refusal else 200,
    )
