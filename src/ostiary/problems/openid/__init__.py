"""Words for the settings of an OpenID Connect connection."""
