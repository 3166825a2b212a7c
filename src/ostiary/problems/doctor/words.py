"""What the doctor says: what something is, what is wrong with it, and the names of what stands in it."""

from typing import Final

from ostiary.domain.doctor import findings
from ostiary.domain.doctor.specimen import Carrier, Kind
from ostiary.guides.guide import Recipe
from ostiary.kernel.errors import Named
from ostiary.problems.problem import PAGE, Comparison, Fixer, Problem, Shown

WHAT: Final = {
    Kind.RESPONSE: "An answer of an identity provider (SAML Response)",
    Kind.ASSERTION: "An assertion without the answer around it",
    Kind.AUTHN_REQUEST: "A sign-in request (SAML AuthnRequest)",
    Kind.LOGOUT_REQUEST: "A request to sign out (SAML LogoutRequest)",
    Kind.LOGOUT_RESPONSE: "An answer to a request to sign out (SAML LogoutResponse)",
    Kind.IDP_METADATA: "Metadata of an identity provider",
    Kind.SP_METADATA: "Metadata of a service provider",
    Kind.SEVERAL_METADATA: "Metadata of several entities",
    Kind.CERTIFICATE: "A certificate",
    Kind.PRIVATE_KEY: "A private key",
    Kind.URL: "A web address",
    Kind.JSON_WEB_TOKEN: "A token of OpenID Connect",
    Kind.OIDC_DISCOVERY: "A discovery document of OpenID Connect",
    Kind.JSON_WEB_KEYS: "Public keys of OpenID Connect",
    Kind.RECORDING: "A browser's recording (HAR)",
    Kind.WEB_PAGE: "A web page",
    Kind.JSON: "A JSON document",
    Kind.OTHER_XML: "An XML document",
    Kind.OTHER_FILE: "A file of another kind",
    Kind.UNKNOWN: "Something that is not known here",
    Kind.CUT_SHORT: "Something whose end is missing",
    Kind.TOO_LARGE: "Something very large",
    Kind.NOTHING: "Nothing",
}
"""What each kind of specimen is, as a heading says it."""

HOW: Final = {
    Carrier.BARE: "",
    Carrier.BASE64: "in base64",
    Carrier.DEFLATED: "deflated, in base64",
    Carrier.FORM: "in a form's body",
    Carrier.QUERY: "in a web address",
    Carrier.PAGE: "in a page that posts itself",
    Carrier.RECORDING: "in a browser's recording",
}
"""How it was wrapped, to follow what it is."""

LABELS: Final = {
    "acs_url": "ACS URL",
    "alg": "Algorithm (alg)",
    "address": "Address",
    "assertion_issuer": "Issuer of the assertion",
    "assertion_signature": "Assertion signed with",
    "assertion_signature_certificate": "Certificate beside it",
    "audience": "Audience",
    "authn_context": "Signed in by",
    "authn_instant": "Signed in at",
    "certificate_from": "From",
    "certificate_key": "Key",
    "certificate_until": "Until",
    "enc": "Encryption of the content (enc)",
    "encrypted": "Encrypted with",
    "encryption_key": "Encryption certificate",
    "entities": "Entities",
    "entity_id": "Entity ID",
    "fingerprint": "SHA-256",
    "force_authn": "Asks for the password (ForceAuthn)",
    "id": "ID",
    "in_response_to": "Answers the request (InResponseTo)",
    "is_passive": "Without a page (IsPassive)",
    "issue_instant": "Written at",
    "jwks_uri": "Keys (jwks_uri)",
    "key": "Certificate",
    "kid": "Key (kid)",
    "message_signature": "Signed with",
    "message_signature_certificate": "Certificate beside it",
    "name_id": "NameID",
    "name_id_format": "Format of the NameID",
    "name_id_formats": "Formats of the NameID",
    "name_id_policy": "Wanted format of the NameID",
    "relay_state": "RelayState",
    "requested_context": "Wanted way to sign in",
    "response_signature": "Answer signed with",
    "response_signature_certificate": "Certificate beside it",
    "session_not_on_or_after": "Session ends at",
    "signing_key": "Signing certificate",
    "slo_url": "Single logout URL",
    "sso_url": "SSO URL",
    "typ": "Type (typ)",
    "wants_signed_requests": "Wants signed requests",
}
"""The names of what stands in a specimen. One without a name here is called by its own, in words."""

_LAST_ANSWER: Final = (
    "In the browser, open the developer tools, go to **Network**, tick **Preserve log** and sign in.",
    "Choose the request to this connection's ACS URL and copy the value of `SAMLResponse`.",
)


