"""Figures for those who run clinics: by day, and as they change."""
