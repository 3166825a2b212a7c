"""The pages in front of the door: signing in, passwords, the answers of identity providers, signing out."""
