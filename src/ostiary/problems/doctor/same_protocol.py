"""Something of OpenID Connect that was given to the doctor beside a connection that speaks it."""

from collections.abc import Mapping
from dataclasses import replace

from ostiary.domain.connection import Protocol
from ostiary.guides import ConnectionValues, Guide
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Problem


def by_protocol(problem: Problem, _facts: Mapping[str, Fact], guide: Guide, _values: ConnectionValues) -> Problem:
    """Where the connection speaks it too, that is said, and where it is looked at."""
    if guide.protocol is not Protocol.OIDC:
        return problem
    return replace(
        problem,
        title="This is of OpenID Connect, as the connection to {idp} is: {received}.",
        cause="It was not judged: the doctor reads SAML, and this connection is looked at by its Test Connection. A "
        "token may still be good: whoever has it can use it.",
        steps=(
            "Under **{our_form}**, **Discovery URL** takes the address of the discovery document.",
            "Click **Test Connection**: the report compares what {idp} sends with what is saved.",
        ),
    )
