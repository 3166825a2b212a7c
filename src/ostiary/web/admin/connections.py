"""One connection: the provider's guide beside the form, its switch, and its end."""

from collections.abc import Mapping

from ostiary.domain.connection import Binding, Protocol, Tile, acs_url_validator
from ostiary.domain.enforcement.errors import EnforcedStill
from ostiary.guides import Field, Recipe
from ostiary.kernel.ids import ConnectionId
from ostiary.problems.allowances import WORDS
from ostiary.services import Services
from ostiary.services.connection_form import NAME_ID_FORMATS
from ostiary.services.connections import ConnectionView, NotSaved
from ostiary.services.oidc.google import is_operators
from ostiary.web.admin import metadata, saml_form
from ostiary.web.admin.enforcement.pages import consequence
from ostiary.web.admin.messages import TESTED_NEXT, message_of
from ostiary.web.admin.openid import form as openid_form
from ostiary.web.admin.openid.choices import CHOICES
from ostiary.web.admin.places import PATH, connection_path
from ostiary.web.admin.quoted import explained, values_of
from ostiary.web.admin.single_sign_on import google
from ostiary.web.admin.single_sign_on.rows import enforcement_says, state_of
from ostiary.web.client_of import actor_of
from ostiary.web.context import Incoming
from ostiary.web.responses import Answer, Csp, Page, SeeOther

ROLES = (("member", "Member"), ("admin", "Admin"))
TILES = (
    (
        Tile.CONVERT.value,
        "Becomes a sign-in of our own",
        "It goes round once more by way of the provider, unseen. No other site can sign anybody in.",
    ),
    (
        Tile.ACCEPT.value,
        "Signs in as it is",
        "Each answer counts once, but another site can sign a visitor in as somebody else.",
    ),
    (Tile.REFUSE.value, "Is refused", "Sign-ins begin on the sign-in page alone."),
)
BINDINGS = ((Binding.REDIRECT.value, "In the address (HTTP-Redirect)"), (Binding.POST.value, "In a form (HTTP-POST)"))
NAME_ID_LABELS = dict(
    zip(NAME_ID_FORMATS, ("EmailAddress", "Persistent", "Unspecified", "WindowsDomainQualifiedName"), strict=True)
)


def connection(incoming: Incoming, services: Services) -> Answer:
    """The page of a connection."""
    view = _view(incoming, services)
    if is_operators(view.connection):
        return _google_page(view, incoming, services)
    if view.connection.protocol is Protocol.OIDC:
        shown = openid_form.told(openid_form.of_saved(view.connection, view.guide), incoming.query)
        return _openid_page(view, shown, incoming, services)
    form = saml_form.with_suggestion(saml_form.of_saved(view.connection, view.guide), incoming.query)
    return _saml_page(view, form, incoming, services)


def save(incoming: Incoming, services: Services) -> Answer:
    """Save Configuration: a new revision, untested. It turns nothing on."""
    organization = incoming.signed_in.organization
    view = _view(incoming, services)
    if is_operators(view.connection):
        kept = google.save(view, incoming, services)
        return SeeOther(location=connection_path(kept.id, done="saved-newer" if kept.is_enabled else "saved"))
    if view.connection.protocol is Protocol.OIDC:
        return _save_openid(view, incoming, services)
    form = saml_form.read(incoming.form)
    saved = services.connections.save(view.connection.id, form, organization=organization, actor=actor_of(incoming))
    if isinstance(saved, NotSaved):
        shown = saml_form.of_refused(form, saved, connection=view.connection, incoming=incoming, services=services)
        return _saml_page(view, shown, incoming, services, status=422)
    done = "saved-newer" if saved.connection.is_enabled else "saved"
    return SeeOther(location=connection_path(view.connection.id, done=done))


def _save_openid(view: ConnectionView, incoming: Incoming, services: Services) -> Answer:
    connection, organization = view.connection, incoming.signed_in.organization
    form = openid_form.read(incoming.form, connection=connection, guide=view.guide)
    saved = services.connections.save(connection.id, form, organization=organization, actor=actor_of(incoming))
    if isinstance(saved, NotSaved):
        shown = openid_form.of_refused(form, saved, connection=connection, incoming=incoming, services=services)
        return _openid_page(view, shown, incoming, services, status=422)
    if not saved.is_new_revision:
        # Before the first passed test there are no sign-ins that could try a secret.
        return SeeOther(location=connection_path(connection.id, done="secret-saved" if connection.serving else "saved"))
    done = "saved-newer" if saved.connection.is_enabled else "saved"
    return SeeOther(location=connection_path(connection.id, done=done) + openid_form.in_address(saved.corrections))


def confirm_access(incoming: Incoming, services: Services) -> Answer:
    """Notes that this admin has admin access at the provider."""
    connection_id = _id(incoming)
    if incoming.form.optional("access") != "yes":
        return SeeOther(location=connection_path(connection_id))
    services.connections.confirm_access(
        connection_id, organization_id=incoming.signed_in.organization.id, actor=actor_of(incoming)
    )
    return SeeOther(location=connection_path(connection_id, done="access-confirmed"))


def switch(incoming: Incoming, services: Services) -> Answer:
    """Turns the connection on or off."""
    organization, connection_id = incoming.signed_in.organization, _id(incoming)
    if incoming.form.one("on") == "yes":
        services.connections.enable(connection_id, organization=organization, actor=actor_of(incoming))
        return SeeOther(location=f"{PATH}?done=enabled")
    is_confirmed = incoming.form.optional("confirmed") == "yes"
    try:
        services.connections.turn_off(
            connection_id, organization_id=organization.id, actor=actor_of(incoming), is_confirmed=is_confirmed
        )
    except EnforcedStill:
        return SeeOther(location=f"{connection_path(connection_id)}/turn-off")
    return SeeOther(location=f"{PATH}?done=turned-off")


