"""Searching doctors and slots, quickly and never behind what is known to have changed."""
