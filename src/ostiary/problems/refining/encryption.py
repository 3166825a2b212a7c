"""How a token was encrypted, and what came so: why that way is not taken, and where to change it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ostiary.guides import ConnectionValues, Guide, Recipe
from ostiary.kernel.errors import Fact
from ostiary.problems.openid.encryption import SWITCH
from ostiary.problems.problem import Fixer, Problem

_BY_SECRET: Final = ("dir", "A", "PBES2")
_ID_TOKEN: Final = "ID token"  # noqa: S105 - a name


def by_key_encryption(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """Why just this way of encrypting a key is not taken."""
    received = str(facts.get("received", ""))
    if received == "RSA1_5":
        why = "What is encrypted by RSA1_5 can be read by whoever may ask us often enough."
    elif received.startswith(_BY_SECRET):
        why = "It goes by the Client Secret, which is no key: it is short, changes, and both sides have it."
    elif received.startswith("ECDH-ES"):
        why = "It needs a key of an elliptic curve, and those of this connection are RSA keys."
    else:
        return problem
    return replace(problem, cause=f"{why} {problem.cause}")


def by_what(problem: Problem, facts: Mapping[str, Fact], guide: Guide, _values: ConnectionValues) -> Problem:
    """For what is no ID token, whose switch it would be; for the operator's client, which has none, without it."""
    if guide.openid is not None and guide.openid.asks_nothing:
        return replace(problem, steps=(Recipe.SEND_PLAIN,), fixer=Fixer.IDP_ADMIN)
    if facts.get("what", _ID_TOKEN) == _ID_TOKEN:
        return problem
    return replace(
        problem,
        steps=(
            "In {idp}, switch off the encryption of the {what} for {product}.",
            f"Or let {{idp}} encrypt ID tokens as well, and in {{product}} turn on {SWITCH}: then both may come so.",
        ),
        fixer=Fixer.IDP_ADMIN,
    )
