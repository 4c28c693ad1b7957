"""Following waitlists: desks the lists of clinics, phones what their patients wait for."""
