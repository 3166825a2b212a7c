"""THE DEMO. The product, five simulated identity providers, a mailbox and a DNS server, in one process.

It is not the server: its database is marked, and `ostiary serve` refuses it (decision 22).
"""

import os
import sys
from contextlib import ExitStack
from pathlib import Path

from ostiary.config import SettingsRefused

USAGE = 2
"""The exit status when the demo can't begin as it was asked to."""


def run(*, port: int, data_dir: Path) -> int:
    """Run the demo of this folder until it is stopped. Returns: the exit status.

    Raises: what `storage` refuses at its opening.
    """
    from ostiary.demo.house import open_house
    from ostiary.demo.listening import PortTaken
    from ostiary.demo.places import Places

    try:
        places = Places.of(port, folder=data_dir)
        settings = places.settings(os.environ)
        with ExitStack() as stack:
            return open_house(places, settings=settings, stack=stack)
    except SettingsRefused as refused:
        _complain("The settings can't be used:\n" + "\n".join(f"  {problem}" for problem in refused.problems))
    except PortTaken as taken:
        _complain(str(taken))
    return USAGE


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")
