"""The list of applications, the steps to a new one, its tabs, and its secrets."""

from dataclasses import replace
from datetime import timedelta

from starlette.responses import Response

from ostiary.simulator.console.frame import Mistakes, console_page, no_such_page
from ostiary.simulator.console.oidc.fields import applied, chosen, mistakes_of, shown_value
from ostiary.simulator.oidc.apps import new_client, new_secret
from ostiary.simulator.oidc.claims import claim_names
from ostiary.simulator.oidc.endpoints.routes import WELL_KNOWN
from ostiary.simulator.oidc.naming import issuer_of
from ostiary.simulator.oidc.state import Client
from ostiary.simulator.oidc.words import ConsoleForm
from ostiary.simulator.pages import to
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming, Page

_MONTH = timedelta(days=30)


def list_apps(idp: IdentityProvider, incoming: Incoming) -> Response:
    """Every application."""
    clients = sorted(idp.store.read().oidc.clients.values(), key=lambda one: one.name.lower())
    return console_page(idp, incoming, template="oidc/apps.html", facts={"clients": clients})


def _first_step(idp: IdentityProvider, incoming: Incoming) -> Response:
    return _step_page(idp, incoming, number=0)


def _next_step(idp: IdentityProvider, incoming: Incoming) -> Response:
    """A step is answered; what was typed before comes along with it."""
    steps = idp.oidc.console.steps
    number = int(typed) if (typed := incoming.form.get("step")).isdecimal() else 0
    if number >= len(steps):
        return no_such_page(idp)
    mistakes = mistakes_of(idp, steps[number], fields=incoming.form)
    if mistakes:
        return _step_page(idp, incoming, number=number, mistakes=mistakes)
    if number + 1 < len(steps):
        return _step_page(idp, incoming, number=number + 1)
    client = _typed(idp, incoming, upto=len(steps))
    if not client.name:
        client = replace(client, name=client.client_id)
    if idp.oidc.console.secrets.shown_once:
        client = replace(client, secrets=())
    idp.change_oidc(lambda state: state.with_client(client))
    return to(f"/admin/oidc/{client.id}/{idp.oidc.console.tabs[0].slug}", done="saved")


def _step_page(idp: IdentityProvider, incoming: Incoming, *, number: int, mistakes: Mistakes | None = None) -> Response:
    steps = idp.oidc.console.steps
    earlier = {one.field for step in steps[:number] for one in step.fields}
    kept = [(name, value) for name, value in incoming.form.pairs if name in earlier]
    facts = {"form": steps[number], "number": number, "kept": kept, "steps": steps}
    client = _typed(idp, incoming, upto=number + 1) if mistakes else _typed(idp, incoming, upto=number)
    return _fields_page(idp, incoming, client=client, template="oidc/new.html", facts=facts, mistakes=mistakes)


def _typed(idp: IdentityProvider, incoming: Incoming, *, upto: int) -> Client:
    client = new_client(idp, "")
    if _has(idp.oidc.console.steps, "confidential"):
        client = replace(client, auth_method="none")
    for step in idp.oidc.console.steps[:upto]:
        client = applied(idp, client, form=step, fields=incoming.form)
    return client


def _client_of(idp: IdentityProvider, incoming: Incoming) -> Client | None:
    return idp.store.read().oidc.clients.get(incoming.path_values["client"])


def _form_of(idp: IdentityProvider, incoming: Incoming) -> ConsoleForm | None:
    wanted, client = incoming.path_values["tab"], _client_of(idp, incoming)
    return next((one for one in _tabs(idp, client) if one.slug == wanted), None) if client else None


def _tabs(idp: IdentityProvider, client: Client) -> tuple[ConsoleForm, ...]:
    """The tabs of this application. Where a switch makes a client public, that one has no tab for its secrets."""
    tabs = idp.oidc.console.tabs
    if client.auth_method != "none" or not _has(tabs, "confidential"):
        return tabs
    return tuple(one for one in tabs if not _has((one,), "secrets"))


def _has(forms: tuple[ConsoleForm, ...], name: str) -> bool:
    return any(one.field == name for form in forms for one in form.fields)


def _app(idp: IdentityProvider, incoming: Incoming) -> Response:
    client = _client_of(idp, incoming)
    return no_such_page(idp) if client is None else to(f"/admin/oidc/{client.id}/{idp.oidc.console.tabs[0].slug}")


