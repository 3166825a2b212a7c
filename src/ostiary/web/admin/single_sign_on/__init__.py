"""What leads to a connection: the one list of providers, the choice of a protocol, guides, and Google by one press."""
