"""Break-glass access: the owners who get in while the identity provider is down and SSO is enforced."""
