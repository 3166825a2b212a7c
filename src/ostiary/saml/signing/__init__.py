"""Our own signatures: over the octets of a query, and enveloped in a message. Nothing is verified here."""
