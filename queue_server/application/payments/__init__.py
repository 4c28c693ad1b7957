"""Payments of visits: asked for, heard of from a provider or taken at the desk, given back."""
