"""An identity provider that refuses on a page of its own tells us nothing: what its page says is all there is."""

from collections.abc import Mapping
from dataclasses import replace

from ostiary.domain.connection import Protocol
from ostiary.guides import ConnectionValues, Guide, Recipe, RichText, rich
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Problem, Shown

_Otherwise = tuple[tuple[str, str | Recipe | tuple[RichText, ...]], ...]


def by_their_pages(problem: Problem, _facts: Mapping[str, Fact], guide: Guide, _values: ConnectionValues) -> Problem:
    """With what the provider's own pages say, by which an admin finds the row that is meant."""
    pages = tuple((f"Its page says {page.says}", (rich(page.means), *page.then)) for page in guide.pages)
    otherwise = (*_otherwise(problem, guide), *pages)
    if guide.protocol is Protocol.OIDC:
        problem = replace(problem, shows=(Shown("Sent to", "sso_url"),))
    if guide.assigns:
        return replace(problem, otherwise=otherwise)
    return replace(
        problem,
        title="{Idp} has not answered. Most likely its own page shows an error, or still asks for a sign-in.",
        cause="{Idp} lets in everybody whom no rule keeps out. An error on its page is told to nobody else. "
        "{unchanged}",
        steps=("Look at the page that {idp} shows. What it says stands below, with what to do.", Recipe.ASSIGN),
        otherwise=otherwise,
        otherwise_title="What its page may say",
    )


def _otherwise(problem: Problem, guide: Guide) -> _Otherwise:
    """The catalogue speaks of SAML's fields; the first row, of a sign-in that goes on, is the same with both."""
    if guide.protocol is Protocol.SAML:
        return problem.otherwise
    known = " ".join(step.plain for page in guide.pages for step in page.then)
    general: _Otherwise = (
        ("{Idp} shows an error about the redirect URI", Recipe.SET_REDIRECT_URI),
        ("{Idp} shows an error about the client", Recipe.COPY_CLIENT_ID),
        ("The page was not found", Recipe.COPY_DISCOVERY_URL),
    )
    # Where the provider's own words are known they stand in the place of ours, and not beside them.
    told = tuple("{" + name + "}" in known for name in ("redirect_uri", "client_id_path", "discovery_url_path"))
    return (*problem.otherwise[:1], *(row for row, is_told in zip(general, told, strict=True) if not is_told))
