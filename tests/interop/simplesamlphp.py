"""A real SimpleSAMLphp on loopback, with a configuration of its own, started and stopped by the tests.

Debian's package; no Apache: PHP's own server. What it knows of service providers, and what it does itself, is read
anew at each request. It learns of us from our metadata, read by its own parser.
"""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.connecting import ALICE, BOB, Person, go_on
from tests.interop.loopback import free_port, listening, new_key
from tests.journeys.walker import Walker

HOME = Path("/usr/share/simplesamlphp")
START_SECONDS = 90

_CONFIG = """<?php
$config = [
  'baseurlpath' => '{base}/', 'certdir' => '{folder}/cert/', 'loggingdir' => '{folder}/', 'datadir' => '{folder}/',
  'tempdir' => '{folder}/tmp/', 'metadatadir' => '{folder}/metadata/',
  'attributenamemapdir' => '/etc/simplesamlphp/attributemap/', 'timezone' => 'UTC',
  'secretsalt' => 'of these tests only', 'auth.adminpassword' => 'of these tests only',
  'technicalcontact_name' => 'nobody', 'technicalcontact_email' => 'na@example.org',
  'trusted.url.domains' => null, 'showerrors' => true, 'errorreporting' => false,
  'debug' => ['saml' => false, 'backtraces' => true, 'validatexml' => false],
  'logging.level' => 6, 'logging.handler' => 'file', 'logging.logfile' => 'ssp.log',
  'logging.facility' => LOG_USER, 'logging.processname' => 'ssp', 'statistics.out' => [],
  'enable.saml20-idp' => true, 'enable.adfs-idp' => false,
  'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
  'session.duration' => 28800, 'session.datastore.timeout' => 14400, 'session.state.timeout' => 3600,
  'session.cookie.name' => 'SSPSID', 'session.cookie.lifetime' => 0, 'session.cookie.path' => '/',
  'session.cookie.secure' => false, 'session.cookie.samesite' => null,
  'session.phpsession.cookiename' => 'SSP', 'session.phpsession.savepath' => '{folder}/sess',
  'session.phpsession.httponly' => true, 'session.authtoken.cookiename' => 'SSPAuth',
  'language.available' => ['en'], 'language.default' => 'en', 'language.cookie.name' => 'language',
  'language.cookie.secure' => false, 'language.cookie.httponly' => false, 'language.cookie.lifetime' => 0,
  'language.cookie.path' => '/', 'language.cookie.domain' => null, 'language.parameter.name' => 'language',
  'language.parameter.setcookie' => true, 'theme.use' => 'default', 'production' => false,
  'authproc.idp' => [], 'authproc.sp' => [], 'metadata.sources' => [['type' => 'flatfile']],
  'metadata.sign.enable' => false, 'store.type' => 'phpsession',
];
"""
_AUTHSOURCES = """<?php
$config = ['people' => ['exampleauth:UserPass',
{people}
]];
"""
_HOSTED = """<?php
$metadata['{entity_id}'] = array_merge([
  'host' => '__DEFAULT__', 'privatekey' => 'idp.key', 'certificate' => 'idp.crt', 'auth' => 'people',
  'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'NameIDFormat' => ['urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'],
  'SingleSignOnServiceBinding' => [{redirect}, {post}], 'SingleLogoutServiceBinding' => [{redirect}, {post}],
  'sign.logout' => true, 'validate.logout' => true,
  'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
  'authproc' => [1 => ['class' => 'saml:AttributeNameID', 'attribute' => 'email',
    'Format' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress']],
], [{options}]);
"""
REDIRECT = "'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'"
POST = "'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST'"
_PARSER = f"""
require_once '{HOME}/lib/_autoload.php';
$read = \\SimpleSAML\\Metadata\\SAMLParser::parseString(stream_get_contents(STDIN))->getMetadata20SP();
var_export($read);
"""


