"""Timers of every kind under kills: each effect once, none early, none lost; what can never be done is put aside."""
