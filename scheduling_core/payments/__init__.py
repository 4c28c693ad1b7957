"""Payments: what is owed for a visit, and what became of it, whatever order the news of it comes in."""
