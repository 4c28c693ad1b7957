"""The container's health check: exits 0 when `/health` on our own port answers 200. Needs nothing but Python."""

import http.client
import os
import sys


def main() -> int:
    """Ask once, with less patience than the container's own time limit."""
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ.get("PORT") or 8000), timeout=2)
    try:
        connection.request("GET", "/health")
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
