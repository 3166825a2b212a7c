"""The form of an OpenID Connect connection: what was typed or pasted, read into settings or into field problems."""

from ostiary.services.connection_form.openid.reading import PROMPTS, NewSecret, OpenIdForm, ReadOpenId
from ostiary.services.connection_form.openid.save_openid import SaveOpenId, form_of, preset_of, tidy

__all__ = ["PROMPTS", "NewSecret", "OpenIdForm", "ReadOpenId", "SaveOpenId", "form_of", "preset_of", "tidy"]
