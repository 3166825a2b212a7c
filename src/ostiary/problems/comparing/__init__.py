"""PARTS of comparing two values: the marked runs, each known difference, and the sentence made of it."""
