"""Schedules, overrides, exceptions and leave of doctors: changing them, and showing what they lead to."""
