"""Whose certificate it was: one that is saved in another connection of the same organization."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ostiary.guides import ConnectionValues, Guide
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Problem
from ostiary.saml import errors

AMONG_SIBLINGS: Final = frozenset(
    named.code
    for named in (
        errors.AudienceMismatch,
        errors.DestinationMismatch,
        errors.RecipientMismatch,
        errors.IssuerMismatch,
        errors.CertificateUnknown,
    )
)
"""Codes of which the organization's other connections may be the reason (`ConnectionValues.siblings`)."""


def by_owner(problem: Problem, facts: Mapping[str, Fact], _guide: Guide, values: ConnectionValues) -> Problem:
    """With the name of the connection whose certificate it is, where it is one of this organization's."""
    received = facts.get("received")
    owner = next((each for each in values.siblings if received and received in each.fingerprints), None)
    if owner is None:
        return problem
    name = owner.name.replace("{", "(").replace("}", ")")
    return replace(
        problem,
        title=f"{{Idp}} signed with the certificate of another connection: {name}.",
        cause=f"It is saved in {name}, and not in this connection. Most likely the two were exchanged when they were "
        "copied, or one certificate signs for both. {unchanged}",
        label="signed by another connection's certificate",
    )
