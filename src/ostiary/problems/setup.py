"""Words for what is wrong with a change of the settings, and for what is worth attention there."""

from typing import Final

from ostiary.domain import errors
from ostiary.guides.guide import Recipe
from ostiary.kernel.errors import Named
from ostiary.problems.difference import Kind
from ostiary.problems.problem import PLAN, SETUP, Comparison, Fixer, Problem, Shown, UserText
from ostiary.saml import errors as saml

FORM = UserText(title="The settings were not saved", text="The page says which value needs a change.")
NOT_SAVED = "Nothing was saved."


def in_form(
    *,
    title: str,
    cause: str,
    label: str,
    steps: tuple[str | Recipe, ...],
    shows: tuple[Shown, ...] = (),
    compares: Comparison | None = None,
) -> Problem:
    """A value of a form that can't be saved as it is."""
    return Problem(
        title=title,
        cause=cause,
        label=label,
        steps=steps,
        fixer=Fixer.ORG_ADMIN,
        user=FORM,
        status=400,
        shows=shows,
        compares=compares,
        ends_with_again=False,
    )


_CERTIFICATE: Final[dict[type[Named], Problem]] = {
    saml.CertificateUnreadable: in_form(
        title="No certificate can be read from this: {detail}.",
        cause="Paste it whole, from BEGIN CERTIFICATE to END CERTIFICATE, or upload the file. "
        "Spaces and line breaks around it do no harm.",
        label="certificate can't be read",
        steps=(Recipe.COPY_CERTIFICATE,),
    ),
    saml.CertificateIsPrivateKey: in_form(
        title="This is a private key. It was not kept, and it should be replaced.",
        cause="A private key belongs to {idp} alone; whoever has it can sign in as anybody. "
        "Needed here is the {certificate_field}.",
        label="a private key",
        steps=(Recipe.NEW_CERTIFICATE, Recipe.COPY_CERTIFICATE),
    ),
    saml.CertificateIsFingerprint: in_form(
        title="This is the fingerprint of a certificate, not the certificate.",
        cause="Signatures can't be checked with a fingerprint. Needed is the text from BEGIN to END CERTIFICATE.",
        label="a fingerprint",
        steps=(Recipe.COPY_CERTIFICATE,),
        shows=(Shown("Received", "received"),),
    ),
    saml.CertificateIsPublicKey: in_form(
        title="This is a bare public key, not the certificate around it.",
        cause="Needed is the text that begins with BEGIN CERTIFICATE.",
        label="a public key",
        steps=(Recipe.COPY_CERTIFICATE,),
    ),
    saml.CertificateIsMetadata: in_form(
        title="This is a document, not a certificate.",
        cause="If it is {idp}'s metadata, it holds the certificate and more: "
        "give it as metadata and leave the fields empty.",
        label="a document",
        steps=("Put the file into **{our_form} → Give the metadata**.",),
    ),
    saml.CertificateWeak: in_form(
        title="The key in this certificate is too weak: {key}. Needed is {minimum}.",
        cause="Whoever breaks it can sign in as anybody.",
        label="weak key",
        steps=(Recipe.NEW_CERTIFICATE, Recipe.COPY_CERTIFICATE),
        shows=(Shown("Certificate", "fingerprint"),),
    ),
    errors.CertificateExpired: in_form(
        title="This certificate expired on {not_after}.",
        cause="Dates alone refuse nobody, so it can be saved. Most likely {idp} has a newer one, and signs with that.",
        label="certificate expired on {not_after}",
        steps=(Recipe.COPY_CERTIFICATE, "If {idp} really signs with this one, tick **Save it all the same**."),
        shows=(Shown("Certificate", "fingerprint"),),
    ),
    errors.CertificateExpiresSoon: Problem(
        title="The last day of {idp}'s certificate: {not_after}, {days_words}.",
        cause="Sign-ins go on, also after that date. "
        "They stop when {idp} begins to sign with a new one that is not saved here.",
        label="certificate until {not_after}",
        steps=(Recipe.COPY_CERTIFICATE,),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=200,
    ),
}

