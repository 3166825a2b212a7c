"""What a connection can put up with, in words: each switch with its name, its risk, and who needs it.

Facts of the protocol are those of `saml.SamlPolicy`; a switch is off until an admin turns it on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ostiary.domain.connection import Allowance
from ostiary.domain.errors import AllowanceOn
from ostiary.kernel.errors import Fact, Named
from ostiary.problems.problem import SETUP, Fixer, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceWords:
    """One switch in words."""

    allowance: Allowance
    label: str
    """Beside the switch: "SHA-1 signatures"."""
    accepts: str
    """After "This connection accepts"."""
    risk: str
    """One sentence."""
    needed_by: str
    """Whose customers need it, in one sentence."""


WORDS: Final[Mapping[Allowance, AllowanceWords]] = {
    words.allowance: words
    for words in (
        AllowanceWords(
            allowance=Allowance.SHA1,
            label="SHA-1 signatures",
            accepts="SHA-1 signatures",
            risk="A signature with SHA-1 can be forged by whoever pays for the computing time.",
            needed_by="Old apps in OneLogin, Auth0 and AD FS sign with it until they are set to SHA-256.",
        ),
        AllowanceWords(
            allowance=Allowance.WEAK_KEYS,
            label="RSA keys of 1024 bits",
            accepts="RSA keys of 1024 bits",
            risk="Such a key can be broken by whoever pays for it, and then anybody can be signed in.",
            needed_by="Certificates made before about 2013 may have such keys.",
        ),
        AllowanceWords(
            allowance=Allowance.MISSING_AUDIENCE,
            label="Answers without an audience",
            accepts="answers without an audience",
            risk="An answer that was made for another application counts here as well.",
            needed_by="Some versions of Oracle Access Manager send none.",
        ),
        AllowanceWords(
            allowance=Allowance.EMPTY_REFERENCE_URI,
            label="Signatures over the whole document (empty URI)",
            accepts="signatures over the whole document (empty URI)",
            risk="SAML forbids them, because they do not say by name what they cover. "
            "Only the outermost part may be signed so.",
            needed_by="Old versions of Okta and some SAML tools write them.",
        ),
        AllowanceWords(
            allowance=Allowance.MISSING_REFERENCE_URI,
            label="Signatures that name nothing (no URI)",
            accepts="signatures that name nothing (no URI)",
            risk="SAML forbids them, because they do not say by name what they cover. "
            "Only the outermost part may be signed so.",
            needed_by="Some identity providers of a company's own making write them.",
        ),
        AllowanceWords(
            allowance=Allowance.INCLUSIVE_C14N,
            label="Inclusive canonicalization",
            accepts="inclusive canonicalization",
            risk="What stands around the signed part counts as well, so a proxy that rewrites it breaks signatures.",
            needed_by="Old versions of CA Single Sign-On (SiteMinder) sign so.",
        ),
        AllowanceWords(
            allowance=Allowance.C14N_WITH_COMMENTS,
            label="Canonicalization with comments",
            accepts="canonicalization with comments",
            risk="Comments inside names have let people sign in as somebody else elsewhere. "
            "Here a name is always read whole.",
            needed_by="Some Java libraries sign so.",
        ),
        AllowanceWords(
            allowance=Allowance.CBC,
            label="AES-CBC encryption",
            accepts="AES-CBC encryption",
            risk="Whoever records an answer, and may send us many altered copies, can read what was encrypted.",
            needed_by="Okta, Shibboleth 3 and SimpleSAMLphp encrypt with it unless they are set to AES-GCM.",
        ),
        AllowanceWords(
            allowance=Allowance.RSA15,
            label="RSA 1.5 key transport",
            accepts="RSA 1.5 key transport",
            risk="Whoever records an answer, and may send us many altered copies, can read what was encrypted.",
            needed_by="Old versions of SimpleSAMLphp encrypt so.",
        ),
        AllowanceWords(
            allowance=Allowance.TRIPLE_DES,
            label="Triple DES encryption",
            accepts="Triple DES encryption",
            risk="As with AES-CBC; its blocks are also too short for much content.",
            needed_by="Identity providers built with pysaml2 encrypt so.",
        ),
    )
}
"""Every switch, in the order in which the form shows them."""

ACCEPTS: Final = {("allowance", words.allowance.value): words.accepts for words in WORDS.values()}
"""The fact `allowance` as a sentence says it."""

CATALOGUE: Final[dict[type[Named], Problem]] = {
    AllowanceOn: Problem(
        title="This connection accepts {allowance}.",
        cause="{allowance_words}",
        label="accepts {allowance}",
        steps=(
            "Change it in {idp}, so that it is no longer needed.",
            "Then take the tick away in **{our_form} → Advanced → Put up with something older**, save and test.",
        ),
        fixer=Fixer.ORG_ADMIN,
        user=SETUP,
        status=200,
        ends_with_again=False,
    ),
}


def allowance_of(facts: Mapping[str, Fact]) -> AllowanceWords | None:
    """The switch that would let this pass, by the fact `allowance` of a refusal; None where there is none."""
    named = facts.get("allowance")
    return next((words for words in WORDS.values() if words.allowance.value == named), None)
