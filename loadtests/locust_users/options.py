"""What the load consists of, beside Locust's own options; each may be given as an environment variable too."""

from pathlib import Path
from typing import Any

from queue_server.embedded.secrets import kept_secrets

DEMO_DESK = "desk@demo.example"
DEMO_PASSWORD = "DEMO_RECEPTIONIST_PASSWORD"


class NoLogin(Exception):
    """Nobody has said how to sign in; the message says how to."""


def add_options(parser: Any) -> None:
    """Add the options to Locust's command line and its page."""
    parser.add_argument("--email", env_var="LOAD_EMAIL", default=DEMO_DESK, help="Of a receptionist.")
    parser.add_argument(
        "--password",
        env_var="LOAD_PASSWORD",
        default="",
        is_secret=True,
        help="The receptionist's; without it the demo's, as kept in the data directory.",
    )
    parser.add_argument(
        "--data-dir", env_var="DATA_DIR", default=".queue-data", help="Of the demo, when it runs on this machine."
    )
    parser.add_argument("--desks", env_var="LOAD_DESKS", type=int, default=4, help="Desks among the users.")
    parser.add_argument(
        "--desk-pause", env_var="LOAD_DESK_PAUSE", type=float, default=2.0, help="Mean seconds between commands."
    )
    parser.add_argument(
        "--line", env_var="LOAD_LINE", type=int, default=8, help="Walk-ins keep at least so many in each line."
    )
    parser.add_argument("--links", env_var="LOAD_LINKS", type=int, default=250, help="Links that the phones share.")
    parser.add_argument(
        "--poll-every", env_var="LOAD_POLL_EVERY", type=float, default=10.0, help="Seconds, for phones that poll."
    )
    parser.add_argument(
        "--jitter", env_var="LOAD_JITTER", type=float, default=5.0, help="Seconds over which cut phones come back."
    )
    parser.add_argument(
        "--one-address",
        env_var="LOAD_ONE_ADDRESS",
        action="store_true",
        help="Come from one address even on this machine; raise the server's limits then.",
    )


def password(given: str, data_dir: str) -> str:
    """Return the password that was given, else that of the demo kept in `data_dir`; raises `NoLogin`."""
    found = given or kept_secrets(Path(data_dir)).get(DEMO_PASSWORD, "")
    if not found:
        raise NoLogin(
            f"No demo in {data_dir}: start it with `make demo`, or give a receptionist's --email and --password."
        )
    return found