def delete_page(incoming: Incoming, services: Services) -> Answer:
    """Asks before a connection is deleted."""
    values = {"view": _view(incoming, services), "consequence": consequence(incoming, services, _id(incoming))}
    return Page(template="admin/delete_connection.html", values=values)


def delete(incoming: Incoming, services: Services) -> Answer:
    """Deletes it."""
    services.connections.delete(
        _id(incoming),
        organization_id=incoming.signed_in.organization.id,
        actor=actor_of(incoming),
        is_confirmed=incoming.form.optional("confirmed") == "yes",
    )
    return SeeOther(location=f"{PATH}?done=deleted")


def _id(incoming: Incoming) -> ConnectionId:
    return ConnectionId(incoming.path_parameters["connection_id"])


def _view(incoming: Incoming, services: Services) -> ConnectionView:
    return services.connections.view(_id(incoming), organization_id=incoming.signed_in.organization.id)


def _saml_page(
    view: ConnectionView, form: saml_form.ShownForm, incoming: Incoming, services: Services, *, status: int = 200
) -> Page:
    quotes = _quotes(view, incoming, services)
    return _page(
        "admin/connection.html",
        {
            "logout_steps": [text.filled(quotes) for text in view.guide.written(Recipe.SET_LOGOUT)],
            "form": form,
            "roles": ROLES,
            **_advanced(form, incoming),
            "validator": acs_url_validator(view.urls.acs_url) if view.guide.acs_validator else "",
            "metadata": metadata.panel(view.connection, incoming, services),
            "is_error": bool(form.wrong),
        },
        view=view,
        incoming=incoming,
        services=services,
        status=status,
    )


def _google_page(view: ConnectionView, incoming: Incoming, services: Services) -> Page:
    own = {**google.shown(view, incoming, services), "roles": ROLES}
    page = "admin/single_sign_on/google.html"
    return _page(page, own, view=view, incoming=incoming, services=services, status=200)


def _openid_page(
    view: ConnectionView, form: openid_form.ShownForm, incoming: Incoming, services: Services, *, status: int = 200
) -> Page:
    own = {
        "form": form,
        "roles": ROLES,
        **CHOICES,
        "returns_people": _returns_people(view, services),
        "is_error": bool(form.wrong),
    }
    return _page("admin/openid/connection.html", own, view=view, incoming=incoming, services=services, status=status)


def _returns_people(view: ConnectionView, services: Services) -> bool:
    """Whether the provider sends people back after signing out. Until it is asked: whether its console has a field."""
    known = services.oidc_logout.is_taken_there(view.connection)
    field = view.guide.fields[Field.SIGNED_OUT]
    return known if known is not None else field.path != field.name or view.guide.key == "oidc"


def _is_filled_in(incoming: Incoming) -> bool:
    """Whether the address brings names of attributes or claims into the form, which nobody has saved yet."""
    return any(name.startswith(("attribute_", "claim_")) and value for name, value in incoming.query.pairs)


def _page(
    template: str,
    own: Mapping[str, object],
    *,
    view: ConnectionView,
    incoming: Incoming,
    services: Services,
    status: int,
) -> Page:
    """The frame of every connection's page, with what is of its protocol alone."""
    shown = view.connection
    policy, _ = services.enforcement.policy(incoming.signed_in.organization)
    newer = "Newer settings wait for their test" if shown.is_enabled and shown.has_untested_changes else ""
    return Page(
        template=template,
        values={
            "view": view,
            "guide": view.guide.filled(_quotes(view, incoming, services)),
            "step_now": _step_now(view),
            "is_saved": shown.latest is not None,
            "is_edited": incoming.method == "POST" or _is_filled_in(incoming),
            "state": state_of(shown, policy),
            "state_says": ". ".join(filter(None, (enforcement_says(shown, policy), newer))),
            "findings": [
                explained(each.code, each.facts(), connection=shown, incoming=incoming, services=services)
                for each in view.findings
            ],
            "message": message_of(incoming),
            "tests_next": incoming.query.optional("done") in TESTED_NEXT and shown.latest is not None,
            **own,
        },
        status=status,
        # Test Connection is a form that ends at the identity provider.
        csp=Csp.FORMS_LEAVE,
    )


def _quotes(view: ConnectionView, incoming: Incoming, services: Services) -> Mapping[str, str]:
    own = values_of(view.connection, incoming, services).quoted()
    return {**view.guide.quoted(own), "our_form": "this page"}


def _advanced(form: saml_form.ShownForm, incoming: Incoming) -> dict[str, object]:
    """What the Advanced section shows besides the values. An explanation leads to one switch of it."""
    asked = incoming.query.optional("allow")
    count = len(form.allowed)
    return {
        "tiles": TILES,
        "bindings": BINDINGS,
        "name_id_formats": (("", "None: what is set up there counts"), *NAME_ID_LABELS.items()),
        "allowances": tuple(WORDS.values()),
        "asked_allowance": asked,
        "opens_advanced": form.opens_advanced or any(asked == allowance.value for allowance in WORDS),
        "advanced_says": f"Puts up with {count} older {'thing' if count == 1 else 'things'}" if count else "",
    }


def _step_now(view: ConnectionView) -> int:
    """The step of the guide that is open: creating the app, then the one with the test, then assigning people."""
    last = len(view.guide.steps)
    if view.connection.latest is None:
        return 2
    return last - 1 if view.connection.serving is None else last
