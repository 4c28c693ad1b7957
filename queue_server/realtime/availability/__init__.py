"""Watching the times of doctors: who watches which, and how all of them are told at once."""
