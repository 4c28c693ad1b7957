"""A year of some doctors, made by the rules themselves: every decision is decided, folded and written as by a server.

What happens is drawn at random, from a seed; what the rules refuse does not happen. Dates are those of the year that
ends today; the events are written now, because months that are over have no place for new ones.
"""
