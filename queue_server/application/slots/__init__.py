"""Bookable slots: generated from calendars, searched, blocked, resized, booked."""
