"""Histories of what clients were told while everything is killed, held to what a slot may do."""
