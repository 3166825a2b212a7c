"""OpenID Connect, pure: requests out, answers in. No network, no clock, no randomness; `outbound` carries.

`relying_party` is our side as the client of a customer's identity provider.
"""
