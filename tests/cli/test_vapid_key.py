"""`queue-server vapid-key`: a key that the settings take, and never another one for an installation that has one."""

from typer.testing import CliRunner

from queue_server import cli
from queue_server.settings.environment import Reader
from queue_server.settings.messages import push


def test_a_key_is_made_once() -> None:
    made = CliRunner().invoke(cli.app, ["vapid-key"], env={"VAPID_PRIVATE_KEY": ""})
    name, _, key = made.output.strip().partition("=")
    known = push(Reader({name: key}), "https://queue.example", None)
    assert known is not None
    again = CliRunner().invoke(cli.app, ["vapid-key"], env={name: key})
    assert known.public_key in again.output
    assert key not in again.output
