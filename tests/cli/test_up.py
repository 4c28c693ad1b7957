"""`queue-server up`: what dies comes back, what is stopped is gone, what cannot start says why in one sentence."""

import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from urllib.parse import urlsplit

import httpx
import pytest

from queue_server import cli
from tests.cli.conftest import SETTINGS, Running, is_alive, queue_server, until

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path below which an unprivileged user may work."""
    path = Path(mkdtemp(prefix="cqs-"))
    path.chmod(0o711)
    yield path
    rmtree(path, ignore_errors=True)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False, timeout=60).status_code == 200
    except httpx.HTTPError:
        return False


def test_two_servers_live_through_the_death_of_anything_and_leave_nothing_behind(folder: Path, port: int) -> None:
    running = Running("up", "--data-dir", str(folder / "data"), "--port", str(port), "--servers", "2")
    assert running.first_line.startswith(f"Running at http://127.0.0.1:{port}, http://127.0.0.1:{port + 1} ")
    for name in ("serve", "worker", "redis", "postgres"):
        until(lambda name=name: running.child(name) or name == "redis")  # type: ignore[misc]
        killed = running.child(name)
        if name == "redis" and not killed:
            continue  # machines without a Redis
        assert killed, name  # 0 would be our own process group
        os.kill(killed, signal.SIGKILL)
        until(lambda name=name, killed=killed: running.child(name) not in (0, killed))  # type: ignore[misc]
    until(lambda: answers(port) and answers(port + 1))
    children = list(running.children())
    assert len(children) >= 4
    assert running.stop(signal.SIGINT) == 0
    assert not any(is_alive(pid) for pid in children)


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_goes_on(folder: Path, port: int) -> None:
    arguments = ("up", "--data-dir", str(folder / "data"), "--port", str(port))
    running = Running(*arguments)
    children = list(running.children())
    running.stop(signal.SIGKILL)
    until(lambda: not any(is_alive(pid) for pid in children))
    again = Running(*arguments)
    assert answers(port)
    assert again.stop() == 0


def one_sentence(code: int, output: str, errors: str) -> str:
    """Return what a command said that could not start: one sentence, and nothing else."""
    sentence = errors.strip()
    assert (code, output) == (1, ""), (code, output, errors)
    assert sentence.endswith("."), sentence
    assert "\n" not in sentence, sentence
    return sentence


def refused(*arguments: str, **env: str) -> str:
    """Return the one sentence of a command that cannot start."""
    done = queue_server(*arguments, env=env)
    return one_sentence(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def refused_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """The same within this process, for the many ways to get settings wrong."""

    def run(*arguments: str, **env: str) -> str:
        for name in (name for name in os.environ if SETTINGS.match(name)):
            monkeypatch.delenv(name)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["queue-server", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return one_sentence(int(ended.value.code or 0), said.out, said.err)

    return run


def test_a_second_start_on_the_same_data_says_who_has_it(house: Running, installation: Path, port: int) -> None:
    said = refused("up", "--data-dir", str(installation), "--port", str(port))
    assert str(house.process.pid) in said
    assert "in use" in said


def test_a_port_that_is_taken_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for command in ("up", "demo"):
            assert f"Port {port} is in use" in refused(command, "--data-dir", str(tmp_path / "data"), "--port", port)
        env = {"DATABASE_URL": "postgresql://a@127.0.0.1:1/b", "JWT_KEYS": f"a:{SECRET}"}
        assert f"Port {port} is in use" in refused("serve", "--port", port, **env)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("env", "named"),
    [
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"HOST": "no.such.host.invalid"}, "no.such.host.invalid"),
        ({"HOST": "203.0.113.7"}, "203.0.113.7"),
        ({"PUBLIC_URL": "example.org"}, "PUBLIC_URL"),
        ({"CORS_ORIGIN": "*,https://a.example"}, "CORS_ORIGIN"),
        ({"TRUSTED_PROXIES": "proxy"}, "TRUSTED_PROXIES"),
        ({"JWT_KEYS": "a:short"}, "JWT_KEYS"),
        ({"AUDIT_SIGNING_KEY": "secret"}, "AUDIT_SIGNING_KEY"),
        ({"TRACKING_TTL": "900"}, "TRACKING_TTL"),
        ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL"),
        ({"REDIS_CLUSTER_MODE": "true"}, "REDIS_CLUSTER_MODE"),
        ({"REDIS_URL": "http://redis"}, "REDIS_URL"),
        ({"DATABASE_OWNER_URL": "postgresql://a@127.0.0.1:1/b"}, "DATABASE_URL"),
        ({"DATA_DIR": "/proc/nowhere"}, "/proc/nowhere"),
    ],
)
def test_settings_that_make_no_sense_stop_the_start(
    env: dict[str, str], named: str, tmp_path: Path, port: int, refused_here: Callable[..., str]
) -> None:
    given = {"DATA_DIR": str(tmp_path / "data"), "PORT": str(port), **env}
    assert named in refused_here("up", **given)
    assert not (tmp_path / "data").exists()


DATABASE = {"DATABASE_URL": "postgresql://a@127.0.0.1:1/b", "DATABASE_JOBS_URL": "postgresql://c@127.0.0.1:1/b"}


@pytest.mark.parametrize(
    ("command", "env", "named"),
    [
        ("serve", {}, "DATABASE_URL"),
        ("worker", {}, "DATABASE_URL"),
        ("serve", DATABASE, "JWT_KEYS"),
        ("worker", {"DATABASE_URL": DATABASE["DATABASE_URL"], "JWT_KEYS": f"a:{SECRET}"}, "DATABASE_JOBS_URL"),
        ("worker", {**DATABASE, "JWT_KEYS": f"a:{SECRET}"}, "AUDIT_SIGNING_KEY"),
        ("migrate", {**DATABASE, "JWT_KEYS": f"a:{SECRET}"}, "DATABASE_OWNER_URL"),
    ],
)
def test_a_process_that_lacks_a_setting_names_it(
    command: str, env: dict[str, str], named: str, port: int, refused_here: Callable[..., str]
) -> None:
    assert named in refused_here(command, PORT=str(port), **env)


def test_a_database_that_is_away_or_shut_is_told_by_the_server(house: Running, installation: Path, port: int) -> None:
    env = {"JWT_KEYS": f"a:{SECRET}", "LOG_LEVEL": "WARNING", "PORT": str(port)}
    assert "cannot be reached" in refused("serve", DATABASE_URL=DATABASE["DATABASE_URL"], **env)
    told = json.loads((installation / "running.json").read_bytes())["urls"]["DATABASE_URL"]
    address = urlsplit(told)
    wrong = told.replace(str(address.password), "wrong")
    assert "password authentication failed" in refused("serve", DATABASE_URL=wrong, **env)
    assert "does not exist" in refused(
        "migrate",
        DATABASE_OWNER_URL=told.replace("/clinic_queue", "/nowhere"),
        DATABASE_URL=DATABASE["DATABASE_URL"],
        **env,
    )
