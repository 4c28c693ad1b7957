"""Work that is due: one module a job, and the worker that runs them. Each job calls the application."""
