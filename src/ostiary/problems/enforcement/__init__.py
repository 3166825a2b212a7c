"""Words for what is refused because single sign-on is enforced, and for what can't be enforced."""

from typing import Final

from ostiary.domain.enforcement import errors
from ostiary.kernel.errors import Named
from ostiary.problems.problem import Fixer, Problem, UserText

_SSO = UserText(
    title="Your company signs in with single sign-on",
    text="Passwords are not accepted there. Go on with single sign-on.",
)
_OTHER = UserText(
    title="Your company has chosen another way to sign in",
    text="Go back and type your company email: it leads to the right one.",
)

_LOGIN: Final[dict[type[Named], Problem]] = {
    errors.SsoEnforced: Problem(
        title="A password does not sign in: {organization} enforces single sign-on.",
        cause="As long as a connection is enforced, passwords are refused for everybody, right or not. {unchanged}",
        label="password refused, SSO is enforced",
        steps=(
            "Use **{sign_in_label}** instead.",
            "To accept passwords again, take the enforcement back: **Settings → Security → Single Sign-On**.",
        ),
        fixer=Fixer.USER,
        user=_SSO,
        status=403,
        ends_with_again=False,
    ),
    errors.PasswordLinkEnforced: Problem(
        title="A link to set a password was opened, and {organization} enforces single sign-on.",
        cause="A password could not sign in, so none is set. The link was not used up. {unchanged}",
        label="password link refused, SSO is enforced",
        steps=(
            "Use **{sign_in_label}** instead.",
            "To accept passwords again, take the enforcement back: **Settings → Security → Single Sign-On**.",
        ),
        fixer=Fixer.USER,
        user=UserText(
            title="Your company signs in with single sign-on",
            text="You need no password there, so this link sets none. Go on with single sign-on.",
        ),
        status=403,
        ends_with_again=False,
    ),
    errors.ConnectionNotEnforced: Problem(
        title="{organization} enforces another connection, and this one is only enabled.",
        cause="As soon as one connection is enforced, only enforced ones count, also from a tile. {unchanged}",
        label="another connection is enforced",
        steps=(
            "Sign in with the enforced connection, from the sign-in page or from {organization}'s own link.",
            "To accept this one too, enforce it as well: **Settings → Security → Single Sign-On**.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=_OTHER,
        status=403,
        ends_with_again=False,
    ),
    errors.SessionEnforced: Problem(
        title="The session has ended: {organization} enforces single sign-on since it began.",
        cause="It began with a password, or with a connection that is not enforced. Nothing that was saved is lost.",
        label="session ended, SSO is enforced",
        steps=("Press **{sign_in_label}**, and go on where you were.",),
        fixer=Fixer.USER,
        user=UserText(
            title="Your company signs in with single sign-on now",
            text="You were signed out, because you had come in another way. Sign in once more, with single sign-on.",
        ),
        status=401,
        ends_with_again=False,
    ),
}

_SETUP: Final[dict[type[Named], Problem]] = {
    errors.LastWayIn: Problem(
        title="Nobody who may change the settings of {organization} would get in.",
        cause="An owner or an admin has to keep a proven way in, so that this can be taken back. Nothing was changed.",
        label="the last way in would be closed",
        steps=(
            "Sign in once with the connection, as an owner or an admin. Its saved and tested settings count.",
            "An owner runs **Test Connection** first, and takes the identity for their own account there.",
            "Or name an owner for break-glass access, and sign in once with it.",
            "Or take the enforcement back first.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=UserText(
            title="Nobody could change this any more",
            text="An owner or an admin has to sign in once in the new way first. Nothing was changed.",
        ),
        status=409,
        ends_with_again=False,
    ),
    errors.EnforcedStill: Problem(
        title="This connection is enforced for {organization}.",
        cause="What follows from turning it off stands on the page that asks for it. Nothing was changed.",
        label="still enforced",
        steps=("Open the connection, read what follows, and confirm it there.",),
        fixer=Fixer.ORG_ADMIN,
        user=UserText(
            title="This connection is enforced",
            text="Open its page, read what follows from turning it off, and confirm it there. Nothing was changed.",
        ),
        status=409,
        ends_with_again=False,
    ),
    errors.NotEnabled: Problem(
        title="Only a connection that is enabled can be enforced.",
        cause="People could not sign in with it. Nothing was changed.",
        label="not enabled",
        steps=("Run **Test Connection** and enable the connection, then enforce it.",),
        fixer=Fixer.ORG_ADMIN,
        user=UserText(
            title="This connection is not enabled", text="Enable it first, then enforce it. Nothing was changed."
        ),
        status=409,
        ends_with_again=False,
    ),
    errors.EnforcementDateOutOfRange: Problem(
        title="The day has to lie between {earliest} and {latest}.",
        cause="People need some time between the mail and the day itself. Nothing was changed.",
        label="day out of range",
        steps=("Choose a day from {earliest} to {latest}, or enforce it for everyone now.",),
        fixer=Fixer.ORG_ADMIN,
        user=UserText(title="This day can't be chosen", text="Choose a later day, at most three months away."),
        status=400,
        ends_with_again=False,
    ),
}

CATALOGUE: Final[dict[type[Named], Problem]] = {**_LOGIN, **_SETUP}
