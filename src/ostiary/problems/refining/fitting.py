"""Which guide can say what to do about a problem: one of its protocol, for the same provider where there is one."""

from collections.abc import Iterator

from ostiary.domain.connection import Protocol
from ostiary.guides import Guide, Recipe, guide, guides
from ostiary.guides.protocols import FIELDS, RECIPES
from ostiary.guides.rich_text import rich
from ostiary.problems.problem import Problem


def fitting(of: Guide | None, problem: Problem, *, code: str) -> Guide:
    """This guide, or else that of the same provider for the other protocol, or else the one for any provider."""
    first, *others = protocols_of(problem, code=code)
    if of is None:
        return guides(protocol=first)[-1]
    if of.protocol in (first, *others):
        return of
    return guide(of.key, protocol=first) or guides(protocol=first)[-1]


def protocols_of(problem: Problem, *, code: str) -> tuple[Protocol, ...]:
    """The protocols of which a guide has every place and every change that this problem names, at least one."""
    family = [protocol for protocol in Protocol if protocol.value == code.partition(".")[0]]
    if family:
        return tuple(family)
    recipes, names = set(_recipes(problem)), set(_names(problem))
    return tuple(
        protocol for protocol in Protocol if recipes <= set(RECIPES[protocol]) and not names & _foreign(protocol)
    ) or (Protocol.SAML,)


def _foreign(protocol: Protocol) -> set[str]:
    """The names of places that a guide of this protocol does not have."""
    known = set(FIELDS[protocol])
    fields = (field for other in Protocol for field in FIELDS[other] if field not in known)
    return {f"{field.value}_{part}" for field in fields for part in ("field", "path")}


def _recipes(problem: Problem) -> Iterator[Recipe]:
    for step in (*problem.steps, *(then for _, then in problem.otherwise)):
        if isinstance(step, Recipe):
            yield step


def _names(problem: Problem) -> Iterator[str]:
    texts = [problem.title, problem.cause, problem.label, problem.otherwise_title]
    texts += [step for step in problem.steps if isinstance(step, str) and not isinstance(step, Recipe)]
    for when, then in problem.otherwise:
        texts += [when, then] if isinstance(then, str) and not isinstance(then, Recipe) else [when]
    if problem.compares:
        texts += [problem.compares.whose, problem.compares.ours, *problem.compares.titles.values()]
    for text in texts:
        yield from rich(text).names()
