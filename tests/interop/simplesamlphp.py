"""A real SimpleSAMLphp on loopback, with a configuration of its own, started and stopped by the tests.

Debian's package; no Apache: PHP's own server. What it knows of service providers is read anew at each request.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

WWW = Path("/usr/share/simplesamlphp/www")
START_SECONDS = 30
ALICE = ("alice", "alicepass", "alice@acme.example")
BOB = ("bob", "bobpass", "bob@acme.example")

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
  'alice:alicepass' => ['email' => ['alice@acme.example'], 'firstName' => ['Alice'], 'lastName' => ['Liddell']],
  'bob:bobpass' => ['email' => ['bob@acme.example'], 'firstName' => ['Bob'], 'lastName' => ['Builder']],
]];
"""
_HOSTED = """<?php
$metadata['{base}/saml2/idp/metadata.php'] = [
  'host' => '__DEFAULT__', 'privatekey' => 'idp.key', 'certificate' => 'idp.crt', 'auth' => 'people',
  'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'validate.authnrequest' => false,
  'NameIDFormat' => ['urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'],
  'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
  'authproc' => [1 => ['class' => 'saml:AttributeNameID', 'attribute' => 'email',
    'Format' => 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress']],
];
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
    def certificate(self) -> str:
        """The certificate of its signing key, in PEM."""
        return (self.folder / "cert" / "idp.crt").read_text()

    def know(self, entity_id: str, *, acs_url: str, options: Mapping[str, str] | None = None) -> None:
        """Make this the one service provider that it knows. `options` are PHP expressions."""
        settings = {
            "AssertionConsumerService": f"'{acs_url}'",
            "NameIDFormat": "'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'",
            "saml20.sign.response": "true",
            "saml20.sign.assertion": "true",
            "simplesaml.attributes": "true",
        } | dict(options or {})
        lines = ",\n  ".join(f"'{name}' => {value}" for name, value in settings.items())
        text = f"<?php\n$metadata['{entity_id}'] = [\n  {lines},\n];\n"
        (self.folder / "metadata" / "saml20-sp-remote.php").write_text(text)


@contextmanager
def running(folder: Path) -> Iterator[SimpleSamlPhp]:
    """A SimpleSAMLphp of its own in this folder."""
    base = f"http://127.0.0.1:{_free_port()}"
    for name in ("config", "cert", "metadata", "tmp", "sess"):
        (folder / name).mkdir()
    _write_key(folder / "cert")
    (folder / "config" / "config.php").write_text(_CONFIG.format(base=base, folder=folder))
    (folder / "config" / "authsources.php").write_text(_AUTHSOURCES)
    (folder / "metadata" / "saml20-idp-hosted.php").write_text(_HOSTED.format(base=base))
    (folder / "metadata" / "saml20-sp-remote.php").write_text("<?php\n")
    options = ("session.save_path=" + str(folder / "sess"), "date.timezone=UTC", "display_errors=0", "log_errors=0")
    command = ["php", *(part for option in options for part in ("-d", option)), "-S", base[7:], "-t", str(WWW)]
    environment = {**os.environ, "SIMPLESAMLPHP_CONFIG_DIR": str(folder / "config"), "PHP_CLI_SERVER_WORKERS": "2"}
    with (folder / "php.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait_for(f"{base}/saml2/idp/metadata.php", folder)
        yield SimpleSamlPhp(base=base, folder=folder, version=_version())
    finally:
        # The workers of PHP's server outlive a kill of their master: the whole group is ended.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait(timeout=10)


def _wait_for(url: str, folder: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            if httpx2.get(url, timeout=5, trust_env=False).status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("SimpleSAMLphp does not answer: " + (folder / "php.log").read_text()[-2000:])


def _version() -> str:
    asked = ["dpkg-query", "--show", "--showformat=${Version}", "simplesamlphp"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split("-")[0]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _write_key(folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an identity provider of these tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    (folder / "idp.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain))
    (folder / "idp.crt").write_bytes(certificate.public_bytes(pem))


def is_installed() -> bool:
    """Whether Debian's simplesamlphp and PHP are here."""
    return WWW.is_dir() and shutil.which("php") is not None