_METADATA: Final[dict[type[Named], Problem]] = {
    saml.MetadataUnreadable: in_form(
        title="The metadata can't be read: {detail}, line {line}.",
        cause="Most likely the file was cut short, or changed by an editor.",
        label="metadata can't be read",
        steps=(Recipe.GET_METADATA,),
    ),
    saml.MetadataIsHtml: in_form(
        title="This is a web page, not metadata.",
        cause="Most likely {idp} showed its sign-in page at this address.",
        label="a web page",
        steps=("Open the address in a window that is signed in, save what it shows as a file, and upload it.",),
    ),
    saml.MetadataIsSomethingElse: in_form(
        title="This is another document, not SAML metadata.",
        cause="Its outermost part is {received}. Metadata begins with EntityDescriptor.",
        label="another document",
        steps=(Recipe.GET_METADATA,),
    ),
    saml.MetadataIsServiceProvider: in_form(
        title="This metadata describes an application, not an identity provider.",
        cause="Most likely it is {product}'s own, which belongs into {idp}.",
        label="metadata of an application",
        steps=(Recipe.GET_METADATA,),
        shows=(Shown("Entity ID", "entity_id"),),
    ),
    saml.MetadataHasSeveral: in_form(
        title="This metadata describes several identity providers. One has to be chosen.",
        cause="{product} can't know which of them is yours.",
        label="several identity providers",
        steps=("Choose it under **Which identity provider** and save once more.",),
        shows=(Shown("Described", "received"),),
    ),
    errors.MetadataOutdated: in_form(
        title="The metadata was meant to be used until {valid_until}, and that moment has passed.",
        cause="A document that is out of date may hold keys that were withdrawn, so nothing is taken from it. "
        "The keys that are saved go on.",
        label="metadata out of date",
        steps=("Have {idp} publish its metadata anew, or correct its clock.",),
    ),
    saml.MetadataIncomplete: in_form(
        title="The metadata lacks a part that is needed: {missing}.",
        cause="Most likely it is the metadata of another protocol, or of an app that is not finished.",
        label="metadata incomplete",
        steps=("Fill in **SSO URL**, **Issuer / Entity ID** and **Certificate** by hand.",),
        shows=(Shown("Entity ID", "entity_id"),),
    ),
}

_VALUES: Final[dict[type[Named], Problem]] = {
    errors.ValueMissing: in_form(
        title="{field} is empty.",
        cause=NOT_SAVED,
        label="{field} is empty",
        steps=("Fill it in.",),
    ),
    errors.ValueTooLong: in_form(
        title="{field} is longer than {limit} characters.",
        cause=NOT_SAVED,
        label="{field} is too long",
        steps=("Shorten it.",),
    ),
    errors.NameTaken: in_form(
        title="Another connection is called {received}.",
        cause="Where people choose how to sign in, they could not tell the two apart.",
        label="name taken",
        steps=("Choose another name.",),
    ),
    errors.LogoutUrlUnreadable: in_form(
        title="{field} is no https address.",
        cause="It is optional: without it, signing out ends the session in {product} alone.",
        label="{field} is no https address",
        steps=("Take the address for single logout from {idp}, or leave the field empty.",),
        shows=(Shown("Received", "received"),),
    ),
    errors.SsoUrlUnreadable: in_form(
        title="The SSO URL is no https address.",
        cause="{Idp} calls it {sso_url_field}.",
        label="SSO URL is no https address",
        steps=(Recipe.COPY_SSO_URL,),
        shows=(Shown("Received", "received"),),
    ),
    errors.SsoUrlIsIssuer: in_form(
        title="This is {idp}'s {issuer_field}, not its {sso_url_field}.",
        cause="The one needed here is where the browser is sent to sign in. It stands near the other one.",
        label="the Issuer in place of the SSO URL",
        steps=(Recipe.COPY_SSO_URL,),
        shows=(Shown("Received", "received"),),
    ),
    errors.IssuerIsSsoUrl: in_form(
        title="This is {idp}'s {sso_url_field}, not its {issuer_field}.",
        cause="The two were swapped. The one needed here stands near the other one.",
        label="the SSO URL in place of the Issuer",
        steps=(Recipe.COPY_ISSUER,),
        shows=(Shown("Received", "received"),),
    ),
    errors.OurOwnUrl: in_form(
        title="This is {product}'s own address. It belongs into {idp}, not here.",
        cause="Needed in {field} is a value that {idp} shows.",
        label="our own address",
        steps=(
            "The SSO URL stands in {idp} at **{sso_url_path}**.",
            "The Issuer / Entity ID stands in {idp} at **{issuer_path}**.",
        ),
        shows=(Shown("Received", "received"),),
    ),
    errors.RoleRefused: in_form(
        title="An identity provider can't give the role {received}.",
        cause="Owners are made by owners, never by a sign-in. " + NOT_SAVED,
        label="role {received}",
        steps=("Choose another **Default Role**.",),
    ),
    errors.SlugTaken: in_form(
        title="Another organization has the name {slug} in its link already.",
        cause="Each organization has its own. Nothing was made.",
        label="name in the link taken",
        steps=("Choose another one.",),
    ),
    errors.SlugUnreadable: in_form(
        title="{slug} can't be the name in the link of an organization.",
        cause="It takes at most 40 lower-case letters, digits and hyphens, with a letter or digit at both ends.",
        label="name in the link can't be read",
        steps=("Choose another one, as acme.",),
    ),
    errors.KeyStepMissed: Problem(
        title="The keys of this connection have changed since the page was opened.",
        cause="Somebody else, or a second click, was faster. Nothing more was changed.",
        label="keys changed meanwhile",
        steps=("Go back to the keys of the connection, and look at how they stand now.",),
        fixer=Fixer.ORG_ADMIN,
        user=FORM,
        status=409,
        ends_with_again=False,
    ),
    errors.NotTested: Problem(
        title="The settings have not passed a test yet.",
        cause="Only settings with which somebody has signed in can be switched on. Nothing was changed.",
        label="not tested",
        steps=("Open **{our_form}** and click **Test Connection**.",),
        fixer=Fixer.ORG_ADMIN,
        user=FORM,
        status=409,
        ends_with_again=False,
    ),
}

