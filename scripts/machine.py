"""What the suites need from the machine, whether it is there, and how to get it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts import keycloak

ROOT = Path(__file__).resolve().parent.parent
PEERS_PYTHON = ROOT / "build" / "peers" / "bin" / "python"
FUZZ_PYTHON = ROOT / "build" / "fuzz" / "bin" / "python"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that a suite can't run without."""

    name: str
    is_there: Callable[[], bool]
    debian_packages: tuple[str, ...]
    install: tuple[str, ...] = ()
    version: tuple[str, ...] = ()


def print_versions(needs: tuple[Need, ...]) -> None:
    """Say in the log of a run what it ran on."""
    for need in dict.fromkeys(needs):
        if need.version:
            asked = subprocess.run(need.version, cwd=ROOT, capture_output=True, text=True, check=False)
            print(f"{need.name}: {asked.stdout.strip() or 'no version'}", flush=True)


def missing(needs: tuple[Need, ...]) -> tuple[Need, ...]:
    """Those that are not there, each once."""
    return tuple(need for need in dict.fromkeys(needs) if not need.is_there())


def obtain(needs: tuple[Need, ...]) -> None:
    """Install what is missing: always in CI, after a question at a terminal, else not at all."""
    wanted = missing(needs)
    if not wanted:
        return
    names = ", ".join(need.name for need in wanted)
    if not (is_ci() or _agreed(f"Missing for some suites: {names}. Install it now?")):
        return
    if any(need.debian_packages for need in wanted):
        _apt("update")
    for need in wanted:  # one by one: what one of them lacks must not take the others away
        print(f"Installing {need.name} ...", flush=True)
        if need.debian_packages:
            _apt("install", "-y", "--no-install-recommends", *need.debian_packages)
        if need.install:
            subprocess.run(need.install, cwd=ROOT, check=False)


def advice(needs: tuple[Need, ...]) -> str:
    """What a person types to get these."""
    packages = " ".join(dict.fromkeys(package for need in needs for package in need.debian_packages))
    steps = [f"sudo apt-get install --no-install-recommends {packages}"] if packages else []
    steps += [" ".join(need.install) for need in needs if need.install]
    return " && ".join(steps)


def is_ci() -> bool:
    """Whether this runs where nobody can be asked and nothing may be left out."""
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _agreed(question: str) -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or shutil.which("apt-get") is None:
        return False
    return input(f"{question} [y/N] ").strip().lower() in {"y", "yes"}


def _apt(*arguments: str) -> None:
    """Run apt-get, up to three times: mirrors are away now and then."""
    apt = ["apt-get", "-q", "-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120", *arguments]
    if os.geteuid() != 0:
        apt = ["sudo", *(["-n"] if is_ci() else []), *apt]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for _ in range(3):
        if subprocess.run(apt, env=environment, stdout=subprocess.DEVNULL, check=False).returncode == 0:
            return
    print(f"This did not succeed: {' '.join(apt)}", file=sys.stderr, flush=True)


def _chromium_is_there() -> bool:
    return any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))


def _axe_is_there() -> bool:
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").exists()


def _postgres_is_there() -> bool:
    if os.environ.get("OSTIARY_TEST_POSTGRES"):
        return True
    return shutil.which("initdb") is not None or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def _simplesamlphp_is_there() -> bool:
    if shutil.which("php") is None or not Path("/usr/share/simplesamlphp/www").exists():
        return False
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False).stdout.lower().split()
    return {"mbstring", "pdo_sqlite", "xml"} <= set(modules)


def _c_libraries_are_there() -> bool:
    if shutil.which("cc") is None or shutil.which("pkg-config") is None:
        return False
    return subprocess.run(C_LIBRARIES.version, stdout=subprocess.DEVNULL, check=False).returncode == 0


C_LIBRARIES = Need(
    name="a C compiler, libxml2 and libcrypto",
    is_there=_c_libraries_are_there,
    debian_packages=("gcc", "libc6-dev", "pkg-config", "libxml2-dev", "libssl-dev"),
    version=("pkg-config", "--cflags", "--libs", "libxml-2.0", "libcrypto"),
)


