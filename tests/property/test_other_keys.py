"""An answer that is signed anew, by any other key, is refused: whatever certificate it carries."""

import pytest

from ostiary.kernel.errors import Refusal
from tests.property.placements import PLACEMENTS, genuine
from tests.vectors.message import Signing

EVERY_PLACEMENT = pytest.mark.parametrize("name", PLACEMENTS)
OTHERS = ("stranger", "idp-next", "expired", "weak", "ec")
CARRIED = ("same", "idp", None)
CODES = {"saml.certificate_unknown", "saml.signature_wrong"}


@EVERY_PLACEMENT
@pytest.mark.parametrize("carries", CARRIED, ids=str)
@pytest.mark.parametrize("key", OTHERS)
def test_another_key_signs_for_nobody(name, key, carries):
    genuine(name)
    placement = PLACEMENTS[name]
    outcome = placement.read(placement.tree(how=Signing(key=key, carries=carries)))
    assert isinstance(outcome, Refusal)
    hides_why = placement.encrypting is not None and "Response" not in placement.signed
    assert outcome.code in (CODES | {"saml.decryption_failed"} if hides_why else CODES)


@pytest.mark.parametrize("name", [name for name, placement in PLACEMENTS.items() if len(placement.signed) > 1])
@pytest.mark.parametrize("key", OTHERS)
def test_of_two_signatures_both_must_be_good(name, key):
    genuine(name)
    placement = PLACEMENTS[name]
    for inside, outside in ((Signing(key=key), Signing()), (Signing(), Signing(key=key))):
        outcome = placement.read(placement.tree(how=inside, outside=outside))
        assert isinstance(outcome, Refusal)
        assert outcome.code in CODES
