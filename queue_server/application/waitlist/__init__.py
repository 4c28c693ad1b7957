"""The waitlist: joining it, working it, and what it goes by."""
