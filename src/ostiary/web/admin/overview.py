"""Settings → Security → Single Sign-On: what is needed, which providers there are, and how to begin."""

from ostiary.domain.connection import Protocol
from ostiary.domain.errors import ConnectionUnknown
from ostiary.domain.naming import listed
from ostiary.domain.upkeep.expiry import days_until
from ostiary.kernel.ids import ConnectionId
from ostiary.services import Services
from ostiary.services.connections import Overview
from ostiary.web.admin.messages import message_of
from ostiary.web.admin.notices import notices
from ostiary.web.admin.places import PATH, connection_path
from ostiary.web.admin.single_sign_on.rows import protocols_of, rows_of
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Page, SeeOther


def settings(incoming: Incoming, services: Services) -> Answer:
    """Account → Settings: one header for each part, Single Sign-on first."""
    seen = services.connections.overview(incoming.signed_in.organization)
    return Page(
        template="admin/settings.html",
        values={
            "first_line": _first_line(seen, services.settings.product_name),
            "verified": [str(domain.name) for domain in seen.domains if domain.is_verified],
        },
    )


def security(_incoming: Incoming, _services: Services) -> Answer:
    """Security opens with what this product is for."""
    return SeeOther(location=PATH)


def single_sign_on(incoming: Incoming, services: Services) -> Answer:
    """The Single Sign-On page."""
    seen = services.connections.overview(incoming.signed_in.organization)
    return Page(
        template="admin/single_sign_on.html",
        values={
            "overview": seen,
            "notices": notices(seen.connections, incoming, services),
            "first_line": _first_line(seen, services.settings.product_name),
            "prerequisites": _prerequisites(seen),
            "rows": rows_of(
                seen,
                product=services.settings.product_name,
                has_google=services.google.is_offered,
            ),
            "grace_days": _grace_days(seen, incoming),
            "support_contact": services.settings.support_contact,
            "message": message_of(incoming),
        },
    )


def draft(incoming: Incoming, services: Services) -> Answer:
    """Makes the connection with its URLs, and opens its page. A press on a switch chooses no protocol."""
    provider, chosen = incoming.form.one("provider"), incoming.form.optional("protocol")
    if provider == "google" and chosen != Protocol.SAML:
        return _google(incoming, services)
    protocols = protocols_of(provider)
    protocol = next((each for each in protocols if not chosen or each.value == chosen), None)
    if protocol is None:
        raise ConnectionUnknown
    view = services.connections.draft(
        provider, organization=incoming.signed_in.organization, actor=actor_of(incoming), protocol=protocol
    )
    return SeeOther(location=connection_path(view.connection.id))


def discard(incoming: Incoming, services: Services) -> Answer:
    """Throws a set-up away that was begun and never saved."""
    connection_id = ConnectionId(incoming.path_parameters["connection_id"])
    organization_id = incoming.signed_in.organization.id
    view = services.connections.view(connection_id, organization_id=organization_id)
    if view.connection.latest is not None:
        return SeeOther(location=f"{connection_path(connection_id)}/delete")
    services.connections.delete(connection_id, organization_id=organization_id, actor=actor_of(incoming))
    return SeeOther(location=f"{PATH}?done=discarded")


def _google(incoming: Incoming, services: Services) -> Answer:
    if not services.google.is_offered:
        return SeeOther(location=f"{PATH}/new?provider=google")
    begun = services.google.begin(incoming.signed_in.organization, actor=actor_of(incoming))
    return SeeOther(location=connection_path(begun, done="google-begun"))


def _first_line(seen: Overview, product: str) -> str:
    name = seen.organization.name
    on = [view.name for view in seen.connections if view.connection.is_enabled]
    enforced = [view.name for view in seen.connections if view.connection.is_enforced]
    if enforced and seen.policy.is_in_force:
        return f"People at {name} must sign in with {listed(enforced, by='or')}. Passwords are refused."
    begins_at = seen.policy.begins_at
    if enforced and begins_at is not None and seen.includes_sso:
        day = f"{begins_at.day} {begins_at:%B %Y}"
        return (
            f"From {day} people at {name} must sign in with {listed(enforced, by='or')}. Until then passwords work too."
        )
    if on and seen.includes_sso:
        return f"People at {name} can sign in with {listed(on, by='or')}, or with a {product} password."
    return f"People at {name} sign in with a {product} password."


def _prerequisites(seen: Overview) -> dict[str, object]:
    verified = [domain for domain in seen.domains if domain.is_verified]
    claimed = [domain for domain in seen.domains if not domain.is_verified]
    # A test that passed was set up by somebody who could: nobody is asked for it again.
    access = [view for view in seen.connections if view.connection.access_confirmed_at or view.connection.serving]
    return {
        "plan": seen.includes_sso,
        "verified": verified,
        "claimed": claimed,
        "access": access,
        "met": sum((seen.includes_sso, bool(verified), bool(access))),
    }


def _grace_days(seen: Overview, incoming: Incoming) -> int | None:
    """How many days sign-in still goes on after a downgrade; None where the plan includes it."""
    until = seen.organization.sso_until
    if until is None or not seen.organization.is_in_grace(incoming.now):
        return None
    return days_until(until, incoming.now)