@dataclass(frozen=True, slots=True)
class SimpleSamlPhp:
    """A running identity provider."""

    base: str
    folder: Path
    version: str

    @property
    def entity_id(self) -> str:
        """Its entity ID, which is also where its metadata stands."""
        return f"{self.base}/saml2/idp/metadata.php"

    @property
    def sso_url(self) -> str:
        """Where AuthnRequests go, and where a sign-in that it begins itself starts."""
        return f"{self.base}/saml2/idp/SSOService.php"

    @property
    def slo_url(self) -> str:
        """Where logout messages go, and where a sign-out that it begins itself starts."""
        return f"{self.base}/saml2/idp/SingleLogoutService.php"

    @property
    def certificate(self) -> str:
        """The certificate of its signing key, in PEM."""
        return (self.folder / "cert" / "idp.crt").read_text()

    def set_up(self, options: Mapping[str, str] | None = None) -> None:
        """Its own settings, as at the start but for these. `options` are PHP expressions."""
        text = _HOSTED.format(entity_id=self.entity_id, options=_php(options or {}), redirect=REDIRECT, post=POST)
        (self.folder / "metadata" / "saml20-idp-hosted.php").write_text(text)

    def change_key(self) -> None:
        """From now on it signs with a new key, and its metadata has that one alone."""
        made = new_key()
        (self.folder / "cert" / "idp.key").write_text(made.private)
        (self.folder / "cert" / "idp.crt").write_text(made.certificate)

    def know(self, metadata: str, options: Mapping[str, str] | None = None) -> None:
        """Make this the one service provider that it knows, read by its own parser. `options` are PHP expressions."""
        read = subprocess.run(
            ["php", "-r", _PARSER],
            input=metadata,
            capture_output=True,
            text=True,
            check=True,
            env={"SIMPLESAMLPHP_CONFIG_DIR": str(self.folder / "config"), "PATH": "/usr/bin:/bin"},
        ).stdout
        settings = {
            "saml20.sign.response": "true",
            "saml20.sign.assertion": "true",
            "simplesaml.attributes": "true",
        } | dict(options or {})
        text = f"<?php\n$read = {read};\n$metadata[$read['entityid']] = array_merge($read, [{_php(settings)}]);\n"
        (self.folder / "metadata" / "saml20-sp-remote.php").write_text(text)


def sign_in(walker: Walker, person: Person) -> Walker:
    """Its sign-in page, and the pages before and behind it that post a message."""
    go_on(walker)
    if walker.document.xpath("//input[@name='username']"):
        walker.press("Login", username=person.user, password=person.password)
    return go_on(walker)


@contextmanager
def running(folder: Path) -> Iterator[SimpleSamlPhp]:
    """A SimpleSAMLphp of its own in this folder."""
    peer = SimpleSamlPhp(base=f"http://127.0.0.1:{free_port()}", folder=folder, version=_version())
    for name in ("config", "cert", "metadata", "tmp", "sess"):
        (folder / name).mkdir()
    (folder / "config" / "config.php").write_text(_CONFIG.format(base=peer.base, folder=folder))
    (folder / "config" / "authsources.php").write_text(_AUTHSOURCES.format(people=",\n".join(map(_user, (ALICE, BOB)))))
    (folder / "metadata" / "saml20-sp-remote.php").write_text("<?php\n")
    peer.set_up()
    peer.change_key()
    # Without the last one a changed setting is seen after two seconds.
    options = (f"session.save_path={folder}/sess", "date.timezone=UTC", "display_errors=0", "opcache.revalidate_freq=0")
    with listening(
        ["php", *(part for option in options for part in ("-d", option)), "-S", peer.base[7:], "-t", str(HOME / "www")],
        environment={"SIMPLESAMLPHP_CONFIG_DIR": str(folder / "config"), "PHP_CLI_SERVER_WORKERS": "2"},
        log=folder / "php.log",
        answers_at=peer.entity_id,
        seconds=START_SECONDS,
    ):
        yield peer


def _user(person: Person) -> str:
    first, last = person.name.split()
    values = f"'email' => ['{person.email}'], 'firstName' => ['{first}'], 'lastName' => ['{last}']"
    return f"  '{person.user}:{person.password}' => [{values}]"


def _php(settings: Mapping[str, str]) -> str:
    return ", ".join(f"'{name}' => {value}" for name, value in settings.items())


def _version() -> str:
    asked = ["dpkg-query", "--show", "--showformat=${Version}", "simplesamlphp"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split("-")[0]
