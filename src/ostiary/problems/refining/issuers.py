"""What an authorization response tells by the issuer that it does not name."""

from collections.abc import Mapping
from dataclasses import replace

from ostiary.guides import ConnectionValues, Guide
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Fixer, Problem


def by_silence(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """Nobody else's answer, most likely: one that lacks what the provider's configuration promises. RFC 9207 2.4."""
    if facts.get("received") != "":
        return problem
    return replace(
        problem,
        title="{Idp}'s answer does not name its issuer (iss).",
        cause="Its configuration says that every answer does. Without it, another provider's answer could be taken for "
        "one of {idp}. {nobody} until this is changed. {unchanged}",
        label="no issuer in the answer",
        steps=(
            "Let {idp} send iss with its answers, as its configuration says.",
            "In Keycloak that is a switch of the client: **Exclude Issuer From Authentication Response**, turned off.",
        ),
        fixer=Fixer.IDP_ADMIN,
        compares=None,
    )
