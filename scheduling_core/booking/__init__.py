"""Holds and appointments: how a free time becomes somebody's."""
