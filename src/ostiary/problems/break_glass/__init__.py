"""Words for break-glass access. At its door there is one answer for every reason."""

from typing import Final

from ostiary.domain.break_glass import errors
from ostiary.kernel.errors import Named
from ostiary.problems.problem import Fixer, Problem, UserText

CATALOGUE: Final[dict[type[Named], Problem]] = {
    errors.BreakGlassRefused: Problem(
        title="Email, password and recovery code do not fit together.",
        cause="Nobody was signed in. What of the three is another is not told, nor who has break-glass access.",
        label="no break-glass access by these",
        steps=(
            "Type the three once more. Each recovery code works once: take one that is not crossed out.",
            "Break-glass access is for owners who were named: **Settings → Security → Break-glass access**.",
        ),
        fixer=Fixer.USER,
        user=UserText(
            title="These do not fit together",
            text="Check the email, the password and the code. Each code works once.",
        ),
        status=403,
        ends_with_again=False,
    ),
    errors.PasskeyRefused: Problem(
        title="The passkey opens nothing here.",
        cause="It is unknown or was removed, the page was open for more than five minutes, or it was left for another "
        "browser. Nobody was signed in.",
        label="no break-glass access by this passkey",
        steps=(
            "Open the page anew and use the passkey once more.",
            "If it is refused again, sign in with a recovery code, and ask another owner of the organization.",
        ),
        fixer=Fixer.USER,
        user=UserText(
            title="This passkey opens nothing here",
            text="Use it once more on this page, or sign in with a recovery code.",
        ),
        status=403,
        ends_with_again=False,
    ),
    errors.OwnersOnly: Problem(
        title="Break-glass access is for owners, and owners name each other. This account is: {received}.",
        cause="Nothing was changed.",
        label="no owner",
        steps=("Ask an owner of the organization.",),
        fixer=Fixer.ORG_ADMIN,
        user=UserText(title="Break-glass access is for owners", text="Ask an owner of your organization."),
        status=403,
        ends_with_again=False,
    ),
    errors.PasskeyUnusable: Problem(
        title="The passkey was not added.",
        cause="The browser's answer came too late, twice or from another page, or the passkey is here already. "
        "Nothing was changed.",
        label="passkey not added",
        steps=("Open **Settings → Security → Break-glass access → Add a passkey** and begin once more.",),
        fixer=Fixer.USER,
        user=UserText(title="The passkey was not added", text="Begin once more on the page before."),
        status=422,
        ends_with_again=False,
    ),
    errors.SignInNotFresh: Problem(
        title="The sign-in is older than {minutes} minutes, or did not come by single sign-on.",
        cause="This account has no password, so a fresh sign-in is asked for in its place: nobody shall do this in a "
        "session that was left open. Nothing was changed.",
        label="sign-in not fresh",
        steps=(
            "Open **Settings → Security → Break-glass access → Yours** and begin once more: the provider comes first.",
            "If the provider asks for nothing and the page comes back, sign out at the provider, and sign in again.",
        ),
        fixer=Fixer.USER,
        user=UserText(
            title="Sign in with SSO once more",
            text="You have no password here, so a fresh sign-in is asked for. Then you have ten minutes.",
        ),
        status=403,
        ends_with_again=False,
    ),
}
