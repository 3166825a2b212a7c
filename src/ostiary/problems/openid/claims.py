"""Words for what an OpenID Connect provider says of a person, and nobody is refused for."""

from typing import Final

from ostiary.domain.openid import findings
from ostiary.guides.guide import Recipe
from ostiary.kernel.errors import Named
from ostiary.problems.problem import SETUP, Comparison, Fixer, Problem, Shown

_RECEIVED: Final = Shown("Received", "received", "Claims of {idp}")

CATALOGUE: Final[dict[type[Named], Problem]] = {
    findings.ClaimNameDiffers: Problem(
        title="{Idp} sends {received}. This connection reads {expected}.",
        cause="Names of claims are compared letter by letter, so it is not read. Sign-ins go on without it.",
        label="{received}, not {expected}",
        steps=(
            "In {product}, put {copy:received} into **{our_form} → Advanced**, in the place of {expected}.",
            "Or change the name in {idp}:",
            Recipe.RENAME_ATTRIBUTE,
        ),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=200,
        compares=Comparison(
            whose="The claim {received} that {idp} sends",
            ours="the {expected} that this connection reads",
            is_named=True,
            expected_note="Claim name of this connection",
            received_note="Claim name in {idp}'s answer",
        ),
        ends_with_again=False,
    ),
    findings.NamesNotSent: Problem(
        title="{Idp} did not send {expected}.",
        cause="Nobody is refused for it: a new account bears the address until somebody fills in a name.",
        label="{expected} not received",
        steps=(Recipe.SEND_NAMES,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=200,
        shows=(Shown("Expected", "expected", "Claim names of this connection"), _RECEIVED),
        ends_with_again=False,
    ),
    findings.GroupsOverage: Problem(
        title="{Idp} left the groups out and sent a reference to them ({received}).",
        cause="It does so where somebody is in too many groups, at Entra ID in more than 200. Sign-ins go on, without "
        "groups. {product} does not follow the reference: it has no access there.",
        label="groups left out",
        steps=(Recipe.SEND_FEWER_GROUPS,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=200,
        shows=(Shown("Expected", "expected", "Claim name of this connection"),),
        ends_with_again=False,
    ),
    findings.EmailUnverified: Problem(
        title="{Idp} does not vouch for the address {email}: {reason}.",
        cause="So it does not prove whose account it is. Where an account of this address exists, the person is asked "
        "for proof once: the password, or a code by mail.",
        label="address not vouched for",
        steps=(
            "Nothing has to be done here: each person is asked once, and never again.",
            "To spare them the question, have {idp} say that the address is verified:",
            Recipe.SEND_EMAIL,
            "If only your own people have addresses of your domains in {idp}, say so: **{our_form} → Advanced**.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=200,
        shows=(Shown("Looked at", "claim", "Claim of {idp}"),),
        ends_with_again=False,
    ),
    findings.UserinfoUnread: Problem(
        title="The ID token of {idp} lacks {missing}, and this connection never asks for the rest.",
        cause="Many providers put little into the ID token, and the rest where it is asked for (UserInfo). "
        "This connection is set to never ask there.",
        label="the rest of the claims is not asked for",
        steps=(
            "In {product}, let UserInfo be asked where something is missing: **{our_form} → Advanced**.",
            "Or have it put into the ID token:",
            Recipe.SEND_CLAIMS,
        ),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=200,
        ends_with_again=False,
    ),
    findings.SignOutReturns: Problem(
        title="{Idp} sends people back after signing out only to an address that is registered there.",
        cause="Signing out of {product} signs out at {idp} too. Without the address people end on the error page of "
        "{idp}. Sign-ins are not concerned.",
        label="address after signing out",
        steps=(
            "If the address stands there already, nothing has to be done. If not:",
            Recipe.SET_SIGNED_OUT,
        ),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=200,
        ends_with_again=False,
    ),
}
