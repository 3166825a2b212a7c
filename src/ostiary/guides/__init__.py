"""DATA. One TOML file per identity provider: what its console calls each field, where it stands, and the steps.

Everything that an admin reads about a foreign console comes from here. It knows no page, no HTML and no connection;
values are filled in by whoever shows it.
"""

from ostiary.guides.guide import Field, Guide, Recipe
from ostiary.guides.library import KEYS, OPENID_KEYS, guide, guides
from ostiary.guides.naming import called, default_name
from ostiary.guides.openid_preset import OpenIdPreset
from ostiary.guides.rich_text import RichText, Span, SpanKind, rich
from ostiary.guides.values import ConnectionValues, Sibling

__all__ = [
    "KEYS",
    "OPENID_KEYS",
    "OpenIdPreset",
    "called",
    "default_name",
    "guide",
    "guides",
    "Guide",
    "Field",
    "Recipe",
    "ConnectionValues",
    "Sibling",
    "RichText",
    "Span",
    "SpanKind",
    "rich",
]
