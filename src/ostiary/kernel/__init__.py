"""GROUND. The words that every floor shares: refusals, checks, values, ids, the clock, randomness, HTTP as values.

It knows no product, no protocol and no I/O, and never imports another folder of this package.
"""
