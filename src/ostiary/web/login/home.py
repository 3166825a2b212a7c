"""Who is signed in here, and the colours of the pages."""

from dataclasses import replace

from ostiary.domain.break_glass.holder import Way
from ostiary.domain.naming import listed
from ostiary.domain.session import Session
from ostiary.guides import called
from ostiary.services import Services
from ostiary.services.enforcement.letters import name_of
from ostiary.web.context import Incoming, Theme
from ostiary.web.cookies import Cookies
from ostiary.web.responses import Answer, Page, SeeOther
from ostiary.web.security import own_path


def home(incoming: Incoming, services: Services) -> Answer:
    """Who is signed in, by which connection, with which role, and when the session ends."""
    visitor = incoming.signed_in
    connection = services.sessions.connection_of(visitor)
    cookies = Cookies.of(services.settings)
    values = {
        "by": called(connection) if connection else _other_way(visitor.session),
        "connection": connection,
        "session": visitor.session,
        **_enforcement(incoming, services),
    }
    return Page(
        template="login/home.html",
        values=values,
        cookies=(cookies.organization_remembered(visitor.organization.slug),),
    )


def _enforcement(incoming: Incoming, services: Services) -> dict[str, object]:
    """What the organization requires at sign-in, or will, and whether this session outlives that day."""
    visitor = incoming.signed_in
    policy, connections = services.enforcement.policy(visitor.organization)
    if not connections or not visitor.organization.includes_sso(incoming.now):
        return {"required": ""}
    return {
        "required": listed((name_of(each) for each in connections), by="or"),
        "required_from": policy.begins_at,
        "is_in_force": policy.is_in_force,
        "ends_then": not replace(policy, is_in_force=True).takes_session(visitor.session),
    }


def choose_theme(incoming: Incoming, services: Services) -> Answer:
    """Remembers the colours that this reader wants, and goes back to the page."""
    wanted = incoming.form.one("theme")
    theme = Theme(wanted) if wanted in set(Theme) else Theme.AUTO
    location = own_path(incoming.form.optional("return_to"), default="/")
    return SeeOther(location=location, cookies=(Cookies.of(services.settings).theme_chosen(theme),))


def _other_way(session: Session) -> str:
    if session.is_break_glass:
        return "A passkey" if Way.PASSKEY in session.amr else "A recovery code"
    return "Password" if session.connection_id is None else "A connection that was deleted since"
