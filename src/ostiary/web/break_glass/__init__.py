"""The pages of break-glass access: the door, who has it, and one's own codes and passkeys."""
