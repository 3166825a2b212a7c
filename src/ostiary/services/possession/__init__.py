"""Somebody has come by a provider, and an account with their address exists: they prove once that it is theirs.

By its password, or by a code that is mailed to it. Only in the browser that began the sign-in, and only for minutes.
"""

from ostiary.services.possession.proving import CODES_PER_ACCOUNT, WRONG_CODES_PER_DAY, Possessions, Waiting

__all__ = ["CODES_PER_ACCOUNT", "WRONG_CODES_PER_DAY", "Possessions", "Waiting"]
