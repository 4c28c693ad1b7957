"""What clients see: the shapes that HTTP, sockets and the screens share (TypeScript types are made from here).

JSON is camelCase. Instants are RFC 3339 in UTC, durations in minutes, dates in the clinic's zone.
Anything a patient or a display receives names nobody else: tickets only.
"""

import msgspec


class View(msgspec.Struct, frozen=True, kw_only=True, rename="camel", gc=False):
    """Base of everything that leaves the server. Values of values, so no cycle for a garbage collector to find."""
