"""Where everything of the demo is: its ports, its addresses, its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ostiary.config import Settings, SettingsRefused, read_settings

PRODUCT_NAME = "Ringline"
SUPPORT_CONTACT = "support@ringline.example"
GOOGLE_CLIENT_ID = "ringline-demo.apps.googleusercontent.com"
GOOGLE_CLIENT_SECRET = "GOCSPX-the-demo-is-known-to-everybody"  # noqa: S105 - of the simulated Google alone
PORTS = 9
LAST_PORT = 65_535
_PORT_FILE = "port"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderPlace:
    """Where one of the simulated identity providers answers."""

    name: str
    port: int
    has_portal: bool = True
    """Google has no portal with tiles."""

    @property
    def url(self) -> str:
        """Its address; the console is under /admin."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The demo of this folder, at this port and the eight after it."""

    port: int
    folder: Path

    @classmethod
    def of(cls, port: int, *, folder: Path) -> Self:
        """The places. Raises: `SettingsRefused` for a port that has no eight ports after it.

        A demo keeps its port: its addresses stand at its identity providers. At another port another demo is made, in
        a folder of its own under this one.
        """
        last = LAST_PORT - PORTS + 1
        if not 0 < port <= last:
            raise SettingsRefused((f"OSTIARY_PORT: has to be between 1 and {last}: {PORTS} ports are used",))
        whole = folder.resolve()
        kept = whole / _PORT_FILE
        is_of_another_port = kept.exists() and kept.read_text().strip() != str(port)
        return cls(port=port, folder=whole / f"port-{port}" if is_of_another_port else whole)

    @staticmethod
    def kept_port(folder: Path) -> int | None:
        """The port of the demo in this folder; None where there is none yet."""
        kept = folder / _PORT_FILE
        return int(kept.read_text()) if kept.exists() else None

    def keep_port(self) -> None:
        """Note that this folder is a demo of this port."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / _PORT_FILE).write_text(f"{self.port}\n")

    @property
    def product_url(self) -> str:
        """The product. By name, and the rest by number, so that a sign-in really crosses sites (decision 22)."""
        return f"http://localhost:{self.port}"

    @property
    def onelogin_url(self) -> str:
        """The simulated OneLogin."""
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def okta_url(self) -> str:
        """The simulated Okta."""
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def pages_url(self) -> str:
        """The demo's own pages: start, mailbox, DNS."""
        return f"http://127.0.0.1:{self.port + 3}"

    @property
    def dns_port(self) -> int:
        """The DNS server, UDP and TCP."""
        return self.port + 4

    @property
    def mail_port(self) -> int:
        """Where the product's mails arrive (SMTP)."""
        return self.port + 5

    @property
    def google_url(self) -> str:
        """The simulated Google."""
        return f"http://127.0.0.1:{self.port + 6}"

    @property
    def entra_url(self) -> str:
        """The simulated Microsoft Entra ID."""
        return f"http://127.0.0.1:{self.port + 7}"

    @property
    def keycloak_url(self) -> str:
        """The simulated Keycloak."""
        return f"http://127.0.0.1:{self.port + 8}"

    @property
    def providers(self) -> tuple[ProviderPlace, ...]:
        """All of them, in the order of their ports."""
        return (
            ProviderPlace(name="OneLogin", port=self.port + 1),
            ProviderPlace(name="Okta", port=self.port + 2),
            ProviderPlace(name="Google", port=self.port + 6, has_portal=False),
            ProviderPlace(name="Entra ID", port=self.port + 7),
            ProviderPlace(name="Keycloak", port=self.port + 8),
        )

    @property
    def database_folder(self) -> Path:
        """The product's data. The key lies outside (decision 13)."""
        return self.folder / "data"

    @property
    def seeded_mark(self) -> Path:
        """A file that stands here once everything of the first start is made."""
        return self.folder / "seeded"

    def settings(self, environment: Mapping[str, str]) -> Settings:
        """The product's settings in this demo. What makes it a demo is set; the rest is the environment's.

        Raises: `SettingsRefused`.
        """
        own: dict[str, object] = {
            "public_url": self.product_url,
            "host": "127.0.0.1",
            "port": self.port,
            "data_dir": self.database_folder,
            "database_url": "",
            "key_file": self.folder / "key" / "sealing.key",
            "dns_server": f"127.0.0.1:{self.dns_port}",
            "smtp_url": f"smtp://127.0.0.1:{self.mail_port}",
            "allow_loopback": True,
            "google_client_id": GOOGLE_CLIENT_ID,
            "google_client_secret": GOOGLE_CLIENT_SECRET,
            "google_issuer": self.google_url,
            "workers": 1,
        }
        settings = read_settings(environment, **own)
        named = {"product_name": PRODUCT_NAME, "support_contact": SUPPORT_CONTACT}
        missing = {name: value for name, value in named.items() if name not in settings.model_fields_set}
        return read_settings(environment, **own, **missing) if missing else settings
