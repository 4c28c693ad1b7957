"""Slots: how fast they are generated beside a bare COPY, follow a leave, and are found; and doctors with them.

    python -m loadtests.slots [--quick] [--doctors 1000] [--searched 10000] [--days 90] [--searches 3000] [--json]

In a Postgres and a Redis of the run's own. Doctors get calendars by the rules, in tenants of 50, and their slots by
what `queue-server generate-slots` runs. After each tenant the same rows go into a table of the same shape, keys and
indexes by one COPY, as the owner: `copy_ratio` is that time by ours with rows that are values in memory,
`encoded_copy_ratio` with rows that are bytes in COPY's own format already. Memory is this process's own after each
tenant. A leave is asked for and approved: `regenerate_ms` is the approval, the slots that go included.

Searches (random ones, each asked as the public asks) go to a tenant whose rows Postgres made itself. Where neighbours
have the machine, `search_unhindered_…` leaves out the time in which this process or Postgres was ready to run while
others had the cores.
"""

import argparse
import asyncio
import sys

from loadtests.report import report
from loadtests.slots.run import Sizes, run
from queue_server import logs


def main() -> None:
    """Run and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--doctors", type=int, default=1000, help="whose slots are generated")
    parser.add_argument("--searched", type=int, default=10_000, help="doctors among whose slots is searched")
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--searches", type=int, default=3000)
    parser.add_argument("--quick", action="store_true", help="a tenth of all that, within 50 seconds")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    given = parser.parse_args()
    logs.configure("ERROR", "console", sys.stderr)  # standard output is for results
    share = 10 if given.quick else 1
    sizes = Sizes(
        doctors=given.doctors // share,
        days=given.days,
        searched=given.searched // share,
        searches=max(300, given.searches // share),
    )
    report(asyncio.run(run(sizes)), as_json=given.json)


if __name__ == "__main__":
    main()
