"""The settings of a server: from the environment, or one TOML file, read once. All mistakes are reported at once."""

import os
import re
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, field_validator, model_validator

PREFIX = "OSTIARY_"
FILE_VARIABLE = "OSTIARY_CONFIG"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LAST_PORT = 65535
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

Network = IPv4Network | IPv6Network


def _networks(value: object) -> tuple[Network, ...]:
    """The networks of a comma-separated text (how the environment writes several), or of a list (the file)."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
    return tuple(ip_network(str(part).strip()) for part in parts if str(part).strip())


def _ports(value: object) -> tuple[int, ...]:
    """The ports of a comma-separated text, or of a list."""
    parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
    ports = tuple(int(str(part)) for part in parts if str(part).strip())
    if not ports or not all(0 < port <= _LAST_PORT for port in ports):
        raise ValueError("has to be ports with commas between, such as 443, 8443")
    return ports


Networks = Annotated[tuple[Network, ...], PlainValidator(_networks)]
Ports = Annotated[tuple[int, ...], PlainValidator(_ports)]


def _user_configuration() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "ostiary"


class SettingsRefused(Exception):
    """The settings can't be used. `problems` holds one sentence for each mistake."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseModel):
    """Everything that an operator can set. The name of a variable is OSTIARY_ and the field in capitals."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    public_url: str = Field("http://localhost:8080", description="Where browsers reach us; every URL is made from it.")
    host: str = Field("127.0.0.1", description="The address that the server listens on.")
    port: int = Field(8080, ge=0, le=65535, description="The port that the server listens on.")
    data_dir: Path = Field(Path("data"), description="Folder of the embedded database.")
    database_url: str = Field("", description="postgresql://… ; empty for the embedded database in the data folder.")
    key_file: Path = Field(
        default_factory=lambda: _user_configuration() / "sealing.key", description="The sealing key."
    )
    dns_server: str = Field("", description="address:port of the DNS server to ask; empty for the system's.")
    smtp_url: str = Field(
        "", description="smtp://user:password@host:port or smtps://…; empty: mail waits in the outbox."
    )
    mail_from: str = Field("sso@localhost", description="The sender of our mails.")
    trusted_proxies: Networks = Field((), description="Networks whose X-Forwarded-For is believed, comma-separated.")
    allowed_networks: Networks = Field((), description="Private networks that may be fetched from, comma-separated.")
    allowed_ports: Ports = Field((443, 8443), description="Ports that may be fetched from, comma-separated.")
    allow_loopback: bool = Field(
        default=False, description="Fetch from loopback, http included. For the demo and tests."
    )
    product_name: str = Field(
        "Ostiary",
        min_length=1,
        max_length=60,
        description="The name of your product: on every page, in guides and mails.",
    )
    sign_in_label: str = Field(
        "Sign in with SSO",
        min_length=1,
        max_length=60,
        description="The label of the button on sign-in pages, as the guides quote it: “Log in with SSO”, perhaps.",
    )
    accent_colour: str = Field("#2c4fb0", description="Your product's colour, as #rrggbb.")
    logo_url: str = Field("", description="Path of a logo under our own address; empty for ours.")
    support_contact: str = Field("", description="Address or URL that users are sent to for help.")
    home_url: str = Field("/", description="Where people land after they have signed in.")
    session_hours: float = Field(8, gt=0, le=24 * 30, description="How long a session lasts at most.")
    idle_hours: float = Field(2, gt=0, le=24 * 30, description="How long a session lasts without a request.")
    google_client_id: str = Field(
        "", description="Your OAuth client at Google, for every organization that uses Google."
    )
    google_client_secret: str = Field("", repr=False, description="The secret of that client.")
    google_issuer: str = Field(
        "https://accounts.google.com", description="Who answers for that client. Another one for the demo and tests."
    )
    workers: int = Field(1, ge=1, le=64, description="How many processes serve. More than one needs PostgreSQL.")

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        parts = urlsplit(value)
        local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not (parts.scheme == "https" or local) or not parts.hostname or parts.path not in {"", "/"}:
            raise ValueError("has to be https://host, without a path (plain http only for localhost)")
        return value.rstrip("/")

    @field_validator("google_issuer")
    @classmethod
    def _google_issuer(cls, value: str) -> str:
        parts = urlsplit(value)
        local = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not (parts.scheme == "https" or local) or not parts.hostname:
            raise ValueError("has to be an https address (plain http only for this machine)")
        return value

    @field_validator("accent_colour")
    @classmethod
    def _accent_colour(cls, value: str) -> str:
        if not _COLOUR.fullmatch(value):
            raise ValueError("has to be a colour such as #2c4fb0")
        return value.lower()

    @field_validator("dns_server")
    @classmethod
    def _dns_server(cls, value: str) -> str:
        address, _, port = value.rpartition(":")
        if value and not (address and port.isdigit() and 0 < int(port) <= _LAST_PORT):
            raise ValueError("has to be address:port, such as 127.0.0.1:8053")
        return value

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"postgresql", "postgres", "sqlite"}:
            raise ValueError("has to begin with postgresql://, or be empty for the embedded database")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"smtp", "smtps"}:
            raise ValueError("has to begin with smtp:// or smtps://")
        return value

    @model_validator(mode="after")
    def _key_apart(self) -> Self:
        # A copy of the data folder, or a leaked backup of it, must not carry the key along (decision 13).
        if self.key_file.resolve().is_relative_to(self.data_dir.resolve()):
            raise ValueError("key_file: the sealing key has to lie outside the data folder")
        if self.workers > 1 and not self.database_url.startswith("postgres"):
            raise ValueError("workers: more than one process needs a PostgreSQL database_url")
        return self

    @property
    def store_url(self) -> str:
        """The address of the database that is used."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'ostiary.db'}"

    @property
    def is_local(self) -> bool:
        """Whether browsers reach us at loopback: cookies then carry the port, because they ignore it (decision 31)."""
        return urlsplit(self.public_url).hostname in _LOOPBACK


