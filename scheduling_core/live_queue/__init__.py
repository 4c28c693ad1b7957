"""The live queue of one doctor on one day: its order, its states, its commands and events."""
