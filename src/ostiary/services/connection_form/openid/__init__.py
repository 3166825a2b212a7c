"""The form of an OpenID Connect connection: what was typed or pasted, read into settings or into field problems."""

from ostiary.services.connection_form.openid.save_openid import SaveOpenId, form_of, preset_of

__all__ = ["SaveOpenId", "form_of", "preset_of"]
