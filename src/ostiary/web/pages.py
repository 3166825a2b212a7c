"""Templates → HTML: one Jinja environment, escaped always, strict about names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Self
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ostiary.config import Settings
from ostiary.web.assets import Assets
from ostiary.web.context import Incoming

COMPONENTS = (
    "buttons",
    "fields",
    "copy",
    "text",
    "guide",
    "status",
    "callout",
    "report",
    "difference",
    "timeline",
    "table",
    "facts",
    "empty",
    "confirm",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What every page says of the product that people sign in to."""

    name: str
    sign_in_label: str
    logo_url: str
    support_contact: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The product of these settings."""
        return cls(
            name=settings.product_name,
            sign_in_label=settings.sign_in_label,
            logo_url=settings.logo_url,
            support_contact=settings.support_contact,
        )


class Components:
    """The macros of templates/components/ under one name, `ui`: `{{ ui.button("Save Configuration") }}`."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> object:
        for file in COMPONENTS:
            module = self._environment.get_template(f"components/{file}.html").module
            if hasattr(module, name):
                macro: object = getattr(module, name)
                setattr(self, name, macro)
                return macro
        raise AttributeError(name)


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders the templates of this package."""

    environment: Environment

    @classmethod
    def of(cls, settings: Settings, *, assets: Assets) -> Self:
        """The templates, with the product and the addresses of the assets known to each."""
        environment = Environment(
            loader=PackageLoader("ostiary.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
        )
        environment.globals.update(
            product=Product.of(settings),
            asset=lru_cache(assets.path),
            logo_url=settings.logo_url,
            ui=Components(environment),
        )
        environment.filters.update(day=day, clock=clock, moment=moment, exact=exact, iso=iso, breakable=breakable)
        return cls(environment)

    def render(self, template: str, *, values: Mapping[str, object], incoming: Incoming) -> str:
        """The page as HTML. `incoming` gives it the theme, the visitor and the path."""
        frame = {
            "theme": incoming.theme.value,
            "visitor": incoming.visitor,
            "here": _here(incoming),
            "now": incoming.now,
            "message": None,
            "is_error": False,
        }
        return self.environment.get_template(template).render(frame | dict(values))


def _here(incoming: Incoming) -> str:
    """The address to come back to after the colours were switched; "" for a form's answer, which has none."""
    if incoming.method == "POST":
        return ""
    query = urlencode(incoming.query.pairs)
    return f"{incoming.path}?{query}" if query else incoming.path


def day(at: datetime) -> str:
    """As 14 May 2026."""
    return f"{at.day} {at:%B %Y}"


def clock(at: datetime) -> str:
    """As 10:28."""
    return f"{at:%H:%M}"


def moment(at: datetime) -> str:
    """As 14 May 2026, 10:28 UTC. The script of the page turns it into the reader's zone."""
    return f"{day(at)}, {clock(at)} UTC"


def exact(at: datetime) -> str:
    """As 10:28:04.118."""
    return f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"


def iso(at: datetime) -> str:
    """As programs read it, with milliseconds."""
    return at.isoformat(timespec="milliseconds")


def breakable(text: str) -> Markup:
    """The text, with a place to wrap after each slash, dot and ampersand: long URLs never widen a page."""
    escaped = str(Markup.escape(text))
    for mark in ("/", ".", "@", "?", "_"):
        escaped = escaped.replace(mark, f"{mark}<wbr>")
    return Markup(escaped)  # noqa: S704 - escaped above; the only markup is our own <wbr>
