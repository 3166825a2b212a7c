"""What an answer of OpenID Connect had in the place of what is read, and how its token was signed."""

from collections.abc import Mapping
from dataclasses import replace

from ostiary.guides import ConnectionValues, Guide, Recipe
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Fixer, Problem


def by_what_came(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """With the claim that came in the place of the address: a user name, or one whose letter case differs."""
    instead, expected = str(facts.get("instead", "")), str(facts.get("expected", ""))
    if not instead:
        return problem
    if instead.lower() == expected.lower():
        return replace(
            problem,
            title="{Idp} sends the address as {instead}. This connection reads {expected}.",
            cause="Names of claims are compared letter by letter, so it is not read. {unchanged}",
            label="address sent as {instead}",
            steps=(
                "In {product}, put {copy:instead} into **{our_form} → Advanced**, in the place of {expected}.",
                "Or change the name in {idp}:",
                Recipe.RENAME_ATTRIBUTE,
            ),
            fixer=Fixer.ORG_ADMIN,
        )
    return replace(
        problem,
        title="{Idp} sent {instead}, and no {expected}.",
        cause="{instead} is a name to sign in with. It may look like an address, and belong to nobody's mailbox, or to "
        "somebody else's: nobody is known by it. {unchanged}",
        label="{instead} received, and no {expected}",
    )


def by_algorithm(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, _values: ConnectionValues) -> Problem:
    """For a token without any signature, with just that."""
    if str(facts.get("received", "")).lower() != "none":
        return problem
    return replace(
        problem,
        title="The token is not signed (alg: none).",
        cause="Anybody could have written it. {nobody} until this is changed. {unchanged}",
        label="not signed",
    )
