"""Words for tokens that arrive encrypted, or should, and for what is wrong with their envelope."""

from typing import Final

from ostiary.guides.guide import Recipe
from ostiary.kernel.errors import Named
from ostiary.oidc import encryption_errors as errors
from ostiary.problems.problem import SETUP, Fixer, Problem, Shown

_NOBODY: Final = "{nobody} until this is changed. {unchanged}"
_ONE: Final = "Only this sign-in is affected. {unchanged}"
_ANOTHER_HAND: Final = "Ask who sent it: {idp} does not write this by itself."
SWITCH: Final = "**{our_form} → Advanced → ID tokens arrive encrypted**"
"""Where it is turned on and off."""
_OR_PLAIN: Final = f"Or let ID tokens come plain: in {{product}}, turn off {SWITCH}; in {{idp}}, their encryption."

CATALOGUE: Final[dict[type[Named], Problem]] = {
    errors.TokenEncrypted: Problem(
        title="{Idp} has sent an encrypted {what}. This connection takes plain ones.",
        cause="Its switch for encrypted ones is off. " + _NOBODY,
        label="encrypted",
        steps=(
            f"In {{product}}, turn on {SWITCH} and click **Save Configuration**.",
            "Let {idp} encrypt to the keys that this connection then publishes: {copy:keys_uri}",
            "Or have it sent plain:",
            Recipe.SEND_PLAIN,
        ),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.TokenNotEncrypted: Problem(
        title="{Idp} has sent a plain ID token. This connection takes encrypted ones.",
        cause="What is signed holds either way; but somebody has set here that nobody on the way may read it. "
        + _NOBODY,
        label="not encrypted",
        steps=(
            Recipe.SET_ENCRYPTION,
            f"Or take plain ones: in {{product}}, turn off {SWITCH} and click **Save Configuration**.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.KeyEncryptionRefused: Problem(
        title="The token's key is encrypted by {received}, which {product} does not take.",
        cause="It takes {expected}, to the keys that this connection publishes. " + _NOBODY,
        label="encrypted by {received}",
        steps=(Recipe.SET_ENCRYPTION, _OR_PLAIN),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.ContentEncryptionRefused: Problem(
        title="The token's content is encrypted by {received}, which {product} does not take.",
        cause="It takes {expected}. " + _NOBODY,
        label="encrypted by {received}",
        steps=(Recipe.SET_ENCRYPTION, _OR_PLAIN),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.TokenCompressed: Problem(
        title="The token is compressed (zip: {received}).",
        cause="What is small may unpack to any size, so nothing is unpacked. " + _NOBODY,
        label="compressed",
        steps=("In {idp}, switch off the compression of encrypted tokens.", _OR_PLAIN),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.EncryptionKeyUnknown: Problem(
        title="The token is encrypted to a key that this connection does not have.",
        cause="Most likely {idp} holds a key that was removed here, or that of another connection. " + _NOBODY,
        label="encrypted to an unknown key",
        steps=("Let {idp} read our keys anew.", Recipe.SET_ENCRYPTION),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
        shows=(Shown("Received", "received", "Key that the token names"), Shown("Known", "known", "Our keys")),
    ),
    errors.TokenNotOpened: Problem(
        title="The encrypted token could not be opened.",
        cause="It was changed on the way, or is encrypted to another key than ours. Which of them, nobody is told: it "
        "would help those who guess. " + _ONE,
        label="could not be opened",
        steps=("Let {idp} read our keys anew.", Recipe.SET_ENCRYPTION),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
        shows=(
            Shown("Key that the token names", "key"),
            Shown("Encryption of the key (alg)", "algorithm"),
            Shown("Encryption of the content (enc)", "content"),
        ),
    ),
    errors.TokenUnsigned: Problem(
        title="The token was encrypted, but not signed.",
        cause="Everybody can encrypt to a key that is published, so this is nobody's word. " + _NOBODY,
        label="encrypted, not signed",
        steps=(Recipe.SIGN_RS256,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.TokenTwiceEncrypted: Problem(
        title="Inside the encrypted token is another encrypted one.",
        cause="A signed one belongs there. " + _ONE,
        label="encrypted twice",
        steps=(_ANOTHER_HAND,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
}
