"""Enforcing single sign-on: who would be locked out, who is told, and what every door asks."""
