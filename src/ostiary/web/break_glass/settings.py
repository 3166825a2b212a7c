"""Settings → Security → Break-glass access: who has it, naming an owner, taking it away."""

from ostiary.domain.account import Role
from ostiary.domain.break_glass.holder import Holder, State
from ostiary.domain.enforcement.errors import LastWayIn
from ostiary.domain.errors import PageUnknown
from ostiary.domain.naming import listed
from ostiary.kernel.ids import AccountId
from ostiary.services import Services
from ostiary.services.break_glass.alarm import PATH
from ostiary.web.admin.messages import message_of
from ostiary.web.break_glass.last_way_in import explained_last_way
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Page, SeeOther

_IF_DOWN = "If the identity provider is down while SSO is enforced"


def settings(incoming: Incoming, services: Services) -> Answer:
    """Who has it, how they stand, and which owner could be named."""
    visitor = incoming.signed_in
    seen = services.break_glass.roster.seen(visitor.organization.id)
    own = next((each for each in seen.holders if each.account.id == visitor.account.id), None)
    return Page(
        template="break_glass/settings.html",
        values={
            "seen": seen,
            "first_line": _first_line(seen.holders, visitor.organization.name),
            "own": own,
            "is_owner": visitor.account.role is Role.OWNER,
            "door": f"{services.settings.public_url}/login/break-glass",
            "message": message_of(incoming),
        },
    )


def name(incoming: Incoming, services: Services) -> Answer:
    """Names an owner. Raises: `OwnersOnly`."""
    account_id = AccountId(incoming.form.one("account"))
    visitor = incoming.signed_in
    named = services.break_glass.roster.name(account_id, by=visitor.account, actor=actor_of(incoming))
    if named is None:
        raise PageUnknown
    if named.id == visitor.account.id:
        return SeeOther(location=f"{PATH}/own?done=break-glass-named-self")
    return SeeOther(location=f"{PATH}?done=break-glass-named")


def remove_page(incoming: Incoming, services: Services) -> Answer:
    """Asks before the access is taken away."""
    return _ask_to_remove(incoming, services, refusal=None)


def remove(incoming: Incoming, services: Services) -> Answer:
    """Takes it away. Raises: `OwnersOnly`."""
    by = incoming.signed_in.account
    try:
        is_taken = services.break_glass.roster.take_away(_id(incoming), by=by, actor=actor_of(incoming))
    except LastWayIn as refusal:
        return _ask_to_remove(incoming, services, refusal=refusal)
    if not is_taken:
        raise PageUnknown
    return SeeOther(location=f"{PATH}?done=break-glass-taken-away")


def _ask_to_remove(incoming: Incoming, services: Services, *, refusal: LastWayIn | None) -> Page:
    holder = services.break_glass.roster.holder(_id(incoming), organization_id=incoming.signed_in.organization.id)
    if holder is None:
        raise PageUnknown
    others = services.break_glass.roster.seen(incoming.signed_in.organization.id).holders
    proven = [each for each in others if each.state is State.PROVEN and each.account.id != holder.account.id]
    said, status = explained_last_way(refusal, incoming, services)
    return Page(
        template="break_glass/remove.html",
        status=status,
        values={"holder": holder, "others_proven": len(proven), **said},
    )


def _id(incoming: Incoming) -> AccountId:
    return AccountId(incoming.path_parameters["account_id"])


def _first_line(holders: tuple[Holder, ...], organization: str) -> str:
    proven = [each.account.name for each in holders if each.state is State.PROVEN]
    if not holders:
        return f"{_IF_DOWN}, nobody at {organization} can sign in."
    if not proven:
        return f"{_IF_DOWN}, nobody at {organization} has proven yet that they can sign in."
    return f"{_IF_DOWN}, {listed(proven, by='and')} can still sign in."
