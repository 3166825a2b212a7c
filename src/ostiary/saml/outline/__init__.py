"""What a document says of itself before anybody has verified it: for an admin's eyes, and used for nothing."""
