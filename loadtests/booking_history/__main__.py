"""Whether holds and bookings were always what a slot may do, while everything is killed at random.

    python -m loadtests.booking_history [--quick] [--minutes 10] [--planted 15] [--seed 5] [--json]

Guests and desks fight over one slot after the other on two servers: they hold, book, cancel, give up, look. Servers,
worker, Redis and Postgres are killed (-9) at random meanwhile; who gets no answer asks again, and that is a call of its
own. Holds last 1.5 seconds, so that many end while somebody books. Then the history of each slot, with what Postgres
has in the end, is checked for linearizability by a search of our own; a call without an answer may have been done at
any time or never. In the end the same is done on a server with a planted fault, which must be found.
"""

import argparse
import asyncio
import sys

from loadtests.booking_history.run import run
from loadtests.report import report


def main() -> None:
    """Run and print; exits with 1 when a promise was broken, or the planted fault was not found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="twenty seconds with kills, five with the fault")
    parser.add_argument("--minutes", type=float, default=10.0, help="with kills")
    parser.add_argument("--planted", type=float, default=15.0, help="seconds with the planted fault; 0 leaves it out")
    parser.add_argument("--seed", type=int, default=5, help="of what is killed when, and who does what")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    given = parser.parse_args()
    minutes, fault = (1 / 3, 5.0) if given.quick else (given.minutes, given.planted)
    figures = asyncio.run(run(minutes=minutes, planted_seconds=fault, seed=given.seed))
    report(figures, as_json=given.json)
    sys.exit(bool(figures["faults"]))


if __name__ == "__main__":
    main()
