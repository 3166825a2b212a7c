"""PURE. The product's nouns and its rules: who may sign in, by which way, as whom, and what is worth a warning.

It knows no HTTP, no SQL and no clock: values and `now` come in, values or refusals go out.
"""
