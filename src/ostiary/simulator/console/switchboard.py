"""The switchboard of faults: ours, not the vendor's. One application at a time, what it does wrong on purpose."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from ostiary.simulator.console.frame import console_page, no_such_page
from ostiary.simulator.faults import Fault
from ostiary.simulator.oidc.apps import set_app_fault, set_provider_fault
from ostiary.simulator.oidc.faults import OidcFault, ProviderFault
from ostiary.simulator.pages import to
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty:
    """What can be switched at one application, or at the whole provider."""

    id: str
    """Empty: the whole provider."""
    name: str
    faults: Sequence[Fault | OidcFault | ProviderFault]
    on: Sequence[str]


def _show(idp: IdentityProvider, incoming: Incoming) -> Response:
    state = idp.store.read()
    saml = [Faulty(id=app.id, name=app.name, faults=tuple(Fault), on=app.faults) for app in state.apps.values()]
    oidc = [
        Faulty(id=one.id, name=one.name, faults=tuple(OidcFault), on=one.faults) for one in state.oidc.clients.values()
    ]
    whole = Faulty(id="", name=f"{idp.profile.name} itself", faults=tuple(ProviderFault), on=state.oidc.faults)
    facts = {"apps": [*saml, *oidc, *([] if idp.profile.oidc is None else [whole])]}
    return console_page(idp, incoming, template="console/faults.html", facts=facts)


def _switch(idp: IdentityProvider, incoming: Incoming) -> Response:
    app_id, is_on = incoming.form.get("app"), incoming.form.get("on") == "yes"
    state = idp.store.read()
    kinds = Fault if app_id in state.apps else OidcFault if app_id in state.oidc.clients else ProviderFault
    wanted = next((fault for fault in kinds if fault.value == incoming.form.get("fault")), None)
    match wanted:
        case Fault():
            idp.set_fault(app_id, wanted, on=is_on)
        case OidcFault():
            set_app_fault(idp, app_id, wanted, on=is_on)
        case ProviderFault() if not app_id and idp.profile.oidc is not None:
            set_provider_fault(idp, wanted, on=is_on)
        case _:
            return no_such_page(idp)
    return to("/faults", done="switched")


PAGES = (Page("/faults", get=_show, post=_switch),)
