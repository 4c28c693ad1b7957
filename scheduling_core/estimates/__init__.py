"""Estimates of waits: an interface, and a simple estimator behind it."""
