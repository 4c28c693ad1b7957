"""HTTP at the door: one table of routes as plain data, thin handlers, and one adapter that does the rest."""
