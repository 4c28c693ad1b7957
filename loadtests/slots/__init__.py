"""The load test of slots: generation beside a bare COPY, leave, searches. Run as `python -m loadtests.slots`."""
