"""The database: migrations and named queries, and their loader."""
