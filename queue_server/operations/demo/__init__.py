"""A living demo: three clinics, a day in progress, robots at the desk and on the phones."""

from queue_server.operations.demo.run import run_demo

__all__ = ["run_demo"]
