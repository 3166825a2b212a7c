"""Answers of the usual shape, read from their text. Rule: this folder accepts and refuses nothing, it only saves time.

Each file gives what it has read, or None for whatever is not exactly as expected: then the tree decides.
"""
