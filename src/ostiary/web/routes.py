"""Every address of the product, in one table: who may see it, where it runs, what it takes."""

from ostiary.web import health, problem_pages
from ostiary.web.admin import attempts, connections, doctor, domains, keys, metadata, overview, testing
from ostiary.web.admin.enforcement import pages as enforcing
from ostiary.web.admin.openid import secrets
from ostiary.web.admin.single_sign_on import choosing, naming
from ostiary.web.break_glass import door, own
from ostiary.web.break_glass import settings as emergency
from ostiary.web.login import arrival, home, logout, oidc, passwords, possession, refused, saml, start
from ostiary.web.routing import KIB, Row, Where, get, post
from ostiary.web.routing import Who as For

_RIM: tuple[Row, ...] = (
    get("/healthz", health.healthz, says="The process answers."),
    get("/readyz", health.readyz, says="The store answers too.", where=Where.THREAD),
    get("/problems/{code}", problem_pages.about, says="What the code of a refusal means."),
    post("/theme", home.choose_theme, says="Light, dark, or as the machine has it.", body_limit=4 * KIB),
)

_POSSESSION = "/login/possession/{attempt_id}"
_LOGIN: tuple[Row, ...] = (
    get("/", home.home, says="Who is signed in, by which connection, with which role.", who=For.SIGNED_IN),
    get("/login", passwords.sign_in_page, says="Sign in with a password, or choose single sign-on."),
    post("/login", passwords.sign_in, says="Sign in with a password.", where=Where.THREAD, body_limit=8 * KIB),
    get("/login/sso", start.sso_page, says="Ask for the company email."),
    post("/login/sso", start.submit_email, says="Go to the identity provider of this address.", body_limit=8 * KIB),
    post("/login/connection", start.choose, says="Go to the identity provider that was chosen.", body_limit=8 * KIB),
    get("/o/{slug}", start.organization_link, says="An organization's own sign-in link."),
    get("/password/forgot", passwords.forgot_page, says="Ask where to send a link for a new password."),
    post("/password/forgot", passwords.forgot, says="Send the link.", where=Where.THREAD, body_limit=8 * KIB),
    get("/password/set", passwords.set_page, says="Set a password by a one-time link."),
    post("/password/set", passwords.set_password, says="Set it and sign in.", where=Where.THREAD, body_limit=8 * KIB),
    get("/login/continue", arrival.ask, says="Ask before a sign-in that did not begin here is taken up."),
    post("/login/continue", arrival.decide, says="Take it up, or let it be.", body_limit=4 * KIB),
    get(_POSSESSION, possession.page, says="Ask for a proof that an account is one's own."),
    post(
        _POSSESSION,
        possession.prove,
        says="Mail a code, or take a code or a password, and sign in.",
        where=Where.THREAD,
        body_limit=8 * KIB,
    ),
    get("/login/refused/{attempt_id}", refused.page, says="Why a sign-in was refused, for the person."),
    post("/logout", logout.sign_out, says="Sign out here, then there.", where=Where.THREAD, body_limit=4 * KIB),
    get("/logout/{logout_id}", logout.state, says="Where a sign-out has signed out."),
    get(
        "/saml/{connection_id}",
        saml.metadata,
        says="Our SAML metadata for this connection.",
        where=Where.THREAD,
    ),
    post(
        "/saml/{connection_id}/acs",
        saml.acs,
        says="Take the answer of the identity provider.",
        body_limit=1024 * KIB,
        is_cross_site=True,
    ),
    get(
        "/saml/{connection_id}/slo",
        logout.slo_by_redirect,
        says="Take a logout message of the identity provider in a query.",
        where=Where.THREAD,
    ),
    post(
        "/saml/{connection_id}/slo",
        logout.slo_by_post,
        says="Take a logout message of the identity provider in a form.",
        where=Where.THREAD,
        body_limit=1024 * KIB,
        is_cross_site=True,
    ),
)

_OIDC = "/oidc/{connection_id}"
_ANSWER = "/oauth2/idpresponse/{connection_id}"
_OPENID: tuple[Row, ...] = (
    get(
        "/oauth2/idpresponse/google",
        oidc.answer_of_google,
        says="Take an answer to the operator's client at Google.",
        where=Where.OUT,
    ),
    get(_ANSWER, oidc.answer_in_query, says="Take the answer of an OpenID Connect provider.", where=Where.OUT),
    post(
        _ANSWER,
        oidc.answer_in_form,
        says="Take the same answer where it is posted.",
        where=Where.OUT,
        is_cross_site=True,
    ),
    get(_OIDC + "/start", oidc.begin, says="Go to the provider, also for a tile of its portal.", where=Where.OUT),
    post(
        _OIDC + "/start",
        oidc.begin,
        says="The same where a portal posts it.",
        where=Where.OUT,
        body_limit=8 * KIB,
        is_cross_site=True,
    ),
    post(
        _OIDC + "/backchannel-logout",
        oidc.backchannel_logout,
        says="End the sessions that a provider's logout token names.",
        where=Where.OUT,
        is_cross_site=True,
    ),
    get(_OIDC + "/signed-out", oidc.signed_out, says="Come back from a sign-out at the provider."),
    get(_OIDC + "/jwks.json", oidc.keys, says="Our public keys of this connection.", where=Where.THREAD),
)

