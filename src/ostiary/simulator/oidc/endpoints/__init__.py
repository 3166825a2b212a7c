"""The endpoints of a simulated OpenID Connect provider."""
