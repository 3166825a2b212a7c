"""What keeps connections working without anybody's doing: keys from pinned sources, and word before one ends."""
