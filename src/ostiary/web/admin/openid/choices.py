"""What can be chosen in the form, in words that say what for."""

from typing import Final

from ostiary.domain.openid.checkup import ENTRA_LONGEST
from ostiary.domain.openid.settings import Authentication, LinkPolicy, SubjectClaim, UserinfoUse
from ostiary.oidc.client_auth import AssertionAudience
from ostiary.oidc.relying_party import ALGORITHMS, Method, ResponseMode
from ostiary.services.connection_form.openid import PROMPTS

_PROMPT_WORDS: Final = {
    "": "As the provider does by itself",
    "login": "The password, every time (login)",
    "select_account": "Which account, every time (select_account)",
    "consent": "Consent, every time (consent)",
}

CHOICES: Final[dict[str, object]] = {
    "methods": tuple((each.value, each.value) for each in Method),
    "authentications": (
        (Authentication.AUTO.value, "As the provider offers it"),
        (Authentication.BASIC.value, "Client Secret in the header (client_secret_basic)"),
        (Authentication.POST.value, "Client Secret in the form (client_secret_post)"),
        (Authentication.PRIVATE_KEY_JWT.value, "Signed by our own key, without a secret (private_key_jwt)"),
        (Authentication.NONE.value, "Not at all: a public client (none)"),
    ),
    "assertion_audiences": (
        (AssertionAudience.ISSUER.value, "The issuer"),
        (AssertionAudience.TOKEN_ENDPOINT.value, "The token endpoint"),
        (AssertionAudience.CALLED_ENDPOINT.value, "The endpoint that is called"),
    ),
    "response_modes": (
        (ResponseMode.QUERY.value, "In the address (query)"),
        (ResponseMode.FORM_POST.value, "In a form (form_post)"),
    ),
    "userinfo_uses": (
        (UserinfoUse.AUTO.value, "When the ID token lacks something"),
        (UserinfoUse.ALWAYS.value, "Always"),
        (UserinfoUse.NEVER.value, "Never"),
    ),
    "subject_claims": (
        (SubjectClaim.SUB.value, "sub: the usual one"),
        (SubjectClaim.OID.value, "oid, with tid: Microsoft Entra ID"),
    ),
    "link_policies": (
        (LinkPolicy.VERIFIED_DOMAIN.value, "The account of that address, inside your verified domains"),
        (LinkPolicy.NEVER.value, "No account: nobody is linked by an address"),
    ),
    "prompts": tuple((each, _PROMPT_WORDS[each]) for each in PROMPTS),
    "every_algorithm": ALGORITHMS,
    "longest_secret": ENTRA_LONGEST,
}
"""Lists of (value, label), and what goes with them, by the names under which the templates know them."""
