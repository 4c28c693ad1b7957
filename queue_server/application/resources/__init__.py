"""Rooms, equipment, departments, and the days of clinics."""
