"""What we say of ourselves: our metadata."""
