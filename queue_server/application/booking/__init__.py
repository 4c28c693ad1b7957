"""From a free time to an appointment: held, booked, moved, cancelled."""
