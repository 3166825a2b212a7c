"""What a vendor says in words of its own, found again in its guide."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ostiary.guides import Guide, guides
from ostiary.guides.guide import TheirError
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Problem

_ANYBODYS: Final = frozenset(("access_denied", "invalid_client", "invalid_grant", "invalid_request", "invalid_scope"))
"""Values of the standards: in a guide they mean what this vendor means by them, and nothing anywhere else."""


def recognised(said: tuple[str, ...], guide: Guide) -> TheirError | None:
    """The provider's own words, in what it said, of which the first says the most.

    A connection without a guide of its own may be of any vendor.
    """
    known = (*guide.messages, *guide.pages)
    others = guides(protocol=guide.protocol)
    if guide.key == others[-1].key:
        theirs = (each for other in others for each in (*other.messages, *other.pages))
        known = (*known, *(each for each in theirs if each.says not in _ANYBODYS))
    return next((each for text in said for each in known if _says(each, text)), None)


def in_their_words(problem: Problem, theirs: TheirError) -> Problem:
    """The words for this error of theirs, under the title that the vendor gives it."""
    return replace(
        problem,
        title=f"{{Idp}} has signed nobody in: {theirs.says}.",
        cause=f"{theirs.means} {{unchanged}}",
        label=theirs.says[:1].lower() + theirs.says[1:] if " " in theirs.says else f"code {theirs.says}",
        steps=theirs.then,
        otherwise=(),
        otherwise_title="",
    )


def said_in(facts: Mapping[str, Fact], *names: str) -> tuple[str, ...]:
    """These facts as texts; a fact that was not recorded is an empty one."""
    return tuple(str(facts.get(name, "")) for name in names)


def _says(theirs: TheirError, text: str) -> bool:
    # AADSTS70001 is another code than AADSTS700016.
    return re.search(re.escape(theirs.says) + r"(?![0-9])", text, re.IGNORECASE) is not None