_SSO = "/settings/security/single-sign-on"
_CONNECTIONS = "/settings/security/connections"
_ONE = _CONNECTIONS + "/{connection_id}"
_DOMAINS = "/settings/security/domains"
_DOCTOR = "/settings/security/doctor"
_ENFORCE = _ONE + "/enforce"
_ENFORCING: tuple[Row, ...] = (
    get(
        _ENFORCE,
        enforcing.page,
        says="Who would be locked out if a connection were enforced, and how to begin.",
        where=Where.THREAD,
        who=For.ADMIN,
    ),
    post(_ENFORCE, enforcing.enforce, says="Enforce a connection.", where=Where.THREAD, who=For.ADMIN),
    get(
        _ENFORCE + "/people",
        enforcing.listing,
        says="Those who would be locked out, page by page.",
        where=Where.THREAD,
        who=For.ADMIN,
    ),
    get(
        _ENFORCE + "/people.csv",
        enforcing.download,
        says="The same as a file.",
        where=Where.THREAD,
        who=For.ADMIN,
    ),
    post(_ENFORCE + "/stop", enforcing.stop, says="Enforce it no longer.", where=Where.THREAD, who=For.ADMIN),
    get(
        _ONE + "/turn-off",
        enforcing.turn_off_page,
        says="Ask before an enforced connection is turned off.",
        who=For.ADMIN,
    ),
)
_ADMIN: tuple[Row, ...] = (
    get("/settings", overview.settings, says="Account → Settings, with the header Single Sign-on.", who=For.ADMIN),
    get("/settings/security", overview.security, says="Security begins with single sign-on.", who=For.ADMIN),
    get(_SSO, overview.single_sign_on, says="What is needed, which providers, how to begin.", who=For.ADMIN),
    get(_SSO + "/new", choosing.choose, says="Enable SSO: protocol, then provider.", who=For.ADMIN),
    get(_SSO + "/guide", choosing.read_guide, says="A provider's guide, before anything is made.", who=For.ADMIN),
    post(_CONNECTIONS, overview.draft, says="Make a connection with its URLs.", who=For.ADMIN, body_limit=4 * KIB),
    get(_ONE, connections.connection, says="The guide beside the form of a connection.", who=For.ADMIN),
    post(
        _ONE,
        connections.save,
        says="Save Configuration: a new, untested revision.",
        where=Where.OUT,
        who=For.ADMIN,
        body_limit=2048 * KIB,
    ),
    get(_ONE + "/name", naming.page, says="Ask what a connection is called.", who=For.ADMIN),
    post(_ONE + "/name", naming.rename, says="Name a connection.", who=For.ADMIN, body_limit=4 * KIB),
    post(_ONE + "/discard", overview.discard, says="Throw away a set-up that was never saved.", who=For.ADMIN),
    post(_ONE + "/metadata", metadata.check, says="Look at the metadata URL now.", where=Where.OUT, who=For.ADMIN),
    post(
        _ONE + "/metadata/proposal",
        metadata.decide,
        says="Take over what the metadata proposes, or keep what is saved.",
        where=Where.THREAD,
        who=For.ADMIN,
    ),
    post(_ONE + "/access", connections.confirm_access, says="Note admin access at the provider.", who=For.ADMIN),
    post(_ONE + "/switch", connections.switch, says="Turn a connection on or off.", who=For.ADMIN),
    *_ENFORCING,
    get(_ONE + "/delete", connections.delete_page, says="Ask before deleting a connection.", who=For.ADMIN),
    post(_ONE + "/delete", connections.delete, says="Delete a connection.", who=For.ADMIN),
    get(_ONE + "/secrets/{secret_id}/delete", secrets.delete_page, says="Ask before deleting a secret.", who=For.ADMIN),
    post(_ONE + "/secrets/{secret_id}/delete", secrets.delete, says="Delete a client secret.", who=For.ADMIN),
    post(_ONE + "/test", testing.start, says="Test Connection.", where=Where.THREAD, who=For.ADMIN),
    get(_ONE + "/test/latest", testing.latest, says="Follow the test that has just begun.", who=For.ADMIN),
    get(_ONE + "/test/{attempt_id}", testing.test, says="The report of a test.", who=For.ADMIN),
    get(_ONE + "/test/{attempt_id}/state", testing.state, says="Whether a test has news.", who=For.ADMIN),
    post(
        _ONE + "/test/{attempt_id}/identity",
        testing.use_identity,
        says="Use a tested identity for one's own account.",
        where=Where.THREAD,
        who=For.ADMIN,
    ),
    get(_DOCTOR, doctor.page, says="Say what is to be looked at.", who=For.ADMIN),
    post(
        _DOCTOR,
        doctor.inspect,
        says="Look at a message, metadata, a certificate or an address.",
        where=Where.THREAD,
        who=For.ADMIN,
        body_limit=2048 * KIB,
    ),
    post(
        _DOCTOR + "/fetch",
        doctor.fetch,
        says="Fetch an address, and look at what stands there.",
        where=Where.OUT,
        who=For.ADMIN,
        body_limit=8 * KIB,
    ),
    get(_ONE + "/keys", keys.keys, says="Our own keys of a connection.", where=Where.THREAD, who=For.ADMIN),
    get(
        _ONE + "/keys/{role}/certificate",
        keys.certificate,
        says="A certificate of ours, for providers that read no metadata.",
        where=Where.THREAD,
        who=For.ADMIN,
    ),
    post(_ONE + "/keys/prepare", keys.prepare, says="Make the next key.", where=Where.THREAD, who=For.ADMIN),
    post(_ONE + "/keys/switch", keys.switch, says="The next key signs from now on.", who=For.ADMIN),
    get(
        _ONE + "/keys/remove", keys.remove_page, says="Ask before a key is removed.", where=Where.THREAD, who=For.ADMIN
    ),
    post(_ONE + "/keys/remove", keys.remove, says="Remove the previous key.", who=For.ADMIN),
    get(_DOMAINS, domains.domains, says="The organization's email domains.", who=For.ADMIN),
    post(_DOMAINS, domains.add, says="Claim a domain.", who=For.ADMIN, body_limit=4 * KIB),
    post(
        _DOMAINS + "/{domain_id}/check",
        domains.check,
        says="Look a domain's record up in the DNS.",
        where=Where.OUT,
        who=For.ADMIN,
    ),
    get(_DOMAINS + "/{domain_id}/remove", domains.remove_page, says="Ask before removing a domain.", who=For.ADMIN),
    post(_DOMAINS + "/{domain_id}/remove", domains.remove, says="Give a domain up.", who=For.ADMIN),
    get("/settings/attempts", attempts.attempts, says="Every sign-in: successful, refused, unanswered.", who=For.ADMIN),
    get("/settings/attempts/{reference}", attempts.attempt, says="One attempt, explained.", who=For.ADMIN),
)

