"""What break-glass access is kept as: its holders, their recovery codes, their passkeys."""