def label(name: str) -> str:
    """What a reader calls this part of a specimen."""
    return LABELS.get(name) or name.replace("_", " ").capitalize()


def _found(
    *,
    title: str,
    cause: str,
    label: str,
    steps: tuple[str | Recipe, ...],
    fixer: Fixer = Fixer.USER,
    shows: tuple[Shown, ...] = (),
    compares: Comparison | None = None,
) -> Problem:
    return Problem(
        title=title,
        cause=cause,
        label=label,
        steps=steps,
        fixer=fixer,
        user=PAGE,
        status=200,
        shows=shows,
        compares=compares,
        ends_with_again=False,
    )


_NOT_SAML: Final[dict[type[Named], Problem]] = {
    findings.NothingHere: _found(
        title="There is nothing in it.",
        cause="Paste an answer, metadata, a certificate or an address, or choose a file.",
        label="nothing",
        steps=_LAST_ANSWER,
    ),
    findings.TooMuch: _found(
        title="This is larger than what is read here: {received} bytes of at most {limit}.",
        cause="Nothing of it was looked at.",
        label="too large",
        steps=(
            "Make a new recording that begins just before the sign-in and ends just after it.",
            "Larger recordings, up to 10 MB, are read by `ostiary saml inspect recording.har`.",
        ),
    ),
    findings.CutShort: _found(
        title="The end is missing: this is {part} that was cut short.",
        cause="Most likely not all of it was copied. Some tools show only the first part of a long value.",
        label="cut short",
        steps=("Copy it once more, to its very end; or save it as a file and choose the file.",),
    ),
    findings.WebPage: _found(
        title="This is a web page, and no message of SAML is in it.",
        cause="Most likely it is the page that {idp} showed in place of an answer: its sign-in page, or an error.",
        label="a web page",
        steps=(
            "Read the page in a browser: what stands on it is {idp}'s own reason.",
            *_LAST_ANSWER,
        ),
        shows=(Shown("Title of the page", "page_title"),),
    ),
    findings.NotSaml: _found(
        title="This is nothing of SAML 2.0, but {received}.",
        cause="An answer begins with <samlp:Response, metadata with <md:EntityDescriptor; both may be in base64.",
        label="not SAML 2.0",
        steps=_LAST_ANSWER,
    ),
    findings.OpenIdConnect: _found(
        title="This belongs to OpenID Connect, not to SAML: it is {received}.",
        cause="The doctor reads SAML. A connection over OpenID Connect is looked at by its own Test Connection, and an "
        "app in {idp} speaks one of the two. A token may still be good: whoever has it can use it.",
        label="of OpenID Connect",
        steps=(
            "Under **Settings → Security → Single Sign-On**, open the connection over OpenID Connect, or make one.",
            "Its **Discovery URL** takes the address of the discovery document.",
            "Click **Test Connection**: the report compares what {idp} sends with what is saved.",
            "Where the connection speaks SAML, make the app for {product} in {idp} as one of SAML 2.0.",
        ),
        fixer=Fixer.ORG_ADMIN,
    ),
    findings.OtherProtocol: _found(
        title="This belongs to SAML, and the connection to {idp} speaks OpenID Connect.",
        cause="So it was not judged against this connection: what stands in it is only told.",
        label="of SAML",
        steps=(
            "Compare it with a connection that speaks SAML, or with none.",
            "If {idp} sends it to {product}, the app there speaks SAML: make a connection over SAML to it.",
            "What {idp} sends to this connection is compared with what is saved by its **Test Connection**.",
        ),
        fixer=Fixer.ORG_ADMIN,
    ),
    findings.RecordingWithoutSaml: _found(
        title="No message of SAML travels in this recording of {requests} requests.",
        cause="Most likely it was started too late, or ended before {idp} had answered.",
        label="no SAML in the recording",
        steps=(
            "In the browser's developer tools, go to **Network** and tick **Preserve log**.",
            "Sign in, up to the page that says what went wrong.",
            "Save everything as HAR **with content**.",
        ),
    ),
}