_DOMAINS: Final[dict[type[Named], Problem]] = {
    errors.DomainUnreadable: in_form(
        title="What was typed is no domain name.",
        cause="It should look like company.example: what stands after the @ of the company's addresses.",
        label="no domain name",
        steps=("Type the domain alone, without @ and without https://.",),
        shows=(Shown("Received", "received"),),
    ),
    errors.DomainIsConsumer: in_form(
        title="{domain} belongs to a mail service for everyone.",
        cause="Everybody there could sign in to {organization}, so nobody can verify it for one organization.",
        label="mail service for everyone",
        steps=("Use the company's own domain.",),
    ),
    errors.DomainTaken: in_form(
        title="Another organization has verified {domain}.",
        cause="A domain belongs to one organization. Both were told. {organization} keeps its other domains.",
        label="verified by another organization",
        steps=(
            "If {organization} has two accounts with {product}, sign in to the other one and remove the domain there.",
            "If {domain} is yours and nobody of yours knows of it, write to the support of {product}.",
        ),
    ),
    errors.DomainRecordMissing: Problem(
        title="The TXT record at {name} is not the expected one.",
        cause="A new record can take some minutes, at some providers an hour. Nothing was changed.",
        label="TXT record not found",
        steps=(
            "At your DNS provider, add a TXT record with the name {copy:name}",
            "Its value is {copy:expected}",
            "Click **Check again**. Many providers add the domain to the name by themselves: then leave it out.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=FORM,
        status=409,
        compares=Comparison(
            whose="The TXT record at {name}",
            ours="the expected one",
            expected_note="TXT record at {name}",
            received_note="What the DNS answers",
            titles={Kind.NOTHING: "There is no TXT record at {name} yet."},
        ),
        ends_with_again=False,
    ),
}

_PLAN: Final[dict[type[Named], Problem]] = {
    errors.PlanWithoutSso: Problem(
        title="The plan {plan} of {organization} does not include single sign-on.",
        cause="It is part of Business. Passwords work meanwhile, and the settings are kept.",
        label="plan {plan} without SSO",
        steps=("Change the plan of {organization} to Business.",),
        fixer=Fixer.ORG_ADMIN,
        user=PLAN,
        status=403,
        ends_with_again=False,
    ),
    errors.PlanEndsSso: Problem(
        title="Single sign-on ends on {until}, in {days} days: the plan no longer includes it.",
        cause="Until then everything goes on as before. After that people sign in with passwords.",
        label="SSO ends on {until}",
        steps=("Change the plan of {organization} back to Business.",),
        fixer=Fixer.ORG_ADMIN,
        user=PLAN,
        status=200,
        ends_with_again=False,
    ),
}

CATALOGUE: Final[dict[type[Named], Problem]] = {**_CERTIFICATE, **_METADATA, **_VALUES, **_DOMAINS, **_PLAN}
