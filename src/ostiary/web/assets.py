"""The files that pages load: read once, named by their content, cached for ever."""

import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Self

from ostiary.domain.errors import PageUnknown
from ostiary.web.brand import stylesheet
from ostiary.web.responses import Document

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_FOLDER = files("ostiary.web").joinpath("static")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Assets:
    """Every file under /static/, by name, with the fingerprint of its content."""

    contents: Mapping[str, bytes]
    fingerprints: Mapping[str, str]

    @classmethod
    def read(cls, *, accent_colour: str) -> Self:
        """The files of this package, and the stylesheet of the product's colour."""
        contents = {entry.name: entry.read_bytes() for entry in _FOLDER.iterdir() if entry.is_file()}
        contents["brand.css"] = stylesheet(accent_colour).encode()
        return cls(contents, {name: hashlib.sha256(body).hexdigest()[:12] for name, body in contents.items()})

    def path(self, name: str) -> str:
        """Where browsers find this file. It changes with the content."""
        return f"/static/{self.fingerprints[name]}/{name}"

    def document(self, fingerprint: str, *, name: str) -> Document:
        """The file. Raises: `PageUnknown`, also for a fingerprint of another version.

        An old version must not be answered with the new content: caches would keep the wrong one for ever.
        """
        if self.fingerprints.get(name) != fingerprint:
            raise PageUnknown
        return Document(body=self.contents[name], media_type=_media_type(name), headers=_FOR_EVER)


def _media_type(name: str) -> str:
    suffix = name[name.rfind(".") :]
    return _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
