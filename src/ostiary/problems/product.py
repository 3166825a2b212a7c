"""Words for what is wrong with a sign-in or a request, for reasons of ours and not of the protocol."""

from typing import Final

from ostiary.domain import errors
from ostiary.guides.guide import Recipe
from ostiary.kernel.errors import Named
from ostiary.problems.problem import (
    ACCOUNT,
    ADDRESS,
    AGAIN,
    ASSIGNMENT,
    NO_ACCOUNT,
    OURS,
    PAGE,
    SETUP,
    Comparison,
    Fixer,
    Problem,
    Shown,
    UserText,
)

_LOGIN: Final[dict[type[Named], Problem]] = {
    errors.PasswordRefused: Problem(
        title="The email address and the password do not belong together.",
        cause="Which of the two is another one is not told, so that nobody can find out who has an account.",
        label="another password",
        steps=("Set a new password with **Forgot your password?** on the sign-in page.",),
        fixer=Fixer.USER,
        user=UserText(
            title="The email address and the password do not belong together",
            text="Type the password once more, or set a new one by mail.",
        ),
        status=403,
        ends_with_again=False,
    ),
    errors.OwnPasswordRefused: Problem(
        title="This is not the password of the account.",
        cause="What is asked for here is confirmed with it, so that a browser that was left open is not enough. "
        "{unchanged}",
        label="another password",
        steps=(
            "Type the password once more.",
            "Who has none, or has forgotten it, sets one with **Forgot your password?** on the sign-in page.",
        ),
        fixer=Fixer.USER,
        user=UserText(title="This is not your password", text="Type the password of this account once more."),
        status=403,
        ends_with_again=False,
    ),
    errors.TooManyAttempts: Problem(
        title="There were too many attempts to sign in. The next one counts in {wait_seconds_words}.",
        cause="The pause protects the account from being guessed. {unchanged}",
        label="too many attempts",
        steps=("Wait {wait_seconds_words}.",),
        fixer=Fixer.USER,
        user=UserText(
            title="Too many attempts in a short time",
            text="Wait a few minutes, then sign in once more. Single sign-on works meanwhile, "
            "and so does a mail with a new password.",
        ),
        status=429,
        ends_with_again=False,
    ),
    errors.TooManyStarts: Problem(
        title="Too many sign-ins were begun from one network in a short time.",
        cause="Each that is begun is kept for months, and nobody is asked who they are before. "
        "Sign-ins from elsewhere go on. Behind a proxy that is not known as one, everybody counts as one. {unchanged}",
        label="too many sign-ins begun",
        steps=(
            "Wait {wait_seconds_words}.",
            "For the operator, where browsers come through a proxy: name it in `OSTIARY_TRUSTED_PROXIES`.",
        ),
        fixer=Fixer.USER,
        user=UserText(
            title="Too many sign-ins were begun from your network",
            text="Wait a quarter of an hour, then sign in once more. From another network it works meanwhile.",
        ),
        status=429,
        ends_with_again=False,
    ),
    errors.EmailUnreadable: Problem(
        title="What was typed is no email address.",
        cause="It should look like name@company.example.",
        label="no email address",
        steps=("Type the whole address, with the part after the @.",),
        fixer=Fixer.USER,
        user=UserText(title="This is no email address yet", text="Type it whole, as in name@company.example."),
        status=400,
        ends_with_again=False,
    ),
    errors.NoSsoForDomain: Problem(
        title="Nobody signs in with SSO by addresses of {domain}.",
        cause="No organization with single sign-on switched on has verified this domain.",
        label="no SSO for {domain}",
        steps=(
            "Look whether {domain} is the company's own domain and is spelled right.",
            "If it is: open **Settings → Security → Domains**, add it and verify it.",
            "Guests from other domains begin at the organization's own link.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=UserText(
            title="There is no single sign-on for this address",
            text="Use the address that your company gave you, or sign in with a password.",
        ),
        status=403,
        ends_with_again=False,
    ),
    errors.NoAnswer: Problem(
        title="{Idp} has not answered. Most likely {who_is} not assigned to {product} yet.",
        cause="{Idp} shows its own page then, and tells {product} nothing. {unchanged}",
        label="no answer",
        steps=(Recipe.ASSIGN,),
        fixer=Fixer.IDP_ADMIN,
        user=ASSIGNMENT,
        status=403,
        shows=(Shown("Sent to", "sso_url", "SSO URL of this connection"),),
        otherwise_title="By what {idp} shows",
        otherwise=(
            ("{Idp} still asks for a sign-in", "{finish_it}"),
            ("{Idp} shows an error", "{acs_field} in {idp} must be exactly this: {copy:acs_url}"),
            ("The page was not found", "The SSO URL saved here must be {idp}'s {sso_url_field}: **{sso_url_path}**."),
        ),
    ),
    errors.AttemptUnknown: Problem(
        title="The answer belongs to no sign-in that {product} knows.",
        cause="Most likely it came from a bookmark, or long after the sign-in began. {unchanged}",
        label="answer to no sign-in",
        steps=("Begin at the sign-in page of {product}, or click the tile in {idp}.",),
        fixer=Fixer.USER,
        user=AGAIN,
        status=403,
    ),
    errors.AttemptExpired: Problem(
        title="The answer came after more than {minutes} minutes.",
        cause="A sign-in may take {minutes} minutes; this one began at {started_at}. {unchanged}",
        label="answer after {minutes} minutes",
        steps=("Begin once more at the sign-in page of {product}.",),
        fixer=Fixer.USER,
        user=AGAIN,
        status=403,
    ),
    errors.AttemptUsed: Problem(
        title="This sign-in was answered before. It counts once.",
        cause="Most likely the page was reloaded, or the back button was used. {unchanged}",
        label="answered before",
        steps=("Begin once more at the sign-in page of {product}.",),
        fixer=Fixer.USER,
        user=AGAIN,
        status=403,
    ),
    errors.AnsweredWithoutRequest: Problem(
        title="{Idp} answers as if nobody had asked it (without InResponseTo).",
        cause="{product} asked once, and would have to ask for ever. {unchanged}",
        label="answers name no request",
        steps=(
            "The SSO URL must be the address that takes requests, not the link behind the tile.",
            Recipe.COPY_SSO_URL,
        ),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=403,
    ),
    errors.TileRefused: Problem(
        title="This connection takes no sign-in from a tile.",
        cause="{Idp} answered without having been asked, and the connection refuses that. {unchanged}",
        label="from a tile",
        steps=(
            "Begin at the sign-in page of {product}, or use the organization's link as the tile's address.",
            "To let tiles work, choose “Becomes a sign-in of our own” under Advanced in the connection.",
        ),
        fixer=Fixer.USER,
        user=AGAIN,
        status=403,
    ),
    errors.BrowserChanged: Problem(
        title="The answer came from another browser than the one that began the sign-in.",
        cause="Or the browser no longer has the cookie of this sign-in. "
        "An answer counts only where it was asked for, so that nobody can be signed in as somebody else. {unchanged}",
        label="another browser",
        steps=(
            "Begin and finish the sign-in in one browser: a link from a mail may open another one.",
            "Let the browser keep cookies of {product}.",
        ),
        fixer=Fixer.USER,
        user=AGAIN,
        status=403,
    ),
    errors.ConnectionUnknown: Problem(
        title="No connection of {product} has this address.",
        cause="It was deleted, or the address in the identity provider is not complete. {unchanged}",
        label="unknown connection",
        steps=("Copy the ACS URL once more from **Settings → Security → Single Sign-On**.",),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=404,
    ),
    errors.ConnectionOff: Problem(
        title="Single sign-on with {idp} is switched off for {organization}.",
        cause="{Idp} may answer; the answer does not count while the switch is off. {unchanged}",
        label="connection switched off",
        steps=("Open **{settings}** and switch on **Enable** beside {idp}. It needs a passed test.",),
        fixer=Fixer.ORG_ADMIN,
        user=UserText(
            title="Your company's sign-in is switched off",
            text="Sign in with your password, or ask your IT team. Send them this reference.",
        ),
        status=403,
    ),
    errors.EmailNotReadable: Problem(
        title="{Idp} sends something as the email address that is none.",
        cause="It stands in {attribute}, and accounts are found by it. {unchanged}",
        label="no email address in {attribute}",
        steps=(
            "Look at {attribute} in **{attributes_path}**: its value must be the email address, and only one.",
            Recipe.SEND_EMAIL,
        ),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("Received", "received", "in {attribute}"),),
    ),
    errors.TransientSubject: Problem(
        title="{Idp}'s {name_id_field} changes with each sign-in (transient).",
        cause="Nobody can be recognised by it the next time. {nobody} until this is changed. {unchanged}",
        label="NameID changes each time",
        steps=(Recipe.SET_NAME_ID,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("Received", "received", "NameID format in {idp}'s answer"),),
    ),
    errors.AttributeAmbiguous: Problem(
        title="{Idp} sends several values as {attribute}.",
        cause="It decides who somebody is, so {product} does not choose one. {unchanged}",
        label="several values as {attribute}",
        steps=("Look at {attribute} in **{attributes_path}**: it must have one value.", Recipe.SEND_EMAIL),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("Received", "received", "{attribute} in {idp}'s answer"),),
    ),
    errors.DomainNotVerified: Problem(
        title="The address is in {domain}, a domain that {organization} has not verified.",
        cause="{Idp} answered correctly. An address opens an account only inside {organization}'s own, "
        "verified domains. {unchanged}",
        label="email not in a verified domain",
        steps=(
            "Open **Settings → Security → Domains** and add {domain}.",
            "Set the TXT record it shows at your DNS provider, then click **Check again**.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=ADDRESS,
        status=403,
        shows=(Shown("Address", "email"), Shown("Verified", "verified", "Domains of {organization}")),
        otherwise_title="If {domain} is not {organization}'s domain",
        otherwise=(("Another address", "Give {person} an address in a verified domain, in {idp}."),),
    ),
    errors.NoAccount: Problem(
        title="{email} has no account at {organization}, and this connection makes none.",
        cause="{Idp} answered correctly, and no account of {organization} has this address. {unchanged}",
        label="no account",
        steps=(
            "Make an account at {organization} with exactly this address: {copy:email}",
            "Or let the connection make accounts: open **{our_form}** and tick **Make accounts for new SSO users**.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=NO_ACCOUNT,
        status=403,
        otherwise_title="If {person} has an account already",
        otherwise=(("Another address", "Give {person} the address of that account, in {idp}."),),
    ),
    errors.AccountDeactivated: Problem(
        title="The account of {email} at {organization} was deactivated.",
        cause="{Idp} answered correctly. A deactivated account stays closed until an admin opens it. {unchanged}",
        label="account deactivated",
        steps=("If {email} should sign in again, activate the account in **Members**.",),
        fixer=Fixer.ORG_ADMIN,
        user=ACCOUNT,
        status=403,
    ),
    errors.LinkNeedsConfirmation: Problem(
        title="{email} has the role {role} at {organization}, and is tied to {idp} only after a confirmation.",
        cause="Otherwise whoever can write this address in {idp} would have that role. {unchanged}",
        label="needs a confirmation of the {role}",
        steps=(
            "Sign in as {email} with the password.",
            "Open **{our_form}**, click **Test Connection**, then **Use this identity for my account** in the report.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=UserText(
            title="Your account needs one confirmation before it signs in this way",
            text="Sign in with your password, run Test Connection in the single sign-on settings, "
            "and choose there to use this identity for your account.",
        ),
        status=403,
    ),
    errors.KeyNeedsConfirmation: Problem(
        title="{Idp} has a new key, and no owner has confirmed it yet.",
        cause="It came from the metadata by itself. Whoever can write there must not become {email}, who has the role "
        "{role}; everybody else signs in with it already. {unchanged}",
        label="a new key without the confirmation of an owner",
        steps=(
            "Ask in {idp} whether the key was changed there, and compare the fingerprint.",
            "Sign in as {email} with the password.",
            "Open **{our_form}** and click **Test Connection**: a passed test of an owner confirms the key.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=UserText(
            title="Your company's sign-in has a new key that an owner has to confirm",
            text="Sign in with your password and run Test Connection in the single sign-on settings.",
        ),
        status=403,
        shows=(Shown("SHA-256 of the certificate", "fingerprint"),),
    ),
    errors.LinkedToAnother: Problem(
        title="{email} is tied to another person in {idp} than the one who signed in.",
        cause="Most likely the mailbox was given to somebody new, or the NameID in {idp} was changed. {unchanged}",
        label="address of another person",
        steps=(
            "Find out whether it is the same person: compare both NameIDs in {idp}.",
            "The same person: set the NameID in {idp} back to the expected one. **{name_id_path}**",
            "Somebody new: deactivate the old account in **Members** first.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=ACCOUNT,
        status=403,
        compares=Comparison(
            whose="The NameID that {idp} sends for {email}",
            ours="the one that the account is tied to",
            expected_note="NameID that the account is tied to",
            received_note="NameID in {idp}'s answer",
        ),
    ),
    errors.SignInRequired: Problem(
        title="The page needs a signed-in person.",
        cause="The session has ended, or there was none.",
        label="not signed in",
        steps=("Sign in. The page opens after that.",),
        fixer=Fixer.USER,
        user=UserText(title="Sign in to see this page", text="It opens as soon as you are signed in."),
        status=401,
        ends_with_again=False,
    ),
    errors.AdminRequired: Problem(
        title="The page is for owners and admins.",
        cause="This account has the role {role}.",
        label="not an admin",
        steps=("Ask an owner of {organization} for the role Admin, or to do it for you.",),
        fixer=Fixer.ORG_ADMIN,
        user=UserText(title="This page is for admins", text="An owner of your organization can give you that role."),
        status=403,
        ends_with_again=False,
    ),
    errors.LinkExpired: Problem(
        title="The link was used before, or is too old.",
        cause="A link from a mail counts once.",
        label="link used or too old",
        steps=("Ask for a new one on the sign-in page.",),
        fixer=Fixer.USER,
        user=UserText(title="This link was used before, or is too old", text="The sign-in page sends you a new one."),
        status=410,
        ends_with_again=False,
    ),
    errors.PasswordTooShort: Problem(
        title="The password is shorter than {minimum} characters.",
        cause="Its length is all that counts: several words in a row are good.",
        label="password too short",
        steps=("Choose one with {minimum} characters or more.",),
        fixer=Fixer.USER,
        user=UserText(title="This password is too short", text="Several words in a row make a good one."),
        status=400,
        ends_with_again=False,
    ),
}

_REQUEST: Final[dict[type[Named], Problem]] = {
    errors.FormUnreadable: Problem(
        title="The form did not arrive as the page had sent it: {field}.",
        cause="A field is missing, stands there twice, or can't be read. Nothing was changed.",
        label="form can't be read",
        steps=("Open the page anew and fill it in once more.",),
        fixer=Fixer.USER,
        user=PAGE,
        status=400,
        ends_with_again=False,
    ),
    errors.BodyTooLarge: Problem(
        title="More arrived than this page takes.",
        cause="The most is {limit} bytes. Nothing was changed.",
        label="more than {limit} bytes",
        steps=("Upload a smaller file. A certificate has 1 to 4 kB, metadata seldom more than 50 kB.",),
        fixer=Fixer.USER,
        user=UserText(title="More arrived than this page takes", text="A smaller file will do."),
        status=413,
        ends_with_again=False,
    ),
    errors.BodyTooSlow: Problem(
        title="The form took more than {seconds_words} to arrive.",
        cause="The connection between the browser and {product} is slow or was cut. Nothing was changed.",
        label="form arrived too slowly",
        steps=("Open the page anew and send it once more.",),
        fixer=Fixer.USER,
        user=UserText(
            title="The form took too long to arrive", text="The network may be slow. Go back and send it once more."
        ),
        status=408,
        ends_with_again=False,
    ),
    errors.CallsWaiting: Problem(
        title="{at_once} calls to other servers are waiting for their answers already.",
        cause="Servers that hang must not slow down everybody else, so no more are begun. Nothing was changed.",
        label="calls are waiting",
        steps=("Take the step once more in a minute.",),
        fixer=Fixer.USER,
        user=UserText(
            title="Many calls to other servers are waiting",
            text="Nothing was changed. Go back and take the step once more in a minute.",
        ),
        status=503,
        ends_with_again=False,
    ),
    errors.OriginForeign: Problem(
        title="The form was sent from another site than {product}.",
        cause="A foreign page could act in the name of whoever is signed in, so it was not taken. Nothing was changed.",
        label="form from another site",
        steps=(
            "Open the page at its own address and fill it in there.",
            "If {product} is reached by several names, use the one in OSTIARY_PUBLIC_URL.",
        ),
        fixer=Fixer.USER,
        user=UserText(
            title="This form came from another site", text="Open the page at its own address, and fill it in there."
        ),
        status=403,
        shows=(Shown("Sent from", "received"),),
        ends_with_again=False,
    ),
    errors.PageUnknown: Problem(
        title="There is no such page.",
        cause="The address is not complete, or what it showed is gone.",
        label="no such page",
        steps=("Begin at the home page.",),
        fixer=Fixer.USER,
        user=UserText(title="There is no such page", text="The address is not complete, or what it showed is gone."),
        status=404,
        ends_with_again=False,
    ),
    errors.MethodRefused: Problem(
        title="The page can't be asked in this way.",
        cause="It takes {allowed}.",
        label="another method",
        steps=("Open the page by its link or its button.",),
        fixer=Fixer.USER,
        user=PAGE,
        status=405,
        ends_with_again=False,
    ),
}

CATALOGUE: Final[dict[type[Named], Problem]] = {**_LOGIN, **_REQUEST}

INTERNAL: Final = Problem(
    title="Something broke in {product}. It is not the fault of {idp} or of its settings.",
    cause="It is recorded, with all that is needed to find it. {unchanged}",
    label="a fault of ours",
    steps=("Give the reference to the support of {product}.",),
    fixer=Fixer.US,
    user=OURS,
    status=500,
)
"""For a bug of ours: it has no class, because it is no refusal."""

WITHOUT_CLASS: Final[dict[str, Problem]] = {"login.internal": INTERNAL, "request.broken": INTERNAL}
"""Codes under which a bug of ours is recorded."""

UNKNOWN: Final = Problem(
    title="It was refused for a reason that this version of {product} has no words for.",
    cause="Another version recorded it under the code above. {unchanged}",
    label="a reason without words",
    steps=("Give the reference to the support of {product}.",),
    fixer=Fixer.US,
    user=OURS,
    status=500,
)
"""For a code of a newer version, while two versions run beside one another."""
