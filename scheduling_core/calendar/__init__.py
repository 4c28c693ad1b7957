"""When a doctor can be booked, and why not at other times."""