_DOOR = "/login/break-glass"
_BREAK_GLASS = "/settings/security/break-glass"
_OWN = _BREAK_GLASS + "/own"
_EMERGENCY: tuple[Row, ...] = (
    get(_DOOR, door.page, says="The door for named owners while single sign-on is down."),
    post(
        _DOOR,
        door.by_code,
        says="Sign in with email, password and a recovery code.",
        where=Where.THREAD,
        body_limit=8 * KIB,
    ),
    post(_DOOR + "/passkey", door.by_passkey, says="Sign in with a passkey.", where=Where.THREAD, body_limit=64 * KIB),
    get(_BREAK_GLASS, emergency.settings, says="Who has break-glass access, and how they stand.", who=For.ADMIN),
    post(_BREAK_GLASS, emergency.name, says="Name an owner for it.", who=For.ADMIN, body_limit=4 * KIB),
    get(_BREAK_GLASS + "/{account_id}/remove", emergency.remove_page, says="Ask before taking it away.", who=For.ADMIN),
    post(_BREAK_GLASS + "/{account_id}/remove", emergency.remove, says="Take it away.", who=For.ADMIN),
    get(_OWN, own.own, says="One's own codes and passkeys.", who=For.ADMIN),
    get(_OWN + "/codes", own.codes_page, says="Ask before recovery codes are made.", who=For.ADMIN),
    post(
        _OWN + "/codes",
        own.make_codes,
        says="Make recovery codes, and show them once.",
        where=Where.THREAD,
        who=For.ADMIN,
        body_limit=8 * KIB,
    ),
    post(
        _OWN + "/sign-in",
        own.sign_in_again,
        says="Go to the identity provider once more, where there is no password to ask for.",
        who=For.ADMIN,
        body_limit=4 * KIB,
    ),
    get(_OWN + "/passkeys/new", own.passkey_page, says="Ask for the password before a passkey.", who=For.ADMIN),
    post(
        _OWN + "/passkeys/new",
        own.begin_passkey,
        says="Let the browser make a passkey.",
        where=Where.THREAD,
        who=For.ADMIN,
        body_limit=8 * KIB,
    ),
    post(_OWN + "/passkeys", own.add_passkey, says="Keep the passkey.", where=Where.THREAD, who=For.ADMIN),
    get(
        _OWN + "/passkeys/{passkey_id}/remove",
        own.remove_passkey_page,
        says="Ask before a passkey is removed.",
        who=For.ADMIN,
    ),
    post(_OWN + "/passkeys/{passkey_id}/remove", own.remove_passkey, says="Remove a passkey.", who=For.ADMIN),
)

ROWS: tuple[Row, ...] = (*_RIM, *_LOGIN, *_OPENID, *_ADMIN, *_EMERGENCY)
