"""Words for the form of an OpenID Connect connection. No text here quotes what was typed as a secret."""

from typing import Final

from ostiary.domain.openid import form_errors as errors
from ostiary.guides.guide import Recipe
from ostiary.kernel.errors import Named
from ostiary.problems.problem import SETUP, Fixer, Problem, Shown
from ostiary.problems.setup import NOT_SAVED, in_form

_FORM: Final[dict[type[Named], Problem]] = {
    errors.ValuesSwapped: in_form(
        title="{field} holds what looks like the {other}, and the other way round.",
        cause=NOT_SAVED,
        label="two values exchanged",
        steps=("Put each into its own field. A secret is not shown again, so paste it once more.",),
    ),
    errors.ValueIsUrl: in_form(
        title="{field} is a web address.",
        cause="The only address that {idp} gives is the Discovery URL. " + NOT_SAVED,
        label="{field} is a web address",
        steps=(Recipe.COPY_CLIENT_ID,),
    ),
    errors.ClientIdIsSecret: in_form(
        title="The Client ID looks like a secret.",
        cause="It was not kept, and it is not shown again: it would travel in every request, readable for all.",
        label="a secret in the place of the Client ID",
        steps=(Recipe.COPY_CLIENT_ID,),
    ),
    errors.SecretIsClientId: in_form(
        title="The Client Secret looks like a Client ID.",
        cause="It proves nothing: whoever has seen one sign-in knows it. " + NOT_SAVED,
        label="a Client ID in the place of the secret",
        steps=(Recipe.NEW_SECRET,),
    ),
    errors.SecretIsItsId: in_form(
        title="This is the Secret ID, not the Value of the secret.",
        cause="The two stand side by side, and the Value is shown only once. " + NOT_SAVED,
        label="a Secret ID in the place of the secret",
        steps=(Recipe.NEW_SECRET,),
    ),
    errors.SecretNeededAnew: in_form(
        title="The Client Secret has to be pasted for the new Discovery URL.",
        cause="The one that is saved belongs to another issuer, and is never sent to this one. " + NOT_SAVED,
        label="no secret for this issuer",
        steps=("Paste the Client Secret once more, and save.",),
        shows=(Shown("Saved for", "saved_for"), Shown("Now", "issuer")),
    ),
    errors.SecretLost: in_form(
        title="The Client Secret has to be pasted once more.",
        cause="A secret is never written back into a page, and nothing was saved.",
        label="secret to be pasted again",
        steps=("Paste it when the other values are right, and save.",),
    ),
    errors.SecretExpired: in_form(
        title="A secret that ended on {not_after} proves nothing any more.",
        cause=NOT_SAVED,
        label="secret ended on {not_after}",
        steps=(Recipe.NEW_SECRET,),
    ),
    errors.ValueUnreadable: in_form(
        title="{field}: {wanted}.",
        cause=NOT_SAVED,
        label="{field} can't be read",
        steps=("Correct it, or leave it as it was.",),
        shows=(Shown("Received", "received"),),
    ),
}

_FINDINGS: Final[dict[type[Named], Problem]] = {
    errors.SecretExpiresSoon: Problem(
        title="The last day of the Client Secret: {not_after}, {days_words}.",
        cause="From then on {idp} refuses {product}, and nobody can sign in with it. "
        "A new secret can be saved beside this one: sign-ins go on meanwhile.",
        label="secret until {not_after}",
        steps=(Recipe.NEW_SECRET,),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=200,
    ),
    errors.ProviderVouches: Problem(
        title="{Idp} counts as authoritative for your verified domains.",
        cause="Whoever can write an address there can sign in to the account of that address. "
        "Guests and people of other tenants are left out.",
        label="provider counts as authoritative",
        steps=(
            "Leave it on only where the admins of {idp} alone decide on addresses.",
            "Otherwise switch it off under **{our_form} → Advanced**.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=200,
        ends_with_again=False,
    ),
    errors.EmailNotAsked: Problem(
        title="The scopes ask for no email address.",
        cause="People who have never signed in with {idp} are recognised by it: without it they are refused. "
        "Asked for is: {scopes}.",
        label="no email among the scopes",
        steps=("Add email under **{our_form} → Advanced → Scopes**.", Recipe.ALLOW_SCOPES),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=200,
    ),
}

CATALOGUE: Final[dict[type[Named], Problem]] = {**_FORM, **_FINDINGS}
