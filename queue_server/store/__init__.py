"""The only place that talks SQL."""
