"""What is kept of OpenID Connect: a file for each table."""
