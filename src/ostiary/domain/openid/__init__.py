"""OpenID Connect as the product sees it: what an admin sets, and who a provider's claims speak of."""
