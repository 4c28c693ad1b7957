"""The waitlist: who waits for a time, in which order, and whom a freed one is offered to. Pure."""
