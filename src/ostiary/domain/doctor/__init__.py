"""What an admin holds in their hand when something does not work, and what there is to say about it. No I/O."""
