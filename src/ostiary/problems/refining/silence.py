"""An identity provider that refuses on a page of its own tells us nothing: what its page says is all there is."""

from collections.abc import Mapping
from dataclasses import replace

from ostiary.guides import ConnectionValues, Guide, rich
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Problem


def by_their_pages(problem: Problem, _facts: Mapping[str, Fact], guide: Guide, _values: ConnectionValues) -> Problem:
    """With what the provider's own pages say, by which an admin finds the row that is meant."""
    pages = tuple((f"Its page says {page.says}", (rich(page.means), *page.then)) for page in guide.pages)
    return replace(problem, otherwise=(*problem.otherwise, *pages))
