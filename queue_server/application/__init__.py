"""Use cases: one module per context. They authorise, find the stream and call the one write path."""
