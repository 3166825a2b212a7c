"""The form of a SAML connection: what was typed, pasted or uploaded, read into settings or into field problems."""

from ostiary.services.connection_form.provider import MOST_CERTIFICATES
from ostiary.services.connection_form.reading import ConnectionForm
from ostiary.services.connection_form.save_saml import NAME_ID_FORMATS, SaveSaml, tidy

__all__ = ["MOST_CERTIFICATES", "NAME_ID_FORMATS", "ConnectionForm", "SaveSaml", "tidy"]
