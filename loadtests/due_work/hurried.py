"""`queue-server` with shorter pauses, for runs that cannot wait for hours: a failed job is tried again after moments, a
message whose sender was killed after seconds, and who has waited for too long is looked for each second. Only loadtests
start it: no setting of the product shortens any of this. Leases are as they always are.

    python -m loadtests.due_work.hurried worker
"""

import logging
from datetime import timedelta

from queue_server.application import due_work
from queue_server.application.messages import sending
from queue_server.application.waitlist import matching
from queue_server.cli import main

MODULE = "loadtests.due_work.hurried"
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
SENDING_AT_MOST = timedelta(seconds=8)
EXPIRE_EVERY = timedelta(seconds=1)


def hurry() -> None:
    """Shorten the pauses of this process."""
    due_work.FIRST_PAUSE, due_work.LONGEST_PAUSE = FIRST_PAUSE, LONGEST_PAUSE
    sending.AT_MOST = SENDING_AT_MOST
    matching.EXPIRE_EVERY = EXPIRE_EVERY


if __name__ == "__main__":
    hurry()
    logging.disable(logging.CRITICAL)  # what is poisoned would be told as errors, dozens of them
    main()
