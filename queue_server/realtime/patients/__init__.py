"""The namespace of patients: one queue a socket, their own view of it, nobody else's name."""