def _tab(idp: IdentityProvider, incoming: Incoming) -> Response:
    client, form = _client_of(idp, incoming), _form_of(idp, incoming)
    if client is None or form is None:
        return no_such_page(idp)
    return _tab_page(idp, incoming, client=client, form=form)


def _save_tab(idp: IdentityProvider, incoming: Incoming) -> Response:
    client, form = _client_of(idp, incoming), _form_of(idp, incoming)
    if client is None or form is None:
        return no_such_page(idp)
    mistakes = mistakes_of(idp, form, fields=incoming.form)
    changed = applied(idp, client, form=form, fields=incoming.form)
    if mistakes:
        return _tab_page(idp, incoming, client=changed, form=form, mistakes=mistakes)
    idp.change_oidc(lambda state: state.with_client(changed))
    return to(incoming.path, done="saved")


def _tab_page(
    idp: IdentityProvider,
    incoming: Incoming,
    *,
    client: Client,
    form: ConsoleForm,
    mistakes: Mistakes | None = None,
    fresh: str = "",
) -> Response:
    facts = {"form": form, "fresh": fresh, "tabs": _tabs(idp, client)}
    return _fields_page(idp, incoming, client=client, template="oidc/app.html", facts=facts, mistakes=mistakes)


def _fields_page(
    idp: IdentityProvider,
    incoming: Incoming,
    *,
    client: Client,
    template: str,
    facts: dict[str, object],
    mistakes: Mistakes | None,
) -> Response:
    state = idp.store.read()
    shared = {
        "client": client,
        "words": idp.oidc.console,
        "shown_value": lambda name: shown_value(idp, client, name=name),
        "chosen": lambda one: chosen(client, one=one),
        "users": sorted(state.users.values(), key=lambda user: user.email),
        "groups": sorted(state.groups.values(), key=lambda group: group.name),
        "optional_claims": claim_names(idp.oidc.claims, optional=True),
    }
    return console_page(idp, incoming, template=template, facts={**shared, **facts}, mistakes=mistakes)


def _add_secret(idp: IdentityProvider, incoming: Incoming) -> Response:
    """A new secret. Where the vendor shows it once, this answer is the one time."""
    client, form = _client_of(idp, incoming), _form_of(idp, incoming)
    words = idp.oidc.console.secrets
    if client is None or form is None:
        return no_such_page(idp)
    months = words.choices.get(incoming.form.get("expires"), words.months)
    lasts = months * _MONTH if months else None
    fresh = new_secret(idp, description=incoming.form.get("description"), lasts=lasts)
    before = () if words.replaces else client.secrets[-(words.most - 1) :]
    changed = replace(client, secrets=(*before, fresh))
    idp.change_oidc(lambda state: state.with_client(changed))
    if words.shown_once:
        return _tab_page(idp, incoming, client=changed, form=form, fresh=fresh.id)
    return to(f"/admin/oidc/{client.id}/{form.slug}", done="added")


def _remove_secret(idp: IdentityProvider, incoming: Incoming) -> Response:
    client, form = _client_of(idp, incoming), _form_of(idp, incoming)
    if client is None or form is None:
        return no_such_page(idp)
    rest = tuple(one for one in client.secrets if one.id != incoming.form.get("secret"))
    idp.change_oidc(lambda state: state.with_client(replace(client, secrets=rest)))
    return to(f"/admin/oidc/{client.id}/{form.slug}", done="removed")


def _endpoints(idp: IdentityProvider, incoming: Incoming) -> Response:
    """Where the provider's own documents are."""
    form = idp.oidc.console.endpoints
    if form is None:
        return no_such_page(idp)
    issuer = issuer_of(idp, next(iter(idp.oidc.tenants), ""))
    return console_page(idp, incoming, template="oidc/endpoints.html", facts={"form": form, "url": issuer + WELL_KNOWN})


PAGES = (
    Page("/admin/endpoints", get=_endpoints),
    Page("/admin/oidc/new", get=_first_step, post=_next_step),
    Page("/admin/oidc/{client}", get=_app),
    Page("/admin/oidc/{client}/{tab}", get=_tab, post=_save_tab),
    Page("/admin/oidc/{client}/{tab}/secrets", post=_add_secret),
    Page("/admin/oidc/{client}/{tab}/secrets/remove", post=_remove_secret),
)
LIST_PAGES = (Page("/admin/apps", get=list_apps),)
"""For the vendors without another list of applications."""
