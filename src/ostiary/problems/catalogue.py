"""The whole catalogue: every class that can be explained, and every code by which it is stored."""

from dataclasses import fields
from typing import Final

from ostiary.kernel.errors import Named, Refusal
from ostiary.problems import (
    allowances,
    break_glass,
    enforcement,
    logout,
    oidc,
    outbound,
    people,
    product,
    saml,
    setup,
    storage,
)
from ostiary.problems.doctor import words
from ostiary.problems.openid import claims, encryption, form
from ostiary.problems.problem import Problem

CATALOGUE: Final[dict[type[Named], Problem]] = {
    **saml.CATALOGUE,
    **logout.CATALOGUE,
    **oidc.CATALOGUE,
    **claims.CATALOGUE,
    **encryption.CATALOGUE,
    **form.CATALOGUE,
    **product.CATALOGUE,
    **break_glass.CATALOGUE,
    **setup.CATALOGUE,
    **enforcement.CATALOGUE,
    **allowances.CATALOGUE,
    **people.CATALOGUE,
    **outbound.CATALOGUE,
    **storage.CATALOGUE,
    **words.CATALOGUE,
}
"""One Problem for each class of a refusal or finding."""

BY_CODE: Final[dict[str, Problem]] = {
    **{named.code: problem for named, problem in CATALOGUE.items()},
    **product.WITHOUT_CLASS,
}
"""The same by code, as attempts are stored."""

_REFUSED_SAML: Final = frozenset(
    named.code for named in CATALOGUE if issubclass(named, Refusal) and named.code.startswith("saml.")
)

INVALID_SAML_RESPONSE: Final = "Invalid SAML response"
"""The brief's own words. They stand small above the first sentence."""


def problem(code: str) -> Problem:
    """The words of this code; for a code that this version does not know, words that say so."""
    return BY_CODE.get(code, product.UNKNOWN)


def facts_of(code: str) -> tuple[str, ...]:
    """The names of the facts that are recorded with this code."""
    named = next((named for named in CATALOGUE if named.code == code), None)
    return tuple(field.name for field in fields(named)) if named else ()


def headline(code: str) -> str:
    """What stands above the first sentence of this code's explanation; empty for most."""
    return INVALID_SAML_RESPONSE if code in _REFUSED_SAML else ""
