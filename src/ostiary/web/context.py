"""The request as a value: what a handler gets, and nothing else of HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ostiary.domain.errors import FormUnreadable
from ostiary.services.sessions import Visitor


class Theme(StrEnum):
    """Which colours the reader has chosen. Auto follows the machine."""

    LIGHT = "light"
    DARK = "dark"
    AUTO = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with a form. Its name is the sender's claim."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a form or a query, each with all its values, in the order in which they came."""

    pairs: tuple[tuple[str, str], ...] = ()

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of this field."""
        return tuple(value for key, value in self.pairs if key == name)

    def one(self, name: str) -> str:
        """The value of a field that has to be there once. Raises: `FormUnreadable`."""
        values = self.all(name)
        # Two values of one field are read differently by different layers; what is expected once is taken once.
        if len(values) != 1:
            raise FormUnreadable(field=name)
        return values[0]

    def optional(self, name: str) -> str:
        """The value of a field that may be missing, then "". Raises: `FormUnreadable` when it came twice."""
        return self.one(name) if self.all(name) else ""

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.pairs)


@dataclass(frozen=True, slots=True)
class Form(Fields):
    """A posted form: its fields, and its files."""

    uploads: tuple[tuple[str, Upload], ...] = ()

    def upload(self, name: str) -> Upload | None:
        """The file of this field; None when none was chosen. Raises: `FormUnreadable` when several came."""
        # A browser sends an empty part without a file name for a file field that was left alone.
        files = [upload for key, upload in self.uploads if key == name and (upload.name or upload.content)]
        if len(files) > 1:
            raise FormUnreadable(field=name)
        return files[0] if files else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One request, read whole and inside its limits."""

    method: str
    path: str
    now: datetime
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    query: Fields = field(default_factory=Fields)
    raw_query: bytes = b""
    """The query string as it was sent: a signature of SAML is over these very octets."""
    form: Form = field(default_factory=Form)
    cookies: Mapping[str, str] = field(default_factory=dict)
    client_address: str = ""
    user_agent: str = ""
    wants_json: bool = False
    theme: Theme = Theme.AUTO
    visitor: Visitor | None = None

    @property
    def signed_in(self) -> Visitor:
        """Who is signed in, on a page whose row asks for it."""
        if self.visitor is None:
            raise RuntimeError("This handler's row does not ask for a signed-in visitor")
        return self.visitor
