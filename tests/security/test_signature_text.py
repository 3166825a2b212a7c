"""The base64 of a signature has one alphabet: another parser must not read another value in it."""

import re
from base64 import b64encode

import pytest

from ostiary import saml
from ostiary.saml.errors import SignatureStructure
from tests.saml.circumstances import usual
from tests.vectors.accepted import OKTA
from tests.vectors.message import signed
from tests.vectors.vector import document

GOOD = document(signed(OKTA.tree(), "Assertion")).decode()


@pytest.mark.parametrize("part", ["SignatureValue", "DigestValue"])
@pytest.mark.parametrize("put", ["\u00a0", "\u2003", "\u3000", "-", "%", "\uff21", "=A"])
def test_a_stranger_in_the_base64_is_refused(part: str, put: str) -> None:
    spoilt = re.sub(rf"(<ds:{part}>.{{8}})", rf"\1{put}", GOOD, count=1)
    with pytest.raises(SignatureStructure):
        saml.read_response(b64encode(spoilt.encode()), **usual())