_WRAPPING: Final[dict[type[Named], Problem]] = {
    findings.SecretsInside: _found(
        title="A recording holds cookies, and passwords that were typed while it ran.",
        cause="Only the messages of SAML were looked at, and nothing was kept.",
        label="holds secrets",
        steps=("Delete the file when you are done. If it was sent to anybody, sign out and change the passwords.",),
    ),
    findings.PlusSignsLost: _found(
        title="Spaces stand where plus signs were.",
        cause="They were put back here. If the message arrives like this, it is refused: something between {idp} and "
        "{product} does not encode the form.",
        label="plus signs lost",
        steps=(
            "Copy the value from the browser's developer tools, not from a log.",
            "If it has spaces there too, look for a proxy or an extension that rewrites forms.",
        ),
        fixer=Fixer.IDP_ADMIN,
    ),
    findings.UrlSafeBase64: _found(
        title="The base64 is written with - and _, as in web addresses.",
        cause="It was read here. SAML wants + and / in their place, and a message that arrives like this is refused.",
        label="base64 of another kind",
        steps=("Copy the value from the browser's developer tools. If it is the same there, {idp} writes it so.",),
        fixer=Fixer.IDP_ADMIN,
    ),
    findings.ResponseByRedirect: _found(
        title="This answer travels in a web address. It has to come by POST.",
        cause="SAML allows the address for requests alone, and such an answer does not arrive at {acs_url}.",
        label="answer by redirect",
        steps=("In {idp}, set the binding of the app's ACS URL to **HTTP-POST**.",),
        fixer=Fixer.IDP_ADMIN,
    ),
    findings.LaidOutAnew: _found(
        title="This was laid out for reading. A signature does not outlive that.",
        cause="Lines and spaces between the elements count too. What arrived may well have been right.",
        label="laid out anew",
        steps=("Paste the value of `SAMLResponse` as it was sent, in base64.",),
    ),
}

_JUDGED: Final[dict[type[Named], Problem]] = {
    findings.OwnCertificateOnly: _found(
        title="It is whole, by the certificate that came with it. That certificate is not trusted.",
        cause="Anybody can sign a message and put the certificate beside it. Only a connection says whom to trust.",
        label="trusted by nobody",
        steps=("Choose a connection, to see whether it trusts this certificate.",),
        shows=(Shown("Certificate", "fingerprint", "SHA-256"), Shown("Subject", "subject")),
    ),
    findings.JudgedAsOf: _found(
        title="It was judged as of {at}.",
        cause="A sign-in takes an answer within minutes only. When this one came is not written in it: where nobody "
        "says so, it is judged as of the moment of its making.",
        label="judged as of {at}",
        steps=("To judge it as of another moment, say when it arrived.",),
    ),
    findings.RequestTakenOver: _found(
        title="Whether this browser had asked for it can't be seen here.",
        cause="It says that it answers the request {received}. At a sign-in the browser must have sent that request.",
        label="request not compared",
        steps=("If the sign-in is refused for that, its story stands under **Login attempts**.",),
    ),
    findings.UsedAlready: _found(
        title="Somebody has signed in with this answer. It counts once.",
        cause="Posted a second time it is refused.",
        label="used already",
        steps=("Look the sign-in up under **Login attempts**.",),
    ),
    findings.ValueDiffers: _found(
        title="The {what} in it is not that of this connection.",
        cause="One of the two has to change; which one, you know best.",
        label="{what} differs",
        steps=(
            "If {idp} is right, put {copy:received} into **{our_form} → {what}**.",
            "If this connection is right, put {copy:expected} into {idp}.",
        ),
        compares=Comparison(
            whose="The {what} in it",
            ours="that of this connection",
            expected_note="{what} of this connection",
            received_note="{what} in what was pasted",
        ),
    ),
    findings.CertificateNotPinned: _found(
        title="A certificate in it is not trusted by this connection.",
        cause="What {idp} signs with its key is refused, until the certificate stands in the connection's settings.",
        label="certificate not trusted",
        steps=("If it is really {idp}'s, put it into **{our_form} → Certificate**, save and test.",),
        shows=(
            Shown("Trusted", "expected", "Certificates of this connection"),
            Shown("Received", "received", "Not trusted"),
        ),
    ),
    findings.CertificateOld: _found(
        title="This certificate expired on {not_after}.",
        cause="Dates alone refuse nobody. Most likely {idp} has a newer one, and signs with that.",
        label="certificate expired on {not_after}",
        steps=(Recipe.COPY_CERTIFICATE,),
        shows=(Shown("Certificate", "fingerprint", "SHA-256"),),
    ),
    findings.SeveralProviders: _found(
        title="This metadata describes several identity providers.",
        cause="A connection is one way to one of them.",
        label="several identity providers",
        steps=("Choose yours by its entity ID when you set up the connection.",),
        shows=(Shown("Described", "received"),),
    ),
    findings.AddressOnly: _found(
        title="By its shape this is {looks_like}.",
        cause="Nobody was asked: what stands at the address was not looked at.",
        label="an address",
        steps=("Open it in a browser and paste what it shows; metadata can be fetched from here.",),
        shows=(Shown("Address", "received"),),
    ),
}

CATALOGUE: Final[dict[type[Named], Problem]] = {**_NOT_SAML, **_WRAPPING, **_JUDGED}
