"""XML Encryption 1.1, as far as SAML uses it: what is encrypted to us is opened here. Core 2.2.4, 2.3.4, 2.7.3.2."""
