"""`python -m queue_server.cli` is `queue-server`."""

from queue_server.cli import main

if __name__ == "__main__":
    main()
