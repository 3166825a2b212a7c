"""Okta's tab Assignments: who has the application."""

from collections.abc import Callable
from dataclasses import replace

from starlette.responses import Response

from ostiary.simulator.console.frame import app_of, console_page, no_such_page
from ostiary.simulator.pages import to
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming, Page
from ostiary.simulator.state import App, Assignment, State


def _assignments(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    state = idp.store.read()
    facts = {
        "app": app,
        "people": [(one, state.users[one.user_id]) for one in app.people if one.user_id in state.users],
        "groups": [state.groups[group_id] for group_id in app.groups if group_id in state.groups],
    }
    return console_page(idp, incoming, template="okta/assignments.html", facts=facts)


def _people(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    assigned = {one.user_id for one in app.people}
    users = sorted(idp.store.read().users.values(), key=lambda user: user.email)
    facts = {"app": app, "users": users, "assigned": assigned}
    return console_page(idp, incoming, template="okta/assign_people.html", facts=facts)


def _person(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    user = idp.store.read().users.get(incoming.path_values["user_id"])
    if app is None or user is None:
        return no_such_page(idp)
    user_name = user.value(idp.saml.app.user_names[app.user_name])
    facts = {"app": app, "user": user, "user_name": user_name}
    return console_page(idp, incoming, template="okta/assign_person.html", facts=facts)


def _assign_person(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    user = idp.store.read().users.get(incoming.path_values["user_id"])
    if app is None or user is None:
        return no_such_page(idp)
    typed = incoming.form.get("user_name")
    is_default = typed == user.value(idp.saml.app.user_names[app.user_name])
    assignment = Assignment(user_id=user.id, user_name="" if is_default else typed)
    idp.store.change(_changing(app, lambda one: replace(one, people=(*_others(one, user_id=user.id), assignment))))
    return to(f"/admin/apps/{app.id}/assign/people", done="assigned")


def _groups(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    groups = sorted(idp.store.read().groups.values(), key=lambda group: group.name)
    return console_page(idp, incoming, template="okta/assign_groups.html", facts={"app": app, "groups": groups})


def _group(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    group = idp.store.read().groups.get(incoming.path_values["group_id"])
    if app is None or group is None:
        return no_such_page(idp)
    return console_page(idp, incoming, template="okta/assign_group.html", facts={"app": app, "group": group})


def _assign_group(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    group = idp.store.read().groups.get(incoming.path_values["group_id"])
    if app is None or group is None:
        return no_such_page(idp)
    added = group.id
    idp.store.change(_changing(app, lambda one: replace(one, groups=(*_without(one.groups, added), added))))
    return to(f"/admin/apps/{app.id}/assign/groups", done="assigned")


def _unassign(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    user_id, group_id = incoming.form.get("user"), incoming.form.get("group")
    idp.store.change(
        _changing(
            app,
            lambda one: replace(one, people=_others(one, user_id=user_id), groups=_without(one.groups, group_id)),
        )
    )
    return to(f"/admin/apps/{app.id}/assignments", done="unassigned")


def _changing(app: App, how: Callable[[App], App]) -> Callable[[State], State]:
    return lambda state: state.with_app(how(state.apps[app.id]))


def _others(app: App, *, user_id: str) -> tuple[Assignment, ...]:
    return tuple(one for one in app.people if one.user_id != user_id)


def _without(groups: tuple[str, ...], removed: str) -> tuple[str, ...]:
    return tuple(one for one in groups if one != removed)


PAGES = (
    Page("/admin/apps/{app_id}/assignments", get=_assignments),
    Page("/admin/apps/{app_id}/assign/people", get=_people),
    Page("/admin/apps/{app_id}/assign/people/{user_id}", get=_person, post=_assign_person),
    Page("/admin/apps/{app_id}/assign/groups", get=_groups),
    Page("/admin/apps/{app_id}/assign/groups/{group_id}", get=_group, post=_assign_group),
    Page("/admin/apps/{app_id}/unassign", post=_unassign),
)
