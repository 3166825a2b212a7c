"""How we had proven who we are when an OpenID Connect provider did not take it: by a secret, by our key, by nothing."""

from collections.abc import Mapping
from dataclasses import replace

from ostiary.guides import ConnectionValues, Guide, Recipe
from ostiary.kernel.errors import Fact
from ostiary.problems.problem import Fixer, Problem
from ostiary.problems.refining.openid_error import by_error


def by_proof(problem: Problem, facts: Mapping[str, Fact], guide: Guide, values: ConnectionValues) -> Problem:
    """With what the vendor's own text means; or else, where no secret was sent, with what was in its place."""
    theirs = by_error(problem, facts, guide, values)
    if theirs is not problem:
        return theirs
    match facts.get("method"):
        case "private_key_jwt":
            return replace(
                problem,
                title="{Idp} does not take the signature by which {product} proves who it is.",
                cause="This connection proves itself by a key of {product}, and by no secret. {Idp} may not know that "
                "key, or may want to be addressed in another way. {unchanged}",
                label="our key is not taken",
                steps=(
                    "At {idp}, give the application {product} the address of our keys (JWKS URL): {copy:keys_uri}",
                    "If it has that address, choose another assertion audience under **{our_form} → Advanced**.",
                    "If both are right, the Client ID may be another one, or it wants a secret:",
                    Recipe.COPY_CLIENT_ID,
                    Recipe.SET_TOKEN_AUTHENTICATION,
                ),
                fixer=Fixer.IDP_ADMIN,
            )
        case "none":
            return replace(
                problem,
                title="{Idp} wants proof that the caller is {product}, and none was sent.",
                cause="This connection has no Client Secret, or is set to send none. {unchanged}",
                label="no secret was sent",
                steps=(
                    Recipe.NEW_SECRET,
                    "If one is saved here, the connection is set to send none:",
                    Recipe.SET_TOKEN_AUTHENTICATION,
                ),
            )
        case _:
            return problem
