"""What it means that a connection is enforced: which doors are left, and who would be locked out."""
