"""THE OPENID CONNECT SIDE of the simulated identity providers. No code of it is the product's (decision 21)."""
