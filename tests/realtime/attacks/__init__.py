"""Attack clients against a server in a process of its own: ended in time, cheap, quiet, unnoticed by others."""
