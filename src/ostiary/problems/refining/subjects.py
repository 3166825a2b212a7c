"""Whose subject it was: with OpenID Connect a person is known by a claim, where SAML has its NameID."""

from collections.abc import Mapping
from dataclasses import replace

from ostiary.domain.connection import Protocol
from ostiary.guides import ConnectionValues, Guide
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
