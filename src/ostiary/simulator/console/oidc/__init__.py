"""The consoles' pages for OpenID Connect applications: one code, and each vendor's words from its profile."""
