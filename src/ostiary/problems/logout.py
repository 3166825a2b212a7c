"""Words for what is wrong with a logout message, or what it says. Catalogue: one class, one Problem."""

from typing import Final

from ostiary.guides.guide import Recipe
from ostiary.kernel.errors import Named
from ostiary.problems.difference import Kind
from ostiary.problems.problem import Comparison, Fixer, Problem, Shown, UserText
from ostiary.saml.logout import errors

_NOT_ENDED: Final = "No session was ended by it, here or at {idp}. Signing out of {product} itself works as before."
_HERE: Final = "Here the person is signed out. {product} does that first, whatever {idp} answers."

NOT_DONE: Final = UserText(
    title="This sign-out was not done",
    text="Use the sign-out of the application itself. Your IT team finds the reason by the reference.",
)
UNCERTAIN: Final = UserText(
    title="You are signed out here",
    text="At your company's sign-in you may still be signed in. Sign out there too, or close the browser.",
)

_ASKED: Final[dict[type[Named], Problem]] = {
    errors.LogoutQueryRefused: Problem(
        title="The sign-out that came from {idp} holds no message that can be read.",
        cause="Its part {parameter} is {problem}. " + _NOT_ENDED,
        label="no logout message in it",
        steps=(
            Recipe.SET_LOGOUT,
            "Nothing may be added behind it: {idp} adds its message by itself.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=NOT_DONE,
        status=400,
    ),
    errors.LogoutMessageUnknown: Problem(
        title="A {received} came to the Single Logout URL, where a {expected} belongs.",
        cause="Most likely the URLs of signing in and signing out were exchanged in {idp}. " + _NOT_ENDED,
        label="another message than a logout",
        steps=(
            Recipe.SET_LOGOUT,
            "Go to **{acs_path}** and put in exactly this: {copy:acs_url}",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=NOT_DONE,
        status=400,
    ),
    errors.LogoutUnsigned: Problem(
        title="{Idp}'s {message} is not signed.",
        cause="Anybody could have written it, to sign somebody out or to say that it was done. " + _NOT_ENDED,
        label="{message} not signed",
        steps=(
            "Let {idp} sign its logout messages, where it lets you choose.",
            "{Idp} signs with the key of the certificate that is saved in this connection. No other key counts.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=NOT_DONE,
        status=403,
    ),
    errors.LogoutDestinationMismatch: Problem(
        title="{Idp}'s {logout_field} is not this connection's Single Logout URL.",
        cause=_NOT_ENDED,
        label="another Single Logout URL (Destination)",
        steps=(Recipe.SET_LOGOUT,),
        fixer=Fixer.IDP_ADMIN,
        user=NOT_DONE,
        status=403,
        compares=Comparison(
            whose="{Idp}'s {logout_field}",
            ours="this connection's Single Logout URL",
            expected_note="Single Logout URL of this connection",
            received_note="Destination in {idp}'s message",
            titles={Kind.NOTHING: "{Idp}'s logout message does not say where it was sent (Destination)."},
        ),
    ),
    errors.LogoutSubjectMissing: Problem(
        title="{Idp} asks to sign out, and does not say whom.",
        cause="Its LogoutRequest has no NameID. " + _NOT_ENDED,
        label="a logout that names nobody",
        steps=("Go to **{name_id_path}** and see that it has a value for every person.", Recipe.READ_LOG),
        fixer=Fixer.IDP_ADMIN,
        user=NOT_DONE,
        status=403,
    ),
    errors.LogoutNotYetValid: Problem(
        title="{Idp}'s logout message was written {seconds_words} from now.",
        cause="{Idp}'s clock is ahead. A difference of {allowed_seconds_words} is allowed. " + _NOT_ENDED,
        label="{seconds_words} too early",
        steps=(Recipe.SET_CLOCK,),
        fixer=Fixer.IDP_ADMIN,
        user=NOT_DONE,
        status=403,
        shows=(
            Shown("Our clock", "received_at", "when the message arrived"),
            Shown("{Idp}'s clock", "issued_at", "when it was written"),
        ),
    ),
    errors.LogoutExpired: Problem(
        title="{Idp}'s logout message was {seconds_words} too old when it arrived.",
        cause="Most likely {idp}'s clock is behind, or a page stood open before the message was sent. "
        "A difference of {allowed_seconds_words} is allowed. " + _NOT_ENDED,
        label="logout {seconds_words} too old",
        steps=(
            "Sign out at {idp} once more, without a pause.",
            Recipe.SET_CLOCK,
        ),
        fixer=Fixer.IDP_ADMIN,
        user=NOT_DONE,
        status=403,
        shows=(
            Shown("Our clock", "received_at", "when the message arrived"),
            Shown("{Idp}'s clock", "issued_at", "when it was written"),
            Shown("Counted until", "not_on_or_after", "{attribute}"),
        ),
    ),
    errors.LogoutReplayed: Problem(
        title="This logout message of {idp} was used before.",
        cause="The page was loaded a second time, or somebody sent a copy. The first one has done its work. "
        "This copy ended nothing.",
        label="logout used before",
        steps=("Nothing needs to be done. If it happens to one person again and again, send us the reference.",),
        fixer=Fixer.USER,
        user=UserText(title="This sign-out was done before", text="You can close this window."),
        status=403,
        ends_with_again=False,
    ),
}

_ANSWERED: Final[dict[type[Named], Problem]] = {
    errors.LogoutUnasked: Problem(
        title="{Idp} answers a sign-out that nobody here has asked for.",
        cause="It was answered before, more than 15 minutes have passed, or it belongs to another application. "
        "Nothing was changed by it.",
        label="answer to no sign-out",
        steps=(
            "After signing out in {product}: the person is signed out there, and nothing needs to be done.",
            "By itself: see that no other application in {idp} has this URL for its logout: {copy:slo_url}",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=UNCERTAIN,
        status=403,
        ends_with_again=False,
    ),
    errors.LogoutDenied: Problem(
        title="{Idp} has not signed the person out.",
        cause="{Idp} decided this, not {product}. " + _HERE,
        label="not signed out at {idp}",
        steps=(
            Recipe.READ_LOG,
            Recipe.TRUST_REQUESTS,
            "Where {idp} asks for the issuer of logout messages (SP Issuer), it is the Entity ID: {copy:entity_id}",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=UNCERTAIN,
        status=403,
        shows=(
            Shown("Status", "status"),
            Shown("In detail", "substatus"),
            Shown("Its own text", "message"),
        ),
        otherwise_title="If the certificate is there",
        otherwise=(
            ("AuthnFailed", "{Idp} could not check our signature: compare certificate and issuer letter by letter."),
            ("UnknownPrincipal", "The person's session at {idp} had ended before. Nothing needs to be done."),
            ("RequestDenied, Responder", "Single logout may be turned off for the app: look at **{logout_field}**."),
        ),
    ),
    errors.LogoutPartial: Problem(
        title="{Idp} could not sign the person out of every other application.",
        cause="At {idp} itself the session has ended. " + _HERE,
        label="other applications left over",
        steps=(
            Recipe.READ_LOG,
            "It names the applications that have not answered. Their sessions end by themselves, later.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=UserText(
            title="You are signed out",
            text="Another application of your company may still be signed in. Close the browser to be sure.",
        ),
        status=403,
        shows=(Shown("Its own text", "message"),),
        ends_with_again=False,
    ),
}

CATALOGUE: Final[dict[type[Named], Problem]] = {**_ASKED, **_ANSWERED}
"""One Problem for each class of `saml/logout/errors.py`."""
