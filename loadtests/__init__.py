"""Load, contention and chaos: runs that print figures, against a server or against a whole house of their own."""
