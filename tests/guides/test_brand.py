"""What the product calls itself and its button stands in every guide and explanation, and no other name does."""

import pytest

from ostiary.domain.connection import Protocol
from ostiary.guides import ConnectionValues, Guide, RichText, guides
from ostiary.problems import Reader, explain
from ostiary.problems.catalogue import BY_CODE

VALUES = ConnectionValues(
    product="CloudTalk",
    organization="Acme",
    acs_url="the ACS URL",
    entity_id="the Entity ID",
    sign_in_label="Continue with the company",
)
OTHERS = ("Sign in with SSO", "Log in with SSO", "Ringline", "JustCall")
EVERY = [*guides(), *(each for each in guides(protocol=Protocol.OIDC))]


def texts(guide: Guide) -> list[str]:
    """Everything that an admin reads of a guide."""
    steps: list[RichText] = []
    for step in guide.steps:
        steps += [step.title, *step.notes]
        for item in step.items:
            steps += [item.text, *item.bullets]
    steps += [*guide.login_flow, *(trouble.solution for trouble in guide.troubleshooting)]
    return [each.plain for each in steps]


@pytest.mark.parametrize("guide", EVERY, ids=lambda guide: f"{guide.key}-{guide.protocol.value}")
def test_a_guide_quotes_the_button_and_the_product_as_they_are_set(guide: Guide) -> None:
    read = texts(guide.filled(VALUES.quoted()))
    assert any(VALUES.sign_in_label in each for each in read)
    assert any("CloudTalk" in each for each in read)
    assert [each for each in read for other in OTHERS if other in each] == []


def test_explanations_quote_it_too() -> None:
    found = [
        step.plain
        for code in BY_CODE
        for step in explain(code, {}, guide=None, values=VALUES, reader=Reader.ADMIN).steps
    ]
    assert any(VALUES.sign_in_label in step for step in found)
    assert [step for step in found for other in OTHERS if other in step] == []
