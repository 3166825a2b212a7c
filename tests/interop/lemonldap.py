"""A real LemonLDAP::NG on loopback: its SAML is Lasso's. Its configuration, with our metadata inside, is one file.

Debian's package; its portal runs on Plack in one process, which reads its configuration once, at the start. Its
people are those of its own demonstration.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2

from tests.interop.connecting import Person, go_on, submit
from tests.interop.loopback import KeyPair, free_port, listening, new_key
from tests.journeys.walker import Walker

TEMPLATES = Path("/usr/share/lemonldap-ng/portal/templates")
START_SECONDS = 120
DOCTOR = Person(user="dwho", password="dwho", email="dwho@badwolf.org", name="Doctor Who dwho")
ROSE = Person(user="rtyler", password="rtyler", email="rtyler@badwolf.org", name="Rose Tyler rtyler")
_BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
_SENT = {"mail": "email", "cn": "firstName", "uid": "lastName"}
_FORM = "//form[.//input[@name='password']]"

# Its captcha is always loaded and never used here; cookies for a domain would never come back to an address.
_APP = """
BEGIN { package GD::SecurityImage; sub import {} $INC{"GD/SecurityImage.pm"} = __FILE__; }
use Lemonldap::NG::Portal::Main; use Plack::Builder;
my $app = Lemonldap::NG::Portal::Main->run({});
builder {
  enable "Static", path => qr{^/static/}, root => "/usr/share/lemonldap-ng/portal/htdocs/";
  enable sub { my $a = shift; sub { my $r = $a->(@_); if (ref $r eq 'ARRAY') { my $h = $r->[1];
    for (my $i = 0; $i < @$h; $i += 2) { $h->[$i+1] =~ s/;\\s*domain=[^;]*//i if lc $h->[$i] eq 'set-cookie' } } $r } };
  $app;
};
"""
_INI = """[all]
logLevel = notice
checkTime = 600
[configuration]
type=File
dirName={folder}/conf
localStorage=Cache::FileCache
localStorageOptions={{'namespace' => 'config', 'default_expires_in' => 600, 'cache_root' => '{folder}/cache'}}
[portal]
staticPrefix = /static
templateDir = {templates}
languages = en
"""


@dataclass(frozen=True, slots=True)
class LemonLdap:
    """An identity provider in a folder. It answers while it is `running`."""

    base: str
    folder: Path
    key: KeyPair
    version: str

    @property
    def entity_id(self) -> str:
        """Its entity ID, which is also where its metadata stands."""
        return f"{self.base}/saml/metadata"

    @property
    def logout_url(self) -> str:
        """Where a person signs out of the portal, which signs out of its service providers."""
        return f"{self.base}/?logout=1"

    def metadata(self) -> bytes:
        """What it says of itself."""
        return httpx2.get(self.entity_id, timeout=30, trust_env=False).content

    def tile(self, entity_id: str) -> str:
        """Where a sign-in that it begins itself starts."""
        return f"{self.base}/saml/singleSignOn?IDPInitiated=1&sp={entity_id}"

    @contextmanager
    def running(
        self,
        *,
        sp_metadata: str = "",
        options: Mapping[str, object] | None = None,
        openid: Mapping[str, object] | None = None,
    ) -> Iterator[None]:
        """It answers, and knows the service provider of this metadata, with options as its manager names them.

        `openid` is what its configuration holds of OpenID Connect.
        """
        configuration = _configuration(self, sp_metadata=sp_metadata, options=options or {}) | dict(openid or {})
        (self.folder / "conf" / "lmConf-1.json").write_text(json.dumps(configuration))
        server = ["plackup", "-E", "deployment", "-s", "HTTP::Server::PSGI", "-o", "127.0.0.1"]
        with listening(
            [*server, "-p", self.base.rpartition(":")[2], str(self.folder / "app.psgi")],
            environment={"LLNG_DEFAULTCONFFILE": str(self.folder / "lemonldap-ng.ini")},
            log=self.folder / "log",
            answers_at=self.entity_id,
            seconds=START_SECONDS,
        ):
            yield


def made(folder: Path) -> LemonLdap:
    """One of its own in this folder, with a key and a port, not started."""
    for name in ("conf", "cache", *(f"{kind}/lock" for kind in ("sessions", "psessions", "saml", "oidc"))):
        (folder / name).mkdir(parents=True)
    (folder / "app.psgi").write_text(_APP)
    (folder / "lemonldap-ng.ini").write_text(_INI.format(folder=folder, templates=TEMPLATES))
    return LemonLdap(base=f"http://127.0.0.1:{free_port()}", folder=folder, key=new_key(), version=_version())


def with_a_new_key(peer: LemonLdap) -> LemonLdap:
    """The same, with another key. It signs with it once it is started again."""
    return replace(peer, key=new_key())


def sign_in(walker: Walker, person: Person) -> Walker:
    """Its sign-in page, and the pages before and behind it that post a message."""
    go_on(walker)
    if asks_for_the_password(walker):
        submit(walker, _FORM, user=person.user, password=person.password)
    return go_on(walker)


def asks_for_the_password(walker: Walker) -> bool:
    """Whether this is its sign-in page."""
    return bool(walker.document.xpath("//form[.//input[@name='user']]"))


def _configuration(peer: LemonLdap, *, sp_metadata: str, options: Mapping[str, object]) -> dict[str, object]:
    folder, base = peer.folder, peer.base
    return {
        "cfgNum": 1,
        "cfgAuthor": "tests",
        "cfgDate": "1",
        "cfgVersion": "2.16.1",
        "portal": f"{base}/",
        "domain": "llng.test",
        "cookieName": "lemonldap",
        "securedCookie": 0,
        "authentication": "Demo",
        "userDB": "Same",
        "passwordDB": "Demo",
        "registerDB": "Null",
        "demoExportedVars": {"cn": "cn", "mail": "mail", "uid": "uid"},
        "exportedVars": {},
        "groups": {},
        "macros": {"_whatToTrace": "$uid"},
        "whatToTrace": "_whatToTrace",
        "locationRules": {"127.0.0.1": {"default": "accept"}},
        "exportedHeaders": {},
        "applicationList": {},
        "timeout": 7200,
        "loginHistoryEnabled": 0,
        "notification": 0,
        "portalCheckLogins": 0,
        "portalAntiFrame": 1,
        **_storage("globalStorage", folder / "sessions"),
        **_storage("persistentStorage", folder / "psessions"),
        **_storage("samlStorage", folder / "saml"),
        **_storage("oidcStorage", folder / "oidc"),
        "localSessionStorage": "Cache::FileCache",
        "localSessionStorageOptions": {"cache_root": f"{folder}/cache", "namespace": "s", "default_expires_in": 600},
        "portalSkin": "bootstrap",
        "requireToken": 0,
        "trustedDomains": "*",
        "cspFormAction": "*",
        **_saml(peer, sp_metadata=sp_metadata, options=options),
    }


def _saml(peer: LemonLdap, *, sp_metadata: str, options: Mapping[str, object]) -> dict[str, object]:
    checks = ("CheckSLOMessageSignature", "CheckSSOMessageSignature", "SignSLOMessage", "SignSSOMessage")
    settings: dict[str, object] = dict.fromkeys((*checks, "EnableIDPInitiatedURL"), 1)
    settings |= {
        "NameIDFormat": "email",
        "EncryptionMode": "none",
        "SignatureMethod": "RSA_SHA256",
        "NotOnOrAfterTimeout": 3600,
        "SessionNotOnOrAfterTimeout": 3600,
    }
    settings |= options
    known = {"sp": {"samlSPMetaDataXML": sp_metadata}} if sp_metadata else {}
    return {
        "issuerDBSAMLActivation": 1,
        "samlEntityID": peer.entity_id,
        "samlOrganizationName": "tests",
        "samlOrganizationDisplayName": "tests",
        "samlOrganizationURL": f"{peer.base}/",
        "samlServicePrivateKeySig": peer.key.private,
        "samlServicePublicKeySig": peer.key.certificate,
        "samlServicePrivateKeyEnc": peer.key.private,
        "samlServicePublicKeyEnc": peer.key.certificate,
        "samlServiceUseCertificateInResponse": 1,
        "samlServiceSignatureMethod": "RSA_SHA256",
        "samlNameIDFormatMapEmail": "mail",
        "samlSPMetaDataXML": known,
        "samlSPMetaDataOptions": {"sp": {f"samlSPMetaDataOptions{name}": each for name, each in settings.items()}},
        "samlSPMetaDataExportedAttributes": {
            "sp": {name: f"1;{wanted};{_BASIC};{wanted}" for name, wanted in _SENT.items()}
        },
    }


def _storage(name: str, folder: Path) -> dict[str, object]:
    options = {"Directory": str(folder), "LockDirectory": f"{folder}/lock"}
    generator = {"generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256"}
    return {name: "Apache::Session::File", f"{name}Options": {**options, **generator}}


def _version() -> str:
    asked = ["dpkg-query", "--show", "--showformat=${Version}", "lemonldap-ng"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.partition("+")[0]
