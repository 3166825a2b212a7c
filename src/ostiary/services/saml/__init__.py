"""SAML sign-in, one step a file: the question, the answer, what it proves, and our keys."""