def _lemonldap_is_there() -> bool:
    if shutil.which("plackup") is None or not Path("/usr/share/lemonldap-ng/portal").exists():
        return False
    modules = ("Lasso", "Glib", "XML::LibXSLT", "Convert::PEM", "String::Random", "Unicode::String")
    loads = ["perl", *(f"-M{module}" for module in modules), "-e", "1"]
    return subprocess.run(loads, capture_output=True, check=False).returncode == 0


CHROMIUM = Need(
    name="Chromium",
    is_there=_chromium_is_there,
    debian_packages=("chromium", "fonts-dejavu-core", "fonts-liberation"),
    version=("sh", "-c", "chromium --version || chromium-browser --version || google-chrome --version"),
)
AXE = Need(
    name="axe-core (accessibility)",
    is_there=_axe_is_there,
    debian_packages=() if shutil.which("npm") else ("npm",),
    install=(sys.executable, "scripts/set_up.py", "node"),
    version=("node", "-p", "require('./node_modules/axe-core/package.json').version"),
)
PEERS = Need(
    name="xmlsec and python3-saml",
    is_there=(PEERS_PYTHON.parent.parent / "lock.stamp").exists,
    debian_packages=(),
    install=(sys.executable, "scripts/set_up.py", "peers"),
    version=(str(PEERS_PYTHON), "-m", "pip", "list", "--format=freeze"),
)
FUZZER = Need(
    name="atheris",
    is_there=(FUZZ_PYTHON.parent.parent / "lock.stamp").exists,
    debian_packages=(),
    install=(sys.executable, "scripts/set_up.py", "fuzz"),
)
NODE_SAML = Need(
    name="node-saml",
    is_there=(ROOT / "tests" / "bench" / "contest" / "node" / "node_modules" / ".ostiary.stamp").exists,
    debian_packages=() if shutil.which("npm") else ("npm",),
    install=(sys.executable, "scripts/set_up.py", "node-saml"),
)
OIDC_PROVIDER = Need(
    name="oidc-provider",
    is_there=(ROOT / "tests" / "interop" / "node" / "node_modules" / ".ostiary.stamp").exists,
    debian_packages=() if shutil.which("npm") else ("npm",),
    install=(sys.executable, "scripts/set_up.py", "oidc-provider"),
    version=("node", "-p", "require('./tests/interop/node/node_modules/oidc-provider/package.json').version"),
)
POSTGRES = Need(
    name="PostgreSQL",
    is_there=_postgres_is_there,
    debian_packages=("postgresql",),
    version=("sh", "-c", "postgres --version 2>/dev/null || psql --version"),
)
SIMPLESAMLPHP = Need(
    name="SimpleSAMLphp",
    is_there=_simplesamlphp_is_there,
    debian_packages=("simplesamlphp", "php-cli", "php-sqlite3", "php-xml", "php-mbstring"),
    version=("dpkg-query", "--show", "--showformat=${Version}", "simplesamlphp"),
)
LEMONLDAP = Need(
    name="LemonLDAP::NG",
    is_there=_lemonldap_is_there,
    debian_packages=(
        "lemonldap-ng",
        # What its portal loads with SAML switched on, and only recommends.
        "libconvert-base32-perl",
        "libconvert-pem-perl",
        "libcrypt-openssl-bignum-perl",
        "libcrypt-openssl-x509-perl",
        "libglib-perl",
        "libio-socket-timeout-perl",
        "libio-string-perl",
        "libipc-run-perl",
        "liblasso-perl",
        "libmime-tools-perl",
        "libnet-ldap-perl",
        "libstring-random-perl",
        "libunicode-string-perl",
        "libxml-libxml-perl",
        "libxml-libxslt-perl",
        "libxml-simple-perl",
    ),
    version=("dpkg-query", "--show", "--showformat=${Version}", "lemonldap-ng"),
)
KEYCLOAK = Need(
    name="Keycloak",
    is_there=keycloak.is_there,
    debian_packages=("openjdk-17-jre-headless",),
    install=(sys.executable, "-m", "scripts.keycloak"),
    version=("head", "-n1", str(keycloak.HOME / "version.txt")),
)
