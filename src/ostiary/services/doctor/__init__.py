"""THE DOCTOR. What was pasted is unwrapped, recognised, and judged by the very checks of a sign-in.

Nothing of it is stored and nothing goes to a log: recordings of a browser hold passwords, and answers hold people.
"""
