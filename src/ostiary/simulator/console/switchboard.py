"""The switchboard of faults: ours, not the vendor's. One application at a time, what it does wrong on purpose."""

from starlette.responses import Response

from ostiary.simulator.console.frame import console_page, no_such_page
from ostiary.simulator.faults import Fault
from ostiary.simulator.pages import to
from ostiary.simulator.provider import IdentityProvider
from ostiary.simulator.rim import Incoming, Page


def _show(idp: IdentityProvider, incoming: Incoming) -> Response:
    facts = {"apps": tuple(idp.store.read().apps.values()), "faults": tuple(Fault)}
    return console_page(idp, incoming, template="console/faults.html", facts=facts)


def _switch(idp: IdentityProvider, incoming: Incoming) -> Response:
    app_id = incoming.form.get("app")
    wanted = next((fault for fault in Fault if fault.value == incoming.form.get("fault")), None)
    if wanted is None or app_id not in idp.store.read().apps:
        return no_such_page(idp)
    idp.set_fault(app_id, wanted, on=incoming.form.get("on") == "yes")
    return to("/faults", done="switched")


PAGES = (Page("/faults", get=_show, post=_switch),)
