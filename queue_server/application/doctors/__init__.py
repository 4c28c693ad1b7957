"""Doctors: profiles, onboarding, bookability, and how they come to be."""
