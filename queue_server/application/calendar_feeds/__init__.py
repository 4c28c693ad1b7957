"""Appointments in the calendars that people carry around: files of one, and feeds to subscribe to."""
