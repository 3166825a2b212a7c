"""OpenID Connect sign-ins: the question goes out, the answer comes in, and the provider is asked in between."""
