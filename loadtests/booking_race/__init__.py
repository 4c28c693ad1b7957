"""Races for times: who wins, that nobody else does, and how fast everybody knows."""
