"""The command line, and what a server process is made of."""
