"""SAML at the door: our metadata, and the answers of identity providers."""

from typing import assert_never

from ostiary.kernel.ids import ConnectionId
from ostiary.services import Services
from ostiary.services.answered import TestFinished
from ostiary.services.complete_login import SignedIn
from ostiary.services.refusal_record import LoginRefused
from ostiary.services.saml.judge import Answer as SamlAnswer
from ostiary.services.saml.request import LeaveFor
from ostiary.web.client_of import client_of
from ostiary.web.context import Incoming
from ostiary.web.login import arrival
from ostiary.web.login.refused import refused
from ostiary.web.login.start import leave
from ostiary.web.responses import Answer, Document, SeeOther

_METADATA = "application/samlmetadata+xml"


def metadata(incoming: Incoming, services: Services) -> Answer:
    """Our side of a connection, for identity providers that read metadata (SAML Metadata 4.1)."""
    body = services.connections.sp_metadata(ConnectionId(incoming.path_parameters["connection_id"]))
    return Document(body=body, media_type=_METADATA)


def acs(incoming: Incoming, services: Services) -> Answer:
    """Takes the answer of an identity provider. It comes from another site: its signature speaks for it."""
    answer = SamlAnswer(
        form_value=incoming.form.one("SAMLResponse").encode(), relay_state=incoming.form.optional("RelayState")
    )
    finished = services.saml_login.finish(
        ConnectionId(incoming.path_parameters["connection_id"]), answer, client=client_of(incoming, services)
    )
    match finished:
        case SignedIn():
            return arrival.answer(finished, incoming, services)
        case TestFinished():
            connection_page = f"/settings/security/connections/{finished.connection_id}"
            return SeeOther(location=f"{connection_page}/test/{finished.attempt_id}")
        case LeaveFor():
            return leave(finished, services)
        case LoginRefused():
            return refused(finished, incoming, services)
        case _:
            assert_never(finished)
