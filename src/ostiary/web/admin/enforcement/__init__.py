"""The pages about enforcing a connection: who would be locked out, how to begin, and how to take it back."""
