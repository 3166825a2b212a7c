"""The words of the doctor: what something is, what is wrong with it, and what to do."""
