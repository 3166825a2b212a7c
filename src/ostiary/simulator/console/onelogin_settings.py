"""OneLogin's tabs Configuration and Parameters."""

import re
from dataclasses import replace

from starlette.responses import Response

from ostiary.simulator.console.app_pages import mistake_in_certificate, mistake_in_url
from ostiary.simulator.console.frame import Mistakes, app_of, console_page, no_such_page, one_of
from ostiary.simulator.pages import to
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming, Page
from ostiary.simulator.state import App, Attribute

_LONGEST_VALIDATOR = 1024
_SIGNATURE_ELEMENTS = {"Assertion": (False, True), "Response": (True, False), "Both": (True, True)}


def _configuration(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    return no_such_page(idp) if app is None else _configuration_page(idp, incoming, app=app)


def _save_configuration(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    changed = _configured(idp, incoming, app=app)
    mistakes = _mistakes(changed)
    if mistakes:
        return _configuration_page(idp, incoming, app=changed, mistakes=mistakes)
    idp.store.change(lambda state: state.with_app(_configured(idp, incoming, app=state.apps[app.id])))
    return to(incoming.path, done="saved")


def _configuration_page(
    idp: IdentityProvider, incoming: Incoming, *, app: App, mistakes: Mistakes | None = None
) -> Response:
    signed = (app.signs_response, app.signs_assertion)
    element = next((name for name, one in _SIGNATURE_ELEMENTS.items() if one == signed), "Assertion")
    facts = {"app": app, "element": element, "elements": tuple(_SIGNATURE_ELEMENTS)}
    return console_page(idp, incoming, template="onelogin/configuration.html", facts=facts, mistakes=mistakes)


def _configured(idp: IdentityProvider, incoming: Incoming, *, app: App) -> App:
    form = incoming.form
    response, assertion = _SIGNATURE_ELEMENTS.get(form.get("signature_element"), (False, True))
    return replace(
        app,
        relay_state=form.get("relay_state"),
        audience=form.get("audience"),
        recipient=form.get("recipient"),
        acs_validator=form.get("acs_validator"),
        acs_url=form.get("acs_url"),
        encrypts_assertion=form.has("encrypts_assertion"),
        encryption_algorithm=one_of(idp.saml.app.encryption_algorithms, chosen=form.get("encryption_algorithm")),
        encryption_certificate=form.get("encryption_certificate"),
        slo_url=form.get("slo_url"),
        name_id_format=one_of(idp.saml.app.name_id_formats, chosen=form.get("name_id_format")),
        signs_response=response,
        signs_assertion=assertion,
    )


def _mistakes(app: App) -> Mistakes:
    found = {
        "acs_url": mistake_in_url(app.acs_url, label="ACS (Consumer) URL"),
        "recipient": mistake_in_url(app.recipient, label="Recipient") if app.recipient else "",
        "slo_url": mistake_in_url(app.slo_url, label="Single Logout URL") if app.slo_url else "",
        "acs_validator": _mistake_in_validator(app.acs_validator),
    }
    if app.encrypts_assertion:
        found["encryption_certificate"] = mistake_in_certificate(app.encryption_certificate, label="Public key")
    return {name: text for name, text in found.items() if text}


def _mistake_in_validator(text: str) -> str:
    if not text:
        return "ACS URL Validator is empty."
    if len(text) > _LONGEST_VALIDATOR:
        return "ACS URL Validator is longer than 1,024 characters."
    try:
        re.compile(text)
    except re.error as error:
        return f"ACS URL Validator is not a regular expression: {error}."
    return ""


def _parameters(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    return console_page(idp, incoming, template="onelogin/parameters.html", facts={"app": app})


def _save_parameters(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    chosen = one_of(idp.saml.app.user_names, chosen=incoming.form.get("user_name"))
    idp.store.change(lambda state: state.with_app(replace(state.apps[app.id], user_name=chosen)))
    return to(incoming.path, done="saved")


def _new_parameter(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    facts = {"app": app, "name": "", "included": False}
    return console_page(idp, incoming, template="onelogin/new_parameter.html", facts=facts)


def _add_parameter(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    if app is None:
        return no_such_page(idp)
    name, included = incoming.form.get("name"), incoming.form.has("included")
    mistake = _mistake_in_name(app, name=name)
    if mistake:
        facts = {"app": app, "name": name, "included": included}
        return console_page(
            idp, incoming, template="onelogin/new_parameter.html", facts=facts, mistakes={"name": mistake}
        )
    name_format = next(iter(idp.saml.app.attribute_formats))
    added = Attribute(name=name, value="", name_format=name_format, included=included)

    def add(current: App) -> App:
        return replace(current, attributes=(*current.attributes, added))

    idp.store.change(lambda state: state.with_app(add(state.apps[app.id])))
    return to(f"/admin/apps/{app.id}/parameters/{len(app.attributes)}")


def _mistake_in_name(app: App, *, name: str) -> str:
    if not name:
        return "Field Name is empty."
    return f"There is a parameter {name} already." if any(one.name == name for one in app.attributes) else ""


def _parameter(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    number = _number(app, incoming)
    if app is None or number is None:
        return no_such_page(idp)
    return _parameter_page(idp, incoming, app=app, parameter=app.attributes[number])


def _save_parameter(idp: IdentityProvider, incoming: Incoming) -> Response:
    app = app_of(idp, incoming)
    number = _number(app, incoming)
    if app is None or number is None:
        return no_such_page(idp)
    rows = list(app.attributes)
    if incoming.form.get("action") == "delete":
        del rows[number]
        return _store_rows(idp, app=app, rows=rows, done="removed")
    value, included = incoming.form.get("value"), incoming.form.has("included")
    rows[number] = replace(rows[number], value=value, included=included)
    if value not in idp.saml.app.attribute_values:
        mistakes = {"value": "Select a value."}
        return _parameter_page(idp, incoming, app=app, parameter=rows[number], mistakes=mistakes)
    return _store_rows(idp, app=app, rows=rows, done="saved")


def _store_rows(idp: IdentityProvider, *, app: App, rows: list[Attribute], done: str) -> Response:
    idp.store.change(lambda state: state.with_app(replace(state.apps[app.id], attributes=tuple(rows))))
    return to(f"/admin/apps/{app.id}/parameters", done=done)


def _parameter_page(
    idp: IdentityProvider, incoming: Incoming, *, app: App, parameter: Attribute, mistakes: Mistakes | None = None
) -> Response:
    facts = {"app": app, "parameter": parameter}
    return console_page(idp, incoming, template="onelogin/parameter.html", facts=facts, mistakes=mistakes)


def _number(app: App | None, incoming: Incoming) -> int | None:
    numbers = range(0 if app is None else len(app.attributes))
    return next((number for number in numbers if str(number) == incoming.path_values["number"]), None)


PAGES = (
    Page("/admin/apps/{app_id}/configuration", get=_configuration, post=_save_configuration),
    Page("/admin/apps/{app_id}/parameters", get=_parameters, post=_save_parameters),
    Page("/admin/apps/{app_id}/parameters/new", get=_new_parameter, post=_add_parameter),
    Page("/admin/apps/{app_id}/parameters/{number}", get=_parameter, post=_save_parameter),
)
