"""Read models: one module each, written in the transaction of the events they show."""
