"""The built screens in queue_server/_web: what the Vite manifests name, and the files themselves."""

import gzip
import mimetypes
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

BUILT = Path(__file__).parents[1] / "_web"
MANIFESTS = ("manifest.json", "manifest-office.json", "manifest-patients.json")
"""What each build has made: the screens of the clinic's floor, those of its office, those of its patients."""

# Not left to the machine's own table, which may know none of them.
MEDIA = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
COMPRESSIBLE = frozenset({".js", ".css", ".svg", ".json"})


class NotBuilt(Exception):
    """The screens have not been built on this machine."""


class Asset(msgspec.Struct, frozen=True):
    """One built file; `gzipped` is None where compressing it again gains nothing."""

    body: bytes
    gzipped: bytes | None
    media_type: str


class Tags(msgspec.Struct, frozen=True):
    """Addresses that a page must name for one screen."""

    script: str
    preloads: tuple[str, ...]
    styles: tuple[str, ...]
    fonts: tuple[str, ...]


class Inlined(msgspec.Struct, frozen=True):
    """Script and style sheet that a page carries inside itself."""

    script: str
    style: str


class Screens:
    """Reads the build once, and again after a new one."""

    def __init__(self, built: Path = BUILT) -> None:
        self._built = built
        self._stamp: tuple[float, ...] = ()
        self._manifest: Mapping[str, Mapping[str, Any]] = {}
        self._assets: dict[str, Asset] = {}
        self._inlined: dict[str, Inlined] = {}

    def tags(self, entry: str) -> Tags:
        """Return what the page of `entry` (`src/desk/main.tsx`) must load; raises `NotBuilt`."""
        self._refresh()
        chunk = self._manifest.get(entry)
        if chunk is None:
            raise NotBuilt(entry)
        chunks = self._with_imports(chunk)
        files = [file for one in chunks for file in one.get("assets", ())]
        return Tags(
            script=_address(chunk["file"]),
            preloads=tuple(_address(one["file"]) for one in chunks[1:]),
            # What is shared comes first, so that a screen can override it.
            styles=tuple(dict.fromkeys(_address(css) for one in reversed(chunks) for css in one.get("css", ()))),
            # Latin only: the other subsets load when a page holds their letters.
            fonts=tuple(dict.fromkeys(_address(f) for f in files if "-latin-wght" in f and f.endswith(".woff2"))),
        )

    def inlined(self, name: str = "tracker") -> Inlined:
        """Return the parts of a page that needs nothing else, the tracker or the invitation; raises `NotBuilt`."""
        self._refresh()
        if name not in self._inlined:
            folder = self._built / name
            try:
                self._inlined[name] = Inlined(
                    script=(folder / f"{name}.js").read_text(encoding="utf-8").strip(),
                    style=(folder / f"{name}.css").read_text(encoding="utf-8").strip(),
                )
            except FileNotFoundError:
                raise NotBuilt(name) from None
        return self._inlined[name]

    def asset(self, name: str) -> Asset | None:
        """Return the built file that is served as /assets/`name`, None if there is no such file."""
        try:
            self._refresh()
        except NotBuilt:
            return None
        return self._assets.get(name)

    def _refresh(self) -> None:
        try:
            stamp = tuple((self._built / manifest).stat().st_mtime for manifest in MANIFESTS)
        except FileNotFoundError:
            raise NotBuilt("manifest") from None
        if stamp == self._stamp:
            return
        # What several have made bears the same name in each, as it holds the same.
        made = (msgspec.json.decode((self._built / manifest).read_bytes()) for manifest in MANIFESTS)
        self._manifest = {name: chunk for chunks in made for name, chunk in chunks.items()}
        # Only files of this folder can be asked for: an address is looked up here, never joined to a path.
        files = (file for file in self._built.iterdir() if file.is_file() and not file.name.startswith("."))
        self._assets = {file.name: _read(file) for file in files}
        self._inlined = {}
        self._stamp = stamp

    def _with_imports(self, chunk: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return a chunk and everything it needs before it can run, itself first."""
        found = [chunk]
        for one in found:
            found.extend(c for name in one.get("imports", ()) if (c := self._manifest[name]) not in found)
        return found


def _address(file: str) -> str:
    return f"/assets/{file}"


def _read(file: Path) -> Asset:
    body = file.read_bytes()
    media = MEDIA.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    gzipped = gzip.compress(body, 9, mtime=0) if file.suffix in COMPRESSIBLE else None
    return Asset(body, gzipped, media)
