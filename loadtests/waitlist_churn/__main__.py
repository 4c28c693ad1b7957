"""The waitlist of one clinic under load, and a month of it: who gets what becomes free, and who waits how long.

    python -m loadtests.waitlist_churn [--quick] [--joins 500] [--promotions 20] [--seconds 20] [--json]
                                       [--picture docs/waitlist-month.svg]

In a house of the run's own with one server, on a core of its own where there are two. People join at a steady rate over
HTTP, whether or not the ones before were answered, while others are promoted; a join's time counts from when it should
have begun, and what the machine cannot bear is measured once more at a rate that it can. Then fifty administrators
promote one entry at once, round after round. In the end every acknowledged join is there, the list is counted right,
and whoever was promoted has exactly the appointment that was announced.

Then a month with 10,000 entries and 2,000 freed times is simulated on the production rules, from a seed: who joins,
what becomes free and what each person says to which offer is the same under each order of the list that is compared:
by points, first come first served, strictly by urgency. Exits 1 if a promise was broken (`faults`); what was only slow
is told (`missed_targets`).
"""

import argparse
import sys
from pathlib import Path

import msgspec
import uvloop

from loadtests.report import report
from loadtests.waitlist_churn.run import FULL, QUICK, run


def main() -> None:
    """Run and print; exits with 1 when a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="shorter and with a fifth of the month, within 50 seconds")
    parser.add_argument("--joins", type=float, help="a second")
    parser.add_argument("--promotions", type=float, help="a second, beside them")
    parser.add_argument("--seconds", type=float, help="for which they come")
    parser.add_argument("--entries", type=int, help="of the simulated month")
    parser.add_argument("--openings", type=int, help="times that become free in it")
    parser.add_argument("--picture", type=Path, help="where to draw the month as SVG")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    given = parser.parse_args()
    names = ("joins", "promotions", "seconds", "entries", "openings")
    other = {name: getattr(given, name) for name in names if getattr(given, name) is not None}
    sizes = msgspec.structs.replace(QUICK if given.quick else FULL, **other)
    figures = uvloop.run(run(sizes, given.picture))
    report(figures, as_json=given.json)
    sys.exit(bool(figures["faults"]))


if __name__ == "__main__":
    main()
