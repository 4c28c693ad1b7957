"""`queue-server` with holds of seconds, for runs that cannot wait ten minutes. Only loadtests start it: no setting of
the product shortens a hold.

    LOADTEST_HOLD_SECONDS=2 python -m loadtests.booking.short_holds serve --port 8080
"""

import os
from datetime import timedelta

from queue_server.cli import main
from scheduling_core.booking import holds

VARIABLE = "LOADTEST_HOLD_SECONDS"
MODULE = "loadtests.booking.short_holds"


def shorten() -> None:
    """Let every hold of this process last as long as the environment says."""
    seconds = float(os.environ[VARIABLE])
    holds.HELD_FOR.update(dict.fromkeys(holds.HELD_FOR, timedelta(seconds=seconds)))


if __name__ == "__main__":
    shorten()
    main()
