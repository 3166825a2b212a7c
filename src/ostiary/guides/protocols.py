"""Which fields and changes of a console belong to which protocol. A guide has all of its own, and no other."""

from typing import Final

from ostiary.domain.connection import Protocol
from ostiary.guides.guide import Field, Recipe

_OPENID_FIELDS: Final = frozenset(
    {
        Field.CLIENT_ID,
        Field.CLIENT_SECRET,
        Field.DISCOVERY_URL,
        Field.REDIRECT_URI,
        Field.SCOPES,
        Field.TOKEN_AUTHENTICATION,
        Field.INITIATE_LOGIN,
        Field.SIGNED_OUT,
        Field.GROUPS,
        Field.CONSENT,
    }
)
_SHARED_FIELDS: Final = frozenset({Field.ATTRIBUTES, Field.ASSIGNMENT, Field.SIGNATURE, Field.LOGOUT})
"""With OpenID Connect, attributes are claims, and the signature is that of ID tokens."""

_OPENID_RECIPES: Final = frozenset(
    {
        Recipe.SET_REDIRECT_URI,
        Recipe.COPY_DISCOVERY_URL,
        Recipe.COPY_CLIENT_ID,
        Recipe.NEW_SECRET,
        Recipe.SET_TOKEN_AUTHENTICATION,
        Recipe.ALLOW_CODE_FLOW,
        Recipe.ALLOW_SCOPES,
        Recipe.GIVE_CONSENT,
        Recipe.SEND_CLAIMS,
        Recipe.SIGN_RS256,
        Recipe.NEW_SIGNING_KEY,
        Recipe.SET_INITIATE_LOGIN,
        Recipe.SET_SIGNED_OUT,
        Recipe.ASK_SECOND_FACTOR,
        Recipe.SET_HTTPS,
    }
)
_SHARED_RECIPES: Final = frozenset(
    {
        Recipe.ASSIGN,
        Recipe.SEND_EMAIL,
        Recipe.SEND_NAMES,
        Recipe.RENAME_ATTRIBUTE,
        Recipe.SEND_FEWER_GROUPS,
        Recipe.SEND_PLAIN,
        Recipe.SET_ENCRYPTION,
        Recipe.SET_LOGOUT,
        Recipe.READ_LOG,
        Recipe.SET_CLOCK,
        Recipe.SIGN_IN_AGAIN,
    }
)

FIELDS: Final = {
    Protocol.SAML: tuple(field for field in Field if field not in _OPENID_FIELDS),
    Protocol.OIDC: tuple(field for field in Field if field in _OPENID_FIELDS | _SHARED_FIELDS),
}
RECIPES: Final = {
    Protocol.SAML: tuple(recipe for recipe in Recipe if recipe not in _OPENID_RECIPES),
    Protocol.OIDC: tuple(recipe for recipe in Recipe if recipe in _OPENID_RECIPES | _SHARED_RECIPES),
}
