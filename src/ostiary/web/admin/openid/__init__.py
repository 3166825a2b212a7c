"""The pages of an OpenID Connect connection: its form, and its client secrets."""
