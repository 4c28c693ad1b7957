"""Timers of every kind while workers, Redis and Postgres are killed and Redis is emptied: each once and at its time.

    python -m loadtests.due_work [--quick] [--timers 3000] [--seconds 120] [--json]

In a house of the run's own with two workers. People who do not come are released, holds end, offers are not answered,
entries of the waitlist have waited for too long, payments of holds come to nothing, mails and texts are due: each timer
is armed in the transaction of what it is about, all are due within `--seconds`, and all the while something is killed.
In the end what happened (events in Postgres, messages at a mail server and at a provider of texts) is held to what was
to: `lost`, `early`, `twice`. A message that is handed over again under the same id is the same message to whoever takes
it; `messages_handed_over_again` counts those. What can never be done (recipients that are refused, or put off for ever;
jobs that make no sense) must be put aside with a reason, all of it. Pauses between attempts are shorter here than in
the product, leases are the same. Exits 1 if a promise was broken (`faults`).
"""

import argparse
import asyncio
import sys

import msgspec

from loadtests.due_work.run import FULL, QUICK, run
from loadtests.report import report


def main() -> None:
    """Run and print; exits with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three hundred timers, within 50 seconds")
    parser.add_argument("--timers", type=int)
    parser.add_argument("--seconds", type=float, help="within which they are due")
    parser.add_argument("--seed", type=int, default=11, help="of the kills")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    given = parser.parse_args()
    names = ("timers", "seconds")
    other = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    sizes = msgspec.structs.replace(QUICK if given.quick else FULL, **other)
    figures = asyncio.run(run(sizes, seed=given.seed))
    report(figures, as_json=given.json)
    sys.exit(bool(figures["faults"]))


if __name__ == "__main__":
    main()
