"""Settings → Security → Single Sign-On: what is needed, which providers there are, and how to begin."""

from ostiary.domain.connection import State
from ostiary.domain.errors import AllowanceOn, CertificateExpiresSoon
from ostiary.domain.upkeep.expiry import days_until
from ostiary.guides import guides
from ostiary.problems.allowances import ACCEPTS
from ostiary.services import Services
from ostiary.services.connections import ConnectionView, Overview
from ostiary.web.admin.messages import message_of
from ostiary.web.admin.notices import notices
from ostiary.web.admin.places import PATH, connection_path
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Page, SeeOther


def settings(_incoming: Incoming, _services: Services) -> Answer:
    """Settings open with what this product is for."""
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
            "rows": [_row(view) for view in seen.connections],
            "grace_days": _grace_days(seen, incoming),
            "support_contact": services.settings.support_contact,
            "message": message_of(incoming),
        },
    )


def choose_protocol(incoming: Incoming, services: Services) -> Answer:
    """Enable SSO: first which protocol, then which provider."""
    protocol = incoming.query.optional("protocol")
    *listed, any_other = guides()
    return Page(
        template="admin/new_connection.html",
        values={
            "protocol": protocol if protocol == "saml" else "",
            "guides": listed,
            "any_other": any_other,
            "overview": services.connections.overview(incoming.signed_in.organization),
        },
    )


def draft(incoming: Incoming, services: Services) -> Answer:
    """Makes the connection with its URLs, and opens its page."""
    provider = incoming.form.one("provider")
    view = services.connections.draft(provider, organization=incoming.signed_in.organization, actor=actor_of(incoming))
    return SeeOther(location=connection_path(view.connection.id))


def _first_line(seen: Overview, product: str) -> str:
    name = seen.organization.name
    on = [view.guide.name for view in seen.connections if view.connection.is_enabled]
    if on and seen.includes_sso:
        return f"People at {name} can sign in with {_listed(on)}, or with a {product} password."
    return f"People at {name} sign in with a {product} password."


def _listed(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} or {unique[-1]}"


def _prerequisites(seen: Overview) -> dict[str, object]:
    verified = [domain for domain in seen.domains if domain.is_verified]
    claimed = [domain for domain in seen.domains if not domain.is_verified]
    confirmed = [view for view in seen.connections if view.connection.access_confirmed_at]
    return {
        "plan": seen.includes_sso,
        "verified": verified,
        "claimed": claimed,
        "confirmed": confirmed,
        "met": sum((seen.includes_sso, bool(verified), bool(confirmed))),
    }


def _grace_days(seen: Overview, incoming: Incoming) -> int | None:
    """How many days sign-in still goes on after a downgrade; None where the plan includes it."""
    until = seen.organization.sso_until
    if until is None or not seen.organization.is_in_grace(incoming.now):
        return None
    return days_until(until, incoming.now)


def _row(view: ConnectionView) -> dict[str, object]:
    connection = view.connection
    needs_attention = bool(view.findings) and connection.is_enabled
    return {
        "view": view,
        "connection": connection,
        "guide": view.guide,
        "state": "needs_attention" if needs_attention else connection.state.value,
        "says": _says(view, needs_attention=needs_attention),
        "can_switch": connection.serving is not None,
        "action": "Set up" if connection.state is State.NOT_SET_UP else "Open",
        "protocol": "SAML 2.0",
    }


def _says(view: ConnectionView, *, needs_attention: bool) -> str:
    connection = view.connection
    if needs_attention:
        return _attention(view)
    match connection.state:
        case State.NOT_SET_UP:
            return "Needs a passed test first"
        case State.UNTESTED:
            return "Saved. Needs a passed test first"
        case State.TESTED:
            return "Turned off. The test has passed"
        case State.ENABLED if connection.has_untested_changes:
            return "Newer settings wait for their test"
        case State.ENABLED:
            return "Offered at sign-in"


def _attention(view: ConnectionView) -> str:
    """What of an enabled connection is to be looked at, in one line: a certificate, and what it puts up with."""
    says = []
    if any(isinstance(finding, CertificateExpiresSoon) for finding in view.findings):
        says.append("Its signing certificate expires soon or has expired; sign-ins go on.")
    allowed = [finding for finding in view.findings if isinstance(finding, AllowanceOn)]
    if allowed:
        first = ACCEPTS["allowance", allowed[0].allowance]
        more = f" and {len(allowed) - 1} more" if len(allowed) > 1 else ""
        says.append(f"This connection accepts {first}{more}.")
    return " ".join(("Enabled.", *says))
