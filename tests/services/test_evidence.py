"""What a sign-in's timeline keeps of the person: bounded, whatever the provider sends."""

import pytest

from ostiary.domain.identity import Identity
from ostiary.kernel.values import EmailAddress
from ostiary.services.saml.evidence import GROUPS_SHOWN, person_facts

DANA = {"email": "dana@acme.example", "first_name": "Dana", "last_name": "Whitfield"}


@pytest.mark.parametrize(("count", "shown", "more"), [(1, 1, "0"), (GROUPS_SHOWN, GROUPS_SHOWN, "0"), (500, 20, "480")])
def test_of_many_groups_the_first_are_kept_and_the_rest_is_counted(count: int, shown: int, more: str) -> None:
    groups = tuple(f"g{number}" for number in range(count))
    assert person_facts(identity(groups)) == {**DANA, "groups": groups[:shown], "more_groups": more}


def test_without_groups_nothing_is_said_of_any() -> None:
    assert person_facts(identity(())) == DANA


def identity(groups: tuple[str, ...]) -> Identity:
    return Identity(
        issuer="https://idp.example",
        subject="dana",
        email=EmailAddress.parse("dana@acme.example"),
        first_name="Dana",
        last_name="Whitfield",
        groups=groups,
        is_vouched=True,
    )
