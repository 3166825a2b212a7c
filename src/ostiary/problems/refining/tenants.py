"""Whose company it is: an ID in the place of an address, a person of nobody's domain."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ostiary.guides import ConnectionValues, Guide, Recipe
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Problem

_GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def by_id(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """For an ID that was pasted as the Discovery URL, what it is an ID of."""
    if not _GUID.fullmatch(str(facts.get("received", ""))):
        return problem
    return replace(
        problem,
        title="This is an ID, and the Discovery URL is an address.",
        label="an ID in the place of an address",
        steps=(
            Recipe.COPY_DISCOVERY_URL,
            "If it is the ID of your tenant at Microsoft Entra ID, make a connection with Microsoft Entra ID.",
        ),
    )


def by_company(problem: Problem, facts: Mapping[str, Fact], guide: Guide, _values: ConnectionValues) -> Problem:
    """Without a verified domain, that; with the operator's client, without a step of a form that it does not have."""
    if guide.openid is None or not guide.openid.asks_nothing:
        return problem
    if facts.get("expected"):
        return replace(
            problem,
            steps=(*problem.steps[:2], "If it is yours too, verify its domain: **Settings → Security → Domains**."),
        )
    return replace(
        problem,
        title="No domain is verified yet, so nobody can sign in with {idp}.",
        cause="The people of a verified domain may sign in with {idp}, and nobody else. {unchanged}",
        label="no domain verified yet",
        steps=("Open **Settings → Security → Domains**, add the domain of your company and verify it.",),
    )
