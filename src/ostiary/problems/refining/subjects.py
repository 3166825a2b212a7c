"""What an answer says of the person: whose subject it was, and which of two names has come.

With OpenID Connect a person is known by a claim, where SAML has its NameID.
"""

from collections.abc import Mapping
from dataclasses import replace

from ostiary.domain.connection import Protocol
from ostiary.guides import ConnectionValues, Guide, Recipe
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Comparison, Problem


def by_subject(problem: Problem, _facts: Mapping[str, Fact], guide: Guide, _values: ConnectionValues) -> Problem:
    """In the words of the guide's protocol."""
    if guide.protocol is Protocol.SAML:
        return problem
    return replace(
        problem,
        cause="Most likely the mailbox was given to somebody new, or the person was made anew in {idp}. {unchanged}",
        steps=(
            "Find out whether it is the same person: compare both subjects with the IDs of the people in {idp}.",
            "The same person: remove the link in **Members**, and let them sign in once more.",
            "Somebody new: deactivate the old account in **Members** first.",
        ),
        compares=Comparison(
            whose="The subject that {idp} sends for {email}",
            ours="the one that the account is tied to",
            expected_note="Subject that the account is tied to",
            received_note="Subject in {idp}'s answer",
            is_saved=problem.compares.is_saved if problem.compares else False,
        ),
    )


def by_names(problem: Problem, facts: Mapping[str, Fact], guide: Guide, values: ConnectionValues) -> Problem:
    """With the steps for the name that is missing alone, where only one is."""
    names = values.attributes
    others: dict[tuple[str, ...], tuple[str, str, str, str]] = {
        (names.first_name,): ("first_name_attribute", "last_name_attribute", names.last_name, "last"),
        (names.last_name,): ("last_name_attribute", "first_name_attribute", names.first_name, "first"),
    }
    expected, received = facts.get("expected", ()), facts.get("received", ())
    if isinstance(expected, str) or tuple(expected) not in others:
        return problem
    missing, came, attribute, which = others[tuple(expected)]
    steps = guide.written(Recipe.SEND_NAMES)
    kept = tuple(step for step in steps if came not in step.names() or missing in step.names())
    if attribute not in received:
        # It came under a name that is not read.
        return replace(problem, steps=kept)
    return replace(problem, steps=kept, cause=f"Sign-ins go on. New people appear under their {which} name alone.")
