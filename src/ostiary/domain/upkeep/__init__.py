"""What keeps connections working: keys from pinned sources, and the days on which an end is told."""
