"""Okta's "Create SAML Integration": General Settings, Configure SAML, Feedback. A change goes through it as well."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from starlette.responses import Response

from ostiary.simulator.console.app_pages import NotAPicture, mistake_in_certificate, mistake_in_url, read_logo
from ostiary.simulator.console.frame import Mistakes, app_of, console_page, no_such_page, one_of
from ostiary.simulator.pages import to
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Fields, Incoming, Page
from ostiary.simulator.state import App, Attribute, Logo, State


@dataclass(frozen=True, slots=True, kw_only=True)
class _Encryption:
    """What stands in the fields of "Assertion Encryption"."""

    is_on: bool
    algorithm: str
    transport: str
    certificate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _SamlForm:
    """What stands in the fields of "Configure SAML", right or wrong."""

    acs_url: str
    same_recipient: bool
    recipient: str
    destination: str
    audience: str
    relay_state: str
    name_id_format: str
    user_name: str
    signs_response: bool
    signs_assertion: bool
    signature_algorithm: str
    digest_algorithm: str
    encryption: _Encryption
    single_logout: bool
    slo_url: str
    sp_issuer: str
    sp_certificate: str
    rows: Sequence[Attribute]


def _choose(idp: IdentityProvider, incoming: Incoming) -> Response:
    return console_page(idp, incoming, template="okta/create.html", facts={})


def _create(idp: IdentityProvider, incoming: Incoming) -> Response:
    method = incoming.form.get("method")
    if method == "oidc":
        if incoming.form.get("type") == "web":
            return to("/admin/oidc/new")
        mistakes = {"type": "Choose an application type."}
        return console_page(idp, incoming, template="okta/create.html", facts={}, mistakes=mistakes)
    if method != "saml2":
        mistakes = {"method": "Choose a sign-in method."}
        return console_page(idp, incoming, template="okta/create.html", facts={}, mistakes=mistakes)
    draft = idp.new_app("")
    idp.store.change(lambda state: state.with_draft(draft))
    return to(f"/admin/apps/{draft.id}/edit/general")


def _show_general(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = _draft_or_app(idp, incoming)
    return no_such_page(idp) if app is None else _general_page(idp, incoming, app=app)


def _save_general(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = _draft_or_app(idp, incoming)
    if app is None:
        return no_such_page(idp)
    named = replace(app, name=incoming.form.get("name"))
    mistakes: dict[str, str] = {} if named.name else {"name": "App name is empty."}
    try:
        named = replace(named, logo=_uploaded_logo(incoming) or app.logo)
    except NotAPicture as refused:
        mistakes["logo"] = str(refused)
    if mistakes:
        return _general_page(idp, incoming, app=named, mistakes=mistakes)
    if app.id in idp.store.read().apps:
        idp.store.change(lambda state: state.with_app(named))
        return to(f"/admin/apps/{app.id}/general", done="saved")
    idp.store.change(lambda state: state.with_draft(named))
    return to(f"/admin/apps/{app.id}/edit/saml")


def _general_page(idp: IdentityProvider, incoming: Incoming, *, app: App, mistakes: Mistakes | None = None) -> Response:
    facts = {"app": app, "is_new": app.id not in idp.store.read().apps}
    return console_page(idp, incoming, template="okta/edit_general.html", facts=facts, mistakes=mistakes)


def _uploaded_logo(incoming: Incoming) -> Logo | None:
    octets = incoming.files.get("logo", b"")
    return read_logo(octets) if octets else None


def _show_saml(idp: IdentityProvider, incoming: Incoming) -> Response:
    # An unfinished change is forgotten; an unfinished application goes on where it was.
    app = app_of(idp, incoming) or _draft_or_app(idp, incoming)
    return no_such_page(idp) if app is None else _saml_page(idp, incoming, app=app, form=_filled(idp, app=app))


def _save_saml(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming) or _draft_or_app(idp, incoming)
    if app is None:
        return no_such_page(idp)
    form = _read(idp, fields=incoming.form)
    if incoming.form.get("action") == "add":
        more = replace(form, rows=(*form.rows, _empty_row(idp)))
        return _saml_page(idp, incoming, app=app, form=more)
    mistakes = _mistakes(idp, form=form)
    if mistakes:
        return _saml_page(idp, incoming, app=app, form=form, mistakes=mistakes)
    changed = _applied(app, form=form)
    idp.store.change(lambda state: state.with_draft(changed))
    return to(f"/admin/apps/{app.id}/edit/feedback")


def _show_feedback(idp: IdentityProvider, incoming: Incoming) -> Response:
    draft = idp.store.read().drafts.get(incoming.path_values["app_id"])
    return no_such_page(idp) if draft is None else _feedback_page(idp, incoming, app=draft)


def _finish(idp: IdentityProvider, incoming: Incoming) -> Response:
    state = idp.store.read()
    draft = state.drafts.get(incoming.path_values["app_id"])
    if draft is None:
        return no_such_page(idp)
    if incoming.form.get("role") not in {"customer", "vendor"}:
        return _feedback_page(idp, incoming, app=draft, mistakes={"role": "Say which of the two you are."})
    is_new = draft.id not in state.apps
    idp.store.change(lambda now: _finished(now, draft=draft))
    return to(f"/admin/apps/{draft.id}/{'sign-on' if is_new else 'general'}", done="saved")


def _finished(state: State, *, draft: App) -> State:
    current = state.apps.get(draft.id, draft)
    # Who has the application may have changed while its settings were being edited.
    kept = replace(
        draft,
        people=current.people,
        groups=current.groups,
        faults=current.faults,
        second_key=current.second_key,
    )
    return state.with_app(kept).without_draft(draft.id)


def _feedback_page(
    idp: IdentityProvider, incoming: Incoming, *, app: App, mistakes: Mistakes | None = None
) -> Response:
    facts = {"app": app, "is_new": app.id not in idp.store.read().apps}
    return console_page(idp, incoming, template="okta/feedback.html", facts=facts, mistakes=mistakes)


def _draft_or_app(idp: IdentityProvider, incoming: Incoming) -> App | None:
    return idp.store.read().drafts.get(incoming.path_values["app_id"]) or app_of(idp, incoming)


def _saml_page(
    idp: IdentityProvider, incoming: Incoming, *, app: App, form: _SamlForm, mistakes: Mistakes | None = None
) -> Response:
    facts = {"app": app, "form": form, "is_new": app.id not in idp.store.read().apps}
    return console_page(idp, incoming, template="okta/edit_saml.html", facts=facts, mistakes=mistakes)


def _empty_row(idp: IdentityProvider) -> Attribute:
    return Attribute(name="", value="", name_format=next(iter(idp.saml.app.attribute_formats)))


def _filled(idp: IdentityProvider, *, app: App) -> _SamlForm:
    return _SamlForm(
        acs_url=app.acs_url,
        same_recipient=not app.recipient and not app.destination,
        recipient=app.recipient,
        destination=app.destination,
        audience=app.audience,
        relay_state=app.relay_state,
        name_id_format=app.name_id_format,
        user_name=app.user_name,
        signs_response=app.signs_response,
        signs_assertion=app.signs_assertion,
        signature_algorithm=app.signature_algorithm,
        digest_algorithm=app.digest_algorithm,
        encryption=_Encryption(
            is_on=app.encrypts_assertion,
            algorithm=app.encryption_algorithm,
            transport=app.key_transport,
            certificate=app.encryption_certificate,
        ),
        single_logout=bool(app.slo_url),
        slo_url=app.slo_url,
        sp_issuer=app.sp_issuer,
        sp_certificate=app.sp_certificate,
        rows=app.attributes or (_empty_row(idp),),
    )


def _read(idp: IdentityProvider, *, fields: Fields) -> _SamlForm:
    kinds = idp.saml.app
    names, formats, values = (fields.every(f"attribute_{part}") for part in ("name", "format", "value"))
    rows = tuple(
        Attribute(name=name, value=value, name_format=one_of(kinds.attribute_formats, chosen=name_format))
        for name, name_format, value in zip_longest(names, formats, values, fillvalue="")
    )
    return _SamlForm(
        acs_url=fields.get("acs_url"),
        same_recipient=fields.has("same_recipient"),
        recipient=fields.get("recipient"),
        destination=fields.get("destination"),
        audience=fields.get("audience"),
        relay_state=fields.get("relay_state"),
        name_id_format=one_of(kinds.name_id_formats, chosen=fields.get("name_id_format")),
        user_name=one_of(kinds.user_names, chosen=fields.get("user_name")),
        signs_response=fields.get("response") != "Unsigned",
        signs_assertion=fields.get("assertion") != "Unsigned",
        signature_algorithm=one_of(kinds.signature_algorithms, chosen=fields.get("signature_algorithm")),
        digest_algorithm=one_of(kinds.signature_algorithms, chosen="RSA-" + fields.get("digest_algorithm")),
        encryption=_Encryption(
            is_on=fields.get("encryption") == "Encrypted",
            algorithm=one_of(kinds.encryption_algorithms, chosen=fields.get("encryption_algorithm")),
            transport=one_of(kinds.key_transports, chosen=fields.get("key_transport")),
            certificate=fields.get("encryption_certificate"),
        ),
        single_logout=fields.has("single_logout"),
        slo_url=fields.get("slo_url"),
        sp_issuer=fields.get("sp_issuer"),
        sp_certificate=fields.get("sp_certificate"),
        rows=rows or (_empty_row(idp),),
    )


def _mistakes(idp: IdentityProvider, *, form: _SamlForm) -> Mistakes:
    strict = idp.saml.request.acs_without_underscore
    urls = {"acs_url": ("Single sign-on URL", form.acs_url)}
    if not form.same_recipient:
        urls["recipient"] = ("Recipient URL", form.recipient)
        urls["destination"] = ("Destination URL", form.destination)
    if form.single_logout:
        urls["slo_url"] = ("Single Logout URL", form.slo_url)
    found = {name: mistake_in_url(text, label=label, without_underscore=strict) for name, (label, text) in urls.items()}
    found["audience"] = "" if form.audience else "Audience URI (SP Entity ID) is empty."
    if form.single_logout:
        found["sp_issuer"] = "" if form.sp_issuer else "SP Issuer is empty."
        found["sp_certificate"] = mistake_in_certificate(form.sp_certificate, label="Signature Certificate")
    if form.encryption.is_on:
        found["encryption_certificate"] = mistake_in_certificate(
            form.encryption.certificate, label="Encryption Certificate"
        )
    found["attributes"] = _mistake_in_rows(idp, rows=form.rows)
    return {name: text for name, text in found.items() if text}


def _mistake_in_rows(idp: IdentityProvider, *, rows: Sequence[Attribute]) -> str:
    known = idp.saml.app.attribute_values
    used = [row for row in rows if row.name or row.value]
    for number, row in enumerate(used, start=1):
        if not row.name:
            return f"Attribute statement {number} has no name."
        if row.value not in known:
            return f"Attribute statement {number}: this simulator knows the values {', '.join(known)}."
    names = [row.name for row in used]
    twice = next((name for name in names if names.count(name) > 1), "")
    return f"There are two attribute statements with the name {twice}." if twice else ""


def _applied(app: App, *, form: _SamlForm) -> App:
    return replace(
        app,
        acs_url=form.acs_url,
        recipient="" if form.same_recipient else form.recipient,
        destination="" if form.same_recipient else form.destination,
        audience=form.audience,
        relay_state=form.relay_state,
        name_id_format=form.name_id_format,
        user_name=form.user_name,
        signs_response=form.signs_response,
        signs_assertion=form.signs_assertion,
        signature_algorithm=form.signature_algorithm,
        digest_algorithm=form.digest_algorithm,
        encrypts_assertion=form.encryption.is_on,
        encryption_algorithm=form.encryption.algorithm,
        key_transport=form.encryption.transport,
        encryption_certificate=form.encryption.certificate,
        slo_url=form.slo_url if form.single_logout else "",
        sp_issuer=form.sp_issuer if form.single_logout else "",
        sp_certificate=form.sp_certificate if form.single_logout else "",
        attributes=tuple(row for row in form.rows if row.name),
    )


PAGES = (
    Page("/admin/apps/new", get=_choose, post=_create),
    Page("/admin/apps/{app_id}/edit/general", get=_show_general, post=_save_general),
    Page("/admin/apps/{app_id}/edit/saml", get=_show_saml, post=_save_saml),
    Page("/admin/apps/{app_id}/edit/feedback", get=_show_feedback, post=_finish),
)