def _sentence(error: Mapping[str, object], source: str) -> str:
    location = error["loc"]
    name = str(location[0]) if isinstance(location, tuple) and location else ""
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = "is not a setting"
    if error["type"] in {"int_parsing", "int_from_float"}:
        message = "has to be a whole number"
    if error["type"] == "float_parsing":
        message = "has to be a number"
    if error["type"] == "bool_parsing":
        message = "has to be true or false"
    if not name and ": " in message:
        name, message = message.split(": ", 1)
    return f"{PREFIX}{name.upper()} ({source}): {message}"


def _unknown_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    # A misspelled variable that is silently ignored costs an operator an hour.
    known = {PREFIX + name.upper() for name in Settings.model_fields} | {FILE_VARIABLE}
    return tuple(
        f"{name} (environment): is not a setting"
        for name in sorted(environment)
        if name.startswith(PREFIX) and not name.startswith("OSTIARY_TEST_") and name not in known
    )


def read_settings(environment: Mapping[str, str], **given: object) -> Settings:
    """The settings: what is given, before the environment, before the TOML file that OSTIARY_CONFIG names.

    Raises: `SettingsRefused`, with every mistake at once.
    """
    problems = list(_unknown_variables(environment))
    from_file: dict[str, object] = {}
    path = environment.get(FILE_VARIABLE)
    if path:
        try:
            from_file = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsRefused((*problems, f"{FILE_VARIABLE}: {path} can't be read: {error}")) from error
    from_environment = {
        name: environment[PREFIX + name.upper()]
        for name in Settings.model_fields
        if PREFIX + name.upper() in environment
    }
    values = {**from_file, **from_environment, **given}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        for each in error.errors():
            first = str(each["loc"][0]) if each["loc"] else ""
            source = (
                "environment" if first in from_environment else f"file {path}" if first in from_file else "settings"
            )
            problems.append(_sentence(dict(each), source))
        raise SettingsRefused(tuple(problems)) from error
    if problems:
        raise SettingsRefused(tuple(problems))
    return settings
