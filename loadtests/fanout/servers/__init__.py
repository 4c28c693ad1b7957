"""The servers under test: each in a process of its own, taking orders over a Unix socket until it closes."""
