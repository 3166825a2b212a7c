"""Words for what is wrong with a SAML message. Catalogue: one class, one Problem."""

from typing import Final

from ostiary.domain import errors as domain
from ostiary.guides.guide import Recipe
from ostiary.kernel.errors import Named
from ostiary.problems.difference import Kind
from ostiary.problems.problem import AGAIN, SETUP, Comparison, Fixer, Problem, Shown
from ostiary.saml import errors

NOBODY = "{nobody} until the two are the same. {unchanged}"
NOBODY_UNTIL_FIXED = "{nobody} until this is changed. {unchanged}"
ONE_ANSWER = "Only this answer is affected. {unchanged}"
RESET = "If it happens again, send the reference to the support of {product}, with the name of the identity provider."

NEAR_NAME = dict.fromkeys(
    (Kind.LETTER_CASE, Kind.SPACE, Kind.QUOTES), "{Idp} sends {nearest}. This connection reads {email_attribute}."
)

_UNREADABLE: Final[dict[type[Named], Problem]] = {
    errors.TooLarge: Problem(
        title="{Idp}'s answer is larger than {product} reads.",
        cause="It has {received} characters, the most is {limit}. "
        "A long list of groups is the usual reason. {unchanged}",
        label="answer too large",
        steps=(
            Recipe.SEND_FEWER_GROUPS,
            "{product} needs {email_attribute}, {first_name_attribute} and {last_name_attribute}, and nothing else.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=413,
    ),
    errors.NotBase64: Problem(
        title="The answer was damaged on its way to {product}.",
        cause="It is not the text that {idp} wrote (base64): {found} stands in it. "
        "Most likely a proxy or a browser extension has changed the form. {unchanged}",
        label="damaged on the way",
        steps=(
            "Sign in from a private window, without extensions.",
            "If a proxy stands between the browser and {product}, let it pass {copy:acs_url} unchanged.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=AGAIN,
        status=400,
    ),
    errors.NotXml: Problem(
        title="{Idp}'s answer is cut short or damaged.",
        cause="It could not be read to its end: {detail}, line {line}. {unchanged}",
        label="cut short or damaged",
        steps=("Sign in from a private window, without extensions.", RESET),
        fixer=Fixer.ORG_ADMIN,
        user=AGAIN,
        status=400,
    ),
    errors.DoctypeRefused: Problem(
        title="The answer has a document type, which no SAML message needs.",
        cause="Messages of this kind are a known attack, so nothing of it was read. {unchanged}",
        label="document type in the answer",
        steps=(
            "Ask who sent it: an identity provider does not write this by itself.",
            "If it came from {idp}, send the reference to the support of {product}.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.TooComplex: Problem(
        title="{Idp}'s answer has more parts than any real one.",
        cause="The limit of {limit} for its {what} is passed. Messages of this kind are a known attack. {unchanged}",
        label="too many parts",
        steps=(Recipe.SEND_FEWER_GROUPS, RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.XmlFeatureRefused: Problem(
        title="The answer uses a part of XML that no SAML message needs.",
        cause="It is of the kind: {feature}. Attacks have used it, so nothing of the answer was read. {unchanged}",
        label="unusual XML in the answer",
        steps=("Ask who sent it: an identity provider does not write this by itself.", RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
        shows=(Shown("Found", "received"),),
    ),
    errors.DuplicateId: Problem(
        title="Two parts of the answer have the same ID.",
        cause="A signature of one could be taken for that of the other, which is a known attack. {unchanged}",
        label="one ID twice",
        steps=("Ask who sent it: an identity provider does not write this by itself.", RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
        shows=(Shown("ID", "received"),),
    ),
    errors.IdAmbiguous: Problem(
        title="A part of the answer could be mistaken for another one.",
        cause="Its {element} has the attribute {attribute} beside its ID, which is a known attack. {unchanged}",
        label="an ID in two spellings",
        steps=("Ask who sent it: an identity provider does not write this by itself.", RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.NotAResponse: Problem(
        title="What arrived is no answer to a sign-in, but another SAML message.",
        cause="Its outermost part is {received}. The ACS URL takes a Response. {unchanged}",
        label="another kind of message",
        steps=(
            "Look at which field of {idp} holds our ACS URL: it belongs into **{acs_path}** and nowhere else.",
            Recipe.SET_ACS,
        ),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.VersionRefused: Problem(
        title="{Idp} answered in another version of SAML than 2.0.",
        cause="The version of its {element} is {received}. " + NOBODY_UNTIL_FIXED,
        label="another version of SAML",
        steps=("Set the app {product} in {idp} to SAML 2.0. If it was made for SAML 1.1, make a new one.",),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.StructureRefused: Problem(
        title="A part of {idp}'s answer is {problem}: {element}.",
        cause="Such an answer could be read in two ways, so it was not read at all. {unchanged}",
        label="a part is {problem}",
        steps=("Sign in once more. If the same is refused again, {idp} writes it this way.", RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
    ),
    errors.TimeUnreadable: Problem(
        title="A time in {idp}'s answer can't be read: {attribute}.",
        cause="SAML wants a date, a time and a zone, as 2026-05-14T10:28:04Z. {unchanged}",
        label="a time that can't be read",
        steps=("Set the app {product} in {idp} to its standard SAML settings.", RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=400,
        shows=(Shown("Received", "received"),),
    ),
}

_REPORTED: Final[dict[type[Named], Problem]] = {
    errors.StatusDenied: Problem(
        title="{Idp} answered that it has signed nobody in.",
        cause="{Idp} decided this, not {product}. Its log tells more than its answer. {unchanged}",
        label="{idp} signed nobody in",
        steps=(Recipe.READ_LOG, Recipe.ASSIGN),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(
            Shown("Status", "status"),
            Shown("In detail", "substatus"),
            Shown("Its own text", "message", "not verified"),
        ),
    ),
    errors.AssertionCount: Problem(
        title="{Idp}'s answer holds {received} statements about a person (assertions). Exactly one is read.",
        cause="With none there is nobody to sign in, with several it would be a guess. {unchanged}",
        label="{received} assertions, not one",
        steps=("Set the app {product} in {idp} to send one signed assertion.", Recipe.SIGN),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
    ),
    errors.EncryptedRefused: Problem(
        title="{Idp} encrypts its answer, and this connection has no key to open it.",
        cause="The encrypted part is {element}. " + NOBODY_UNTIL_FIXED,
        label="encrypted answer",
        steps=(Recipe.SEND_PLAIN,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
    ),
}

_ENCRYPTION: Final[dict[type[Named], Problem]] = {
    errors.EncryptionRefused: Problem(
        title="{Idp} encrypts its answer with {algorithm}, which this connection does not take.",
        cause="{product} takes AES-GCM with RSA-OAEP. The encrypted part is {element}. " + NOBODY_UNTIL_FIXED,
        label="encrypted with {algorithm}",
        steps=(Recipe.SET_ENCRYPTION,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("Algorithm", "uri", "of the {element}"),),
    ),
    errors.DecryptionFailed: Problem(
        title="{Idp}'s answer is encrypted and could not be opened.",
        cause="{Idp} has encrypted the {element} for another certificate than that of this connection, it was changed "
        "on its way, or what is inside is not signed. {product} does not say which: it would help an attacker. "
        "{unchanged}",
        label="could not be decrypted",
        steps=(
            Recipe.GIVE_ENCRYPTION_CERTIFICATE,
            Recipe.SIGN,
        ),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
    ),
    errors.DecryptionPaused: Problem(
        title="Many answers could not be opened, so {product} opens no more of this kind for an hour.",
        cause="{Idp} encrypts the {element} in a way that somebody could guess at piece by piece, and does not sign "
        "what is around it. After many that could not be opened, {product} waits. {unchanged}",
        label="decryption paused",
        steps=(
            Recipe.SET_ENCRYPTION,
            "Or let {idp} sign the response as well as the assertion:",
            Recipe.SIGN,
            "Or wait an hour.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=AGAIN,
        status=403,
    ),
}

_SIGNATURE: Final[dict[type[Named], Problem]] = {
    errors.SignatureMissing: Problem(
        title="{Idp}'s answer is not signed.",
        cause="Without a signature anybody could have written it. " + NOBODY_UNTIL_FIXED,
        label="not signed",
        steps=(Recipe.SIGN,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
    ),
    errors.SignatureStructure: Problem(
        title="The signature of {idp}'s answer is not built as SAML wants it.",
        cause="What stands out is {part}, in the signature of the {element}. {unchanged}",
        label="unusual signature",
        steps=(Recipe.SIGN, RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
    ),
    errors.SignatureReference: Problem(
        title="A signature in the answer covers something else than the part in which it stands.",
        cause="This is how signed messages are forged (signature wrapping), so nothing of it was believed. {unchanged}",
        label="signature of another part",
        steps=("Ask who sent it: an identity provider does not write this by itself.", RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(
            Shown("Expected", "expected", "ID of the {element}"),
            Shown("Received", "received", "ID that the signature covers"),
        ),
    ),
    errors.AlgorithmRefused: Problem(
        title="{Idp} signs with {algorithm}, which is no longer safe.",
        cause="{product} takes SHA-256 and stronger. " + NOBODY_UNTIL_FIXED,
        label="signed with {algorithm}",
        steps=(Recipe.SIGN_SHA256,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("Algorithm", "uri", "in the signature of the {element}"),),
    ),
    errors.CanonicalizationRefused: Problem(
        title="{Idp}'s signature is made over a form of XML that this connection does not take.",
        cause="The form is: {algorithm}. {product} takes exclusive canonicalization. " + NOBODY_UNTIL_FIXED,
        label="signed form: {algorithm}",
        steps=(Recipe.SIGN_EXCLUSIVE, RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
    ),
    errors.KeyTooWeak: Problem(
        title="The key with which {idp} signs has {bits} bits. At least {minimum} are needed.",
        cause="A key of this length can be broken. " + NOBODY_UNTIL_FIXED,
        label="key of {bits} bits",
        steps=(Recipe.NEW_CERTIFICATE, Recipe.COPY_CERTIFICATE),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("Certificate", "fingerprint"),),
    ),
    errors.SignatureWrong: Problem(
        title="{Idp}'s answer was changed after it was signed.",
        cause="The key is the one saved here, and the {element} is not what it signed. "
        "Most likely something between {idp} and {product} rewrites messages. {unchanged}",
        label="changed after it was signed",
        steps=(
            "Sign in from a private window, without extensions.",
            "If a proxy stands between the browser and {product}, let it pass {copy:acs_url} unchanged.",
            RESET,
        ),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=403,
    ),
    errors.CertificateUnknown: Problem(
        title="{Idp} signed with a certificate that is not saved in this connection.",
        cause="Most likely {idp} has a new certificate, or that of another app was copied. "
        "{nobody} until it is saved here. {unchanged}",
        label="signed by an unknown certificate",
        steps=(Recipe.COPY_CERTIFICATE,),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=403,
        shows=(
            Shown("Expected", "expected", "Certificate saved in this connection (SHA-256)"),
            Shown("Received", "received", "Certificate in {idp}'s answer (SHA-256, not verified)"),
            Shown("Its subject", "received_subject", "not verified"),
        ),
    ),
    errors.CertificateExpired: Problem(
        title="The certificate saved in this connection expired on {not_after}, and {idp} signs with another one.",
        cause="{Idp} has a new certificate. {nobody} until it is saved here. {unchanged}",
        label="certificate expired on {not_after}",
        steps=(Recipe.COPY_CERTIFICATE,),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=403,
        shows=(
            Shown("Expired", "expired_fingerprint", "Certificate saved in this connection (SHA-256)"),
            Shown("Received", "received", "Certificate in {idp}'s answer (SHA-256, not verified)"),
            Shown("Its subject", "received_subject", "not verified"),
        ),
    ),
}

_ADDRESS: Final[dict[type[Named], Problem]] = {
    errors.AudienceMismatch: Problem(
        title="{Idp}'s {audience_field} is not this connection's Entity ID.",
        cause=NOBODY,
        label="another audience",
        steps=(Recipe.SET_AUDIENCE,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        compares=Comparison(
            whose="{Idp}'s {audience_field}",
            ours="this connection's Entity ID",
            expected_note="Entity ID of this connection",
            received_note="Audience in {idp}'s answer",
        ),
    ),
    errors.AudienceMissing: Problem(
        title="{Idp}'s {audience_field} is empty.",
        cause="An answer must say for whom it is, or it could be used elsewhere. " + NOBODY_UNTIL_FIXED,
        label="no audience",
        steps=(Recipe.SET_AUDIENCE,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("Expected", "expected", "Entity ID of this connection"),),
    ),
    errors.DestinationMismatch: Problem(
        title="{Idp}'s {acs_field} is not this connection's ACS URL.",
        cause=NOBODY,
        label="another ACS URL (Destination)",
        steps=(Recipe.SET_ACS,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        compares=Comparison(
            whose="{Idp}'s {acs_field}",
            ours="this connection's ACS URL",
            expected_note="ACS URL of this connection",
            received_note="Destination in {idp}'s answer",
            titles={Kind.NOTHING: "{Idp}'s answer does not say where it was sent (Destination)."},
        ),
    ),
    errors.RecipientMismatch: Problem(
        title="The recipient in {idp}'s answer is not this connection's ACS URL.",
        cause=NOBODY,
        label="another ACS URL (Recipient)",
        steps=(Recipe.SET_ACS,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        compares=Comparison(
            whose="{Idp}'s recipient ({acs_field})",
            ours="this connection's ACS URL",
            expected_note="ACS URL of this connection",
            received_note="Recipient in {idp}'s answer",
            titles={Kind.NOTHING: "{Idp}'s answer does not say where it may be handed in (Recipient)."},
        ),
    ),
    errors.IssuerMismatch: Problem(
        title="{Idp}'s {issuer_field} is not the Issuer / Entity ID saved here.",
        cause=NOBODY,
        label="another issuer",
        steps=(Recipe.COPY_ISSUER,),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=403,
        compares=Comparison(
            whose="{Idp}'s {issuer_field}",
            ours="the Issuer / Entity ID saved here",
            expected_note="Issuer / Entity ID of this connection",
            received_note="Issuer in {idp}'s answer",
            titles={Kind.NOTHING: "{Idp}'s answer does not say who wrote it (Issuer)."},
            name="Issuer / Entity ID saved here",
            is_saved=True,
        ),
    ),
    errors.SubjectMissing: Problem(
        title="{Idp}'s answer names nobody (NameID).",
        cause="Most likely the field from which {idp} takes the name is empty for this person. {unchanged}",
        label="nobody named",
        steps=(Recipe.SET_NAME_ID, "Look at {person} in {idp}: an email address must stand there."),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
    ),
    errors.ConditionUnknown: Problem(
        title="{Idp} ties its answer to a condition that {product} does not know.",
        cause="A condition that nobody checks protects nobody, so the answer does not count. {unchanged}",
        label="unknown condition",
        steps=("Take the condition out of the app {product} in {idp}.", RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("Condition", "received"),),
    ),
    errors.NotBearer: Problem(
        title="{Idp} did not write its answer for whoever brings it (bearer).",
        cause="Signing in through a browser needs this kind of confirmation. " + NOBODY_UNTIL_FIXED,
        label="no bearer confirmation",
        steps=("Set the app {product} in {idp} to Web SSO (HTTP POST).", RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("Received", "received", "Confirmation methods"),),
    ),
    errors.ConfirmationIncomplete: Problem(
        title="The confirmation in {idp}'s answer lacks a part: {attribute}.",
        cause="It must say where and until when the answer may be handed in. " + NOBODY_UNTIL_FIXED,
        label="confirmation incomplete",
        steps=("Set the app {product} in {idp} to Web SSO (HTTP POST), with its standard settings.", RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
    ),
    errors.RequestMismatch: Problem(
        title="The answer belongs to another sign-in than the one this browser began.",
        cause="Most likely two sign-ins ran in two tabs, or the back button was used. " + ONE_ANSWER,
        label="answer to another request",
        steps=("Close the other tabs with sign-in pages.",),
        fixer=Fixer.USER,
        user=AGAIN,
        status=403,
        shows=(
            Shown("Expected", "expected", "Request that this browser was sent with"),
            Shown("Received", "received", "Request that was answered (InResponseTo, {element})"),
        ),
    ),
    errors.RequestUnknown: Problem(
        title="The answer belongs to a sign-in that {product} does not know.",
        cause="Most likely it is older than 15 minutes, or was answered before. " + ONE_ANSWER,
        label="answer to an unknown request",
        steps=("Begin at the sign-in page, not at a bookmark of {idp}'s page.",),
        fixer=Fixer.USER,
        user=AGAIN,
        status=403,
        shows=(Shown("Received", "received", "Request that was answered (InResponseTo)"),),
    ),
    errors.UnsolicitedRefused: Problem(
        title="The sign-in began in {idp}, and this connection takes only those that begin at {product}.",
        cause="It was chosen so in {our_form}. {unchanged}",
        label="began in {idp}",
        steps=("Begin at the sign-in page of {product}: **{sign_in_label}**.",),
        fixer=Fixer.USER,
        user=AGAIN,
        status=403,
    ),
}

_TIME: Final[dict[type[Named], Problem]] = {
    errors.ResponseNotYetValid: Problem(
        title="{Idp}'s clock is ahead of {product}'s by {seconds_words} or more.",
        cause="The answer counts only from {not_before}, and it arrived before. "
        "A difference of {allowed_seconds_words} is allowed. {unchanged}",
        label="clocks differ: {seconds_words} too early",
        steps=(Recipe.SET_CLOCK,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(
            Shown("Our clock", "received_at", "when the answer arrived"),
            Shown("{Idp}'s clock", "issued_at", "when it was written"),
            Shown("Counts from", "not_before", "{attribute}"),
        ),
    ),
    errors.ResponseExpired: Problem(
        title="{Idp}'s answer was {seconds_words} too old when it arrived.",
        cause="Most likely {idp}'s clock is behind, or its page stood open before the answer was sent. "
        "A difference of {allowed_seconds_words} is allowed. {unchanged}",
        label="{seconds_words} too old",
        steps=(
            "Sign in once more, without a pause.",
            Recipe.SET_CLOCK,
        ),
        fixer=Fixer.IDP_ADMIN,
        user=AGAIN,
        status=403,
        shows=(
            Shown("Our clock", "received_at", "when the answer arrived"),
            Shown("{Idp}'s clock", "issued_at", "when it was written"),
            Shown("Counted until", "not_on_or_after", "{attribute}"),
        ),
    ),
    errors.SessionEnded: Problem(
        title="The session in {idp} had ended before its answer arrived.",
        cause="{Idp} says until when the person is signed in there, and this time is over. {unchanged}",
        label="session in {idp} ended",
        steps=(Recipe.SIGN_IN_AGAIN, "If the same comes back, look at the length of sessions in {idp}."),
        fixer=Fixer.USER,
        user=AGAIN,
        status=403,
        shows=(
            Shown("Ended", "session_not_on_or_after", "SessionNotOnOrAfter"),
            Shown("Our clock", "received_at", "when the answer arrived"),
        ),
    ),
    errors.AuthenticationStale: Problem(
        title="{Idp} did not ask for the password again.",
        cause="This connection asks for it at every sign-in (ForceAuthn), and the person had signed in before. "
        + ONE_ANSWER,
        label="password not asked for",
        steps=(
            "Sign out of {idp}, then sign in again.",
            "If it comes back, {idp} does not hear the wish. Stop asking: in this connection, under Advanced.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=AGAIN,
        status=403,
        shows=(
            Shown("Signed in", "authn_instant", "AuthnInstant"),
            Shown("We asked", "requested_at", "when the sign-in began"),
        ),
    ),
    errors.AuthnStatementMissing: Problem(
        title="{Idp}'s answer does not say that anybody signed in.",
        cause="It tells about a person, and not that this person was there (AuthnStatement). " + NOBODY_UNTIL_FIXED,
        label="no sign-in stated",
        steps=("Set the app {product} in {idp} to Web SSO (HTTP POST), with its standard settings.", RESET),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
    ),
    errors.ResponseReplayed: Problem(
        title="This answer was used before. It counts once.",
        cause="Most likely the page was reloaded, or the back button was used. " + ONE_ANSWER,
        label="used before",
        steps=("Begin at the sign-in page of {product}, or click the tile once more.",),
        fixer=Fixer.USER,
        user=AGAIN,
        status=403,
        shows=(Shown("Answer", "assertion_id"),),
    ),
}

_PERSON: Final[dict[type[Named], Problem]] = {
    errors.AttributeMissing: Problem(
        title="{Idp} did not send the email address.",
        cause="No attribute named {email_attribute} arrived, and the NameID is no email address that could stand in. "
        "{unchanged}",
        label="no email received",
        steps=(Recipe.SEND_EMAIL,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=403,
        shows=(Shown("NameID", "name_id_format", "its format"),),
        compares=Comparison(
            whose="The attribute that {idp} sends",
            ours="the one that this connection reads",
            expected_note="Attribute name of this connection",
            received_note="Attribute names in {idp}'s answer",
            titles=NEAR_NAME,
            is_named=True,
        ),
        otherwise_title="If {idp} sends it under another name",
        otherwise=(("Read that name", "Put it into **{our_form} → People → Email**, save and test."),),
    ),
    domain.EmailFromNameId: Problem(
        title="{Idp} does not send {expected}. The NameID stands in for it.",
        cause="Sign-ins go on, by the email address in the NameID. An attribute of its own is safer: "
        "it stays right when the NameID is changed one day.",
        label="email taken from the NameID",
        steps=(Recipe.SEND_EMAIL,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=200,
        shows=(Shown("Received", "received", "Attribute names in {idp}'s answer"),),
    ),
    domain.NameMissing: Problem(
        title="{Idp} does not send {expected}.",
        cause="Sign-ins go on. New people appear under their email address.",
        label="first or last name not received",
        steps=(Recipe.SEND_NAMES,),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=200,
        shows=(
            Shown("Expected", "expected", "Attribute names of this connection"),
            Shown("Received", "received", "Attribute names in {idp}'s answer"),
        ),
    ),
    domain.AttributeCaseDiffers: Problem(
        title="{Idp} sends {received}. This connection reads {expected}.",
        cause="Attribute names count letter by letter, so {received} is not read.",
        label="{received}, not {expected}",
        steps=(
            Recipe.RENAME_ATTRIBUTE,
            "Or change the name here: put **{received}** into **{our_form} → People**, save and test.",
        ),
        fixer=Fixer.IDP_ADMIN,
        user=SETUP,
        status=200,
        compares=Comparison(
            whose="The attribute {received} that {idp} sends",
            ours="the {expected} that this connection reads",
            expected_note="Attribute name of this connection",
            received_note="Attribute name in {idp}'s answer",
            is_named=True,
        ),
    ),
}

CATALOGUE: Final[dict[type[Named], Problem]] = {
    **_UNREADABLE,
    **_REPORTED,
    **_ENCRYPTION,
    **_SIGNATURE,
    **_ADDRESS,
    **_TIME,
    **_PERSON,
}
"""In the order in which an answer is read."""
