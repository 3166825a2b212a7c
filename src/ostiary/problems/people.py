"""Words for what an answer says of a person: other names than expected, subjects, groups, addresses."""

from typing import Final

from ostiary.domain.attributes import errors
from ostiary.domain.openid import errors as openid
from ostiary.guides.guide import Recipe
from ostiary.kernel.errors import Named
from ostiary.problems.problem import ADDRESS, SETUP, Comparison, Fixer, Problem, Shown, UserText

CATALOGUE: Final[dict[type[Named], Problem]] = {
    errors.EmailNamedOtherwise: Problem(
        title="{Idp} sends the email address as {received}. This connection reads {expected}.",
        cause="{product} takes nothing from a name that this connection does not have. {unchanged}",
        label="email under another name",
        steps=("Put {copy:received} into **{our_form} → People → Email**, save and test.",),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=403,
        compares=Comparison(
            whose="The attribute {received} that {idp} sends",
            ours="the {expected} that this connection reads",
            is_named=True,
            expected_note="Attribute name of this connection",
            received_note="Attribute name in {idp}'s answer",
        ),
        otherwise_title="If {idp} is to be changed instead",
        otherwise=(("Send it as {expected}", Recipe.SEND_EMAIL),),
    ),
    errors.SubjectIsEntity: Problem(
        title="{Idp}'s {name_id_field} names a system, not a person (entity).",
        cause="It is the same for everybody, so people can't be told apart by it. "
        "{nobody} until this is changed. {unchanged}",
        label="NameID names a system",
        steps=(Recipe.SET_NAME_ID,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("Received", "received", "NameID in {idp}'s answer"),),
    ),
    errors.AttributeNamedOtherwise: Problem(
        title="{Idp} sends {received}. This connection reads {expected}.",
        cause="{field} is not read from it: {product} takes nothing from a name that this connection does not have.",
        label="{received}, not {expected}",
        steps=(
            "Put {copy:received} into **{our_form} → People → {field}**, save and test.",
            "Or change the name in {idp}: **{attributes_path}**.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=200,
        compares=Comparison(
            whose="The attribute {received} that {idp} sends",
            ours="the {expected} that this connection reads",
            is_named=True,
            expected_note="Attribute name of this connection",
            received_note="Attribute name in {idp}'s answer",
        ),
        ends_with_again=False,
    ),
    errors.GroupsOmitted: Problem(
        title="{Idp} left the groups out and sent a link to them ({received}).",
        cause="It does so where somebody is in more than 150 groups. Sign-ins go on, without groups. "
        "{product} does not follow the link: it has no access there.",
        label="groups left out",
        steps=(
            "Go to **{attributes_path}**, open the group claim and choose **Groups assigned to the application**.",
            "Assign the groups that {product} needs: **{assignment_path}**.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=200,
        shows=(Shown("Expected", "expected", "Attribute name of this connection"),),
    ),
    errors.GroupsCut: Problem(
        title="Of {received} groups in {attribute}, {kept} are read.",
        cause="{product} reads up to 500 groups of a person, with names of up to 256 characters that can be shown. "
        "Sign-ins go on.",
        label="{kept} of {received} groups read",
        steps=("Go to **{attributes_path}** and send fewer groups: only those that {product} needs.",),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=200,
    ),
    openid.EmailMissing: Problem(
        title="{Idp} sent no email address for somebody who has not signed in before.",
        cause="This connection reads the claim {expected}. No other claim takes its place: a user name that looks like "
        "an address is none. {unchanged}",
        label="no email address received",
        steps=(
            Recipe.SEND_EMAIL,
            "This connection asks for it with the scope `email`: **{our_form} → Advanced → Scopes**.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=ADDRESS,
        status=403,
        shows=(
            Shown("Expected", "expected", "Claim name of this connection"),
            Shown("Received", "received", "Claims in {idp}'s answer"),
        ),
    ),
    openid.GoogleClientMissing: Problem(
        title="{product} has no Google client yet.",
        cause="Nothing has to be put in for Google because the operator of {product} registers one client there for "
        "everybody. That has not been done, or it was taken away. {unchanged}",
        label="no Google client",
        steps=(
            "Tell the support of {product}.",
            "For the operator: set `OSTIARY_GOOGLE_CLIENT_ID` and `OSTIARY_GOOGLE_CLIENT_SECRET`.",
            "Or connect Google with a client of your own.",
        ),
        fixer=Fixer.OPERATOR,
        user=SETUP,
        status=503,
        ends_with_again=False,
    ),
    openid.LinkingOff: Problem(
        title="{email} has an account at {organization}, and this connection ties nobody to an account by address.",
        cause="That is how the connection is set up. {unchanged}",
        label="linking by address is off",
        steps=(
            "Let people be tied by their verified address: **{our_form} → Advanced**.",
            "Or remove the account, if it is not this person's any more.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=403,
    ),
    openid.PossessionNeeded: Problem(
        title="{email} has an account already, and {idp} alone does not prove that it is this person's.",
        cause="Either {idp} does not say that the address is verified, or it lies outside the verified domains, "
        "or the account is an owner's. The person is asked for proof once: the password, or a code by mail. "
        "{unchanged}",
        label="proof of the account",
        steps=(
            "Nothing has to be done here if the person goes on: the page asks for the password or a mailed code.",
            "To spare others the question, have {idp} send `email_verified`.",
        ),
        fixer=Fixer.USER,
        user=UserText(
            title="Show once that this account is yours",
            text="An account with your address exists already. Prove once that it is yours, "
            "and from then on you are signed in directly.",
        ),
        status=403,
    ),
    openid.CodeWrong: Problem(
        title="The code is not the one that was mailed.",
        cause="Only the newest code counts. {unchanged}",
        label="another code than the mailed one",
        steps=("Type the six digits of the newest mail.",),
        fixer=Fixer.USER,
        user=UserText(title="The code does not fit", text="Type the six digits of the newest mail."),
        status=403,
    ),
    openid.CodeExpired: Problem(
        title="The code, or the page that asks for it, has ended.",
        cause="Both last ten minutes and count once; five wrong codes end the code. {unchanged}",
        label="the code has ended",
        steps=("Sign in again to get another one.",),
        fixer=Fixer.USER,
        user=UserText(title="This page has ended", text="It counts for ten minutes, and once. Sign in again to go on."),
        status=403,
    ),
}
