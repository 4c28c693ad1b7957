"""A thousand clients on one time over HTTP: one wins, and everybody knows soon; then holds and bookings at a pace.

    python -m loadtests.booking_race [--quick] [--clients 1000] [--rounds 50] [--rate 200] [--seconds 20] [--json]

In a house of the run's own with one server. First all clients at once on one slot: guests, who hold and then book, and
desks, which book straight away. Then rounds of a hundred, rounds on slots for three patients, and appointments that
change places with each other. Then guests hold times at a steady rate, whether or not the ones before were answered,
and book them at the same rate; a call's time counts from when it should have begun. The end is held to what Postgres
has: `wrong_winners` counts slots where somebody else has the place than was told so. Exits 1 if a promise was broken
(`faults`); what was only slow is told (`missed_targets`).
"""

import argparse
import sys

import msgspec
import uvloop

from loadtests.booking_race.run import FULL, QUICK, run
from loadtests.report import report


def main() -> None:
    """Run and print; exits with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and shorter, within 50 seconds")
    parser.add_argument("--clients", type=int, help="on one slot")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--rate", type=float, help="holds, and then bookings, a second")
    parser.add_argument("--seconds", type=float, help="for which they come")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    given = parser.parse_args()
    names = ("clients", "rounds", "rate", "seconds")
    other = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    figures = uvloop.run(run(msgspec.structs.replace(QUICK if given.quick else FULL, **other)))
    report(figures, as_json=given.json)
    sys.exit(bool(figures["faults"]))


if __name__ == "__main__":
    main()
