"""The rules of a clinic: pure functions over values, no I/O, no clock, no framework."""
