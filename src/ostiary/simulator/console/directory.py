"""People and groups (Okta), users and roles (OneLogin)."""

from dataclasses import replace

from starlette.responses import Response

from ostiary.kernel.values import EmailAddress
from ostiary.simulator.console.frame import Mistakes, console_page, no_such_page
from ostiary.simulator.oidc.endpoints.logout import end_sessions_of
from ostiary.simulator.pages import to
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming, Page
from ostiary.simulator.state import Group, User

_FIELDS = ("first_name", "last_name", "email", "password")


def _people(idp: IdentityProvider, incoming: Incoming) -> Response:
    users = sorted(idp.store.read().users.values(), key=lambda user: user.email)
    return console_page(idp, incoming, template="console/people.html", facts={"users": users})


def _new_person(idp: IdentityProvider, incoming: Incoming) -> Response:
    facts = {"values": dict.fromkeys(_FIELDS, "")}
    return console_page(idp, incoming, template="console/person.html", facts=facts)


def _add_person(idp: IdentityProvider, incoming: Incoming) -> Response:
    values = {name: incoming.form.get(name) for name in _FIELDS}
    mistakes = _mistakes_of_person(idp, values=values)
    if mistakes:
        return console_page(idp, incoming, template="console/person.html", facts={"values": values}, mistakes=mistakes)
    user = User(
        id=idp.new_id("u"),
        email=values["email"],
        first_name=values["first_name"],
        last_name=values["last_name"],
        password=values["password"],
    )
    idp.store.change(lambda state: state.with_user(user))
    return to("/admin/people", done="added")


def _end_sessions(idp: IdentityProvider, incoming: Incoming) -> Response:
    """Sign a person out, and tell the applications that can be told."""
    user = idp.store.read().users.get(incoming.path_values["user_id"])
    if user is None:
        return no_such_page(idp)
    facts = {"user": user, "results": end_sessions_of(idp, user)}
    return console_page(idp, incoming, template="console/sessions_ended.html", facts=facts)


def _mistakes_of_person(idp: IdentityProvider, *, values: dict[str, str]) -> Mistakes:
    words = idp.profile.directory
    labels = {"first_name": words.first_name, "email": words.email, "password": words.password}
    mistakes = {name: f"{label} is empty." for name, label in labels.items() if not values[name]}
    if "email" in mistakes:
        return mistakes
    try:
        EmailAddress.parse(values["email"])
    except ValueError:
        mistakes["email"] = f"{words.email} is not an email address."
    if idp.store.read().user_by_email(values["email"]) is not None:
        mistakes["email"] = f"{values['email']} is here already."
    return mistakes


def _groups(idp: IdentityProvider, incoming: Incoming) -> Response:
    groups = sorted(idp.store.read().groups.values(), key=lambda group: group.name)
    return console_page(idp, incoming, template="console/groups.html", facts={"groups": groups})


def _new_group(idp: IdentityProvider, incoming: Incoming) -> Response:
    return _group_page(idp, incoming, group=Group(id="", name=""))


def _group(idp: IdentityProvider, incoming: Incoming) -> Response:
    group = idp.store.read().groups.get(incoming.path_values["group_id"])
    return no_such_page(idp) if group is None else _group_page(idp, incoming, group=group)


def _save_group(idp: IdentityProvider, incoming: Incoming) -> Response:
    state = idp.store.read()
    group_id = incoming.path_values.get("group_id", "")
    if group_id and group_id not in state.groups:
        return no_such_page(idp)
    members = tuple(user_id for user_id in incoming.form.every("member") if user_id in state.users)
    known = state.groups.get(group_id, Group(id=group_id, name=""))
    group = replace(known, name=incoming.form.get("name"), members=members)
    if not group.name:
        mistakes = {"name": f"{idp.profile.directory.group_name} is empty."}
        return _group_page(idp, incoming, group=group, mistakes=mistakes)
    stored = group if group.id else replace(group, id=idp.new_id("g"))
    idp.store.change(lambda now: now.with_group(stored))
    return to("/admin/groups", done="saved")


def _group_page(
    idp: IdentityProvider, incoming: Incoming, *, group: Group, mistakes: Mistakes | None = None
) -> Response:
    users = sorted(idp.store.read().users.values(), key=lambda user: user.email)
    facts = {"group": group, "users": users}
    return console_page(idp, incoming, template="console/group.html", facts=facts, mistakes=mistakes)


PAGES = (
    Page("/admin/people", get=_people),
    Page("/admin/people/new", get=_new_person, post=_add_person),
    Page("/admin/people/{user_id}/end-sessions", post=_end_sessions),
    Page("/admin/groups", get=_groups),
    Page("/admin/groups/new", get=_new_group, post=_save_group),
    Page("/admin/groups/{group_id}", get=_group, post=_save_group),
)
