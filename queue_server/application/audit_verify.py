"""Verifies the whole audit: every hash, every chain, every signed root and its copy, every free text."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from enum import StrEnum
from itertools import chain
from time import monotonic
from uuid import UUID

import msgspec

from queue_server.application.audit_roots import Statement, is_signed, root_of
from queue_server.application.text_references import paths_by_event, texts_at
from queue_server.store import audit as store
from queue_server.store import tenants
from queue_server.store.db import Database, Row, Transaction
from queue_server.store.event_store import text_id
from queue_server.store.root_copies import RootCopies, RootCopy
from scheduling_core.ids import TenantId

MOST_FINDINGS = 1_000
"""Listed at most; all are counted."""

Progress = Callable[[int, int], None]
"""Told how many events are done, and of how many."""


class Fault(StrEnum):
    """What can be wrong."""

    EVENT_CHANGED = "event_changed"
    CHAIN_BROKEN = "chain_broken"
    ORDER_BROKEN = "order_broken"
    HEAD_DIFFERS = "head_differs"
    TAIL_CUT = "tail_cut"
    STREAM_MISSING = "stream_missing"
    ROOT_CHANGED = "root_changed"
    ROOT_MISSING = "root_missing"
    SIGNATURE_INVALID = "signature_invalid"
    KEY_UNKNOWN = "key_unknown"
    COPY_DIFFERS = "copy_differs"
    TENANT_MISSING = "tenant_missing"
    TEXT_CHANGED = "text_changed"
    TEXT_MISSING = "text_missing"


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is wrong, as precisely as it can be told."""

    fault: Fault
    tenant: UUID
    detail: str
    stream: UUID | None = None
    version: int | None = None
    root: int | None = None


class VerifyReport(msgspec.Struct, kw_only=True):
    """What was looked at and what was found. `notes` are no faults: what a restore has cut, copies that lag."""

    tenants: int = 0
    streams: int = 0
    events: int = 0
    roots: int = 0
    copies: int = 0
    texts: int = 0
    seconds: float = 0.0
    faults: int = 0
    findings: list[Finding] = msgspec.field(default_factory=list)
    notes: list[str] = msgspec.field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.faults == 0

    def add(self, finding: Finding) -> None:
        """Count a finding, and list it while there is room."""
        self.faults += 1
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(finding)


async def verify(
    owner: Database,
    copies: RootCopies,
    trusted_keys: frozenset[bytes],
    progress: Progress = lambda done, total: None,
    *,
    only: TenantId | None = None,
) -> VerifyReport:
    """Verify every tenant, or `only` one, and return what was found.

    `owner` is a database opened as the owner; `trusted_keys` are public keys that roots may be signed with. Copies are
    read first, then each tenant in one snapshot, so it may run while clinics work.
    """
    report, started = VerifyReport(), monotonic()
    kept = await asyncio.to_thread(_read_copies, copies, report)
    epoch = await store.epoch(owner)
    known = [tenant for tenant in await tenants.all_tenants(owner) if only in (None, tenant.id)]
    total = 0
    for tenant in known:
        async with owner.tenant(tenant.id) as tx:
            total += await store.count_events(tx)
    for tenant in known:
        async with owner.tenant(tenant.id, snapshot=True) as tx:
            await _Tenant(tx, report, trusted_keys, epoch, progress, total).verify(kept.pop(tenant.id, {}))
        report.tenants += 1
        progress(report.events, max(total, report.events))
    for missing in kept:
        if only not in (None, missing):
            continue
        detail = "There are copies of signed roots of this tenant, but no such tenant."
        report.add(Finding(fault=Fault.TENANT_MISSING, tenant=missing, detail=detail))
    report.seconds = round(monotonic() - started, 3)
    return report


def _read_copies(copies: RootCopies, report: VerifyReport) -> dict[UUID, dict[int, list[RootCopy]]]:
    """Return the copies of each tenant by epoch; a file that cannot be read is a finding."""
    kept: dict[UUID, dict[int, list[RootCopy]]] = defaultdict(dict)
    for file in copies.files():
        try:
            kept[file.tenant][file.epoch] = copies.read(file.path)
        except (OSError, msgspec.DecodeError):
            kept[file.tenant][file.epoch] = []
            detail = f"The file of copies {file.path.name} cannot be read."
            report.add(Finding(fault=Fault.COPY_DIFFERS, tenant=file.tenant, detail=detail))
        report.copies += len(kept[file.tenant][file.epoch])
    return kept


class _Tenant:
    """The verification of one tenant."""

    def __init__(
        self,
        tx: Transaction,
        report: VerifyReport,
        trusted_keys: frozenset[bytes],
        epoch: int,
        progress: Progress,
        total: int,
    ) -> None:
        self._tx = tx
        self._report = report
        self._trusted = trusted_keys
        self._epoch = epoch
        self._progress = progress
        self._total = total
        # What signed statements say of each stream: version -> hash in hex and the root that says so.
        self._signed: dict[UUID, dict[int, tuple[str, int]]] = defaultdict(dict)
        self._texts: dict[UUID, tuple[UUID, int]] = {}

    async def verify(self, copies: dict[int, list[RootCopy]]) -> None:
        await self._roots(copies)
        async for stream in store.streams(self._tx):
            await self._stream(stream)
            self._report.streams += 1
        for orphan in await store.orphans(self._tx):
            self._find(Fault.STREAM_MISSING, "There are events of this stream, but the stream itself is gone.", orphan)
            self._signed.pop(orphan, None)
        for stream_id, heads in self._signed.items():
            version = max(heads)
            detail = f"Root {heads[version][1]} names this stream at version {version}, but it is gone."
            self._find(Fault.STREAM_MISSING, detail, stream_id, version, heads[version][1])
        await self._free_texts()

    # ---- roots and their copies ---------------------------------------------------------------------------------

    async def _roots(self, copies: dict[int, list[RootCopy]]) -> None:
        stored: dict[int, str] = {}
        previous, expected = b"", 1
        async for root in store.roots(self._tx):
            self._report.roots += 1
            if root.sequence != expected:
                detail = f"Roots {expected} to {root.sequence - 1} are missing."
                self._find(Fault.ROOT_MISSING, detail, root=expected)
            statement = self._statement(root)
            if statement is not None:
                if root.sequence == expected and statement.previous != previous.hex():
                    self._find(Fault.CHAIN_BROKEN, "It does not follow from the root before it.", root=root.sequence)
                self._take(statement)
            stored[root.sequence] = root.statement
            previous, expected = root_of(root.statement), root.sequence + 1
        for epoch, lines in copies.items():
            self._compare(epoch, lines, stored)
        if stored and not copies:
            self._note("there is no copy of its signed roots here")

    def _statement(self, root: store.StoredRoot) -> Statement | None:
        """Return what a stored root states, if it is what was signed with a key we trust."""
        try:
            statement = msgspec.json.decode(root.statement, type=Statement)
            key = bytes.fromhex(statement.key)
        except (msgspec.DecodeError, ValueError):
            self._find(Fault.ROOT_CHANGED, "The statement cannot be read.", root=root.sequence)
            return None
        if root_of(root.statement) != root.root or statement.sequence != root.sequence:
            self._find(Fault.ROOT_CHANGED, "The statement is not the one the root was made of.", root=root.sequence)
            return None
        if statement.tenant != self._tx.tenant:
            self._find(Fault.ROOT_CHANGED, "The statement is another tenant's.", root=root.sequence)
            return None
        if not is_signed(root.statement, root.signature, key):
            self._find(Fault.SIGNATURE_INVALID, "The signature does not belong to the statement.", root=root.sequence)
            return None
        if key not in self._trusted:
            self._find(Fault.KEY_UNKNOWN, f"It is signed with an unknown key ({statement.key}).", root=root.sequence)
            return None
        return statement

    def _take(self, statement: Statement) -> None:
        for head in statement.heads:
            self._signed[head.stream][head.version] = (head.hash, statement.sequence)

    def _compare(self, epoch: int, lines: list[RootCopy], stored: dict[int, str]) -> None:
        """Compare the copies of an epoch with what is stored; before a restore more may have been signed than is."""
        for copy in lines:
            known = stored.get(copy.sequence)
            if known == copy.statement:
                continue
            if epoch < self._epoch:
                self._note(f"root {copy.sequence} of epoch {epoch} was cut off by a restore or a repair")
            elif known is None:
                self._find(Fault.ROOT_MISSING, "There is a copy of this root, but not the root.", root=copy.sequence)
                self._take_copy(copy)
            else:
                self._find(Fault.COPY_DIFFERS, "The root and its copy differ.", root=copy.sequence)
                self._take_copy(copy)
        if epoch == self._epoch and stored and max(stored) > max((c.sequence for c in lines), default=0):
            self._note("the newest root is not copied yet")

    def _take_copy(self, copy: RootCopy) -> None:
        """Hold the streams to what the copy says, because the database no longer does."""
        try:
            statement = msgspec.json.decode(copy.statement, type=Statement)
            key = bytes.fromhex(statement.key)
            is_ours = key in self._trusted and is_signed(copy.statement, bytes.fromhex(copy.signature), key)
        except (msgspec.DecodeError, ValueError):
            return
        if is_ours:
            self._take(statement)

    # ---- streams ------------------------------------------------------------------------------------------------

    async def _stream(self, stream: Row) -> None:
        stream_id: UUID = stream["stream_id"]
        signed = self._signed.pop(stream_id, {})
        head, last = b"", None
        async for row in store.events(self._tx, stream_id):
            self._event(stream, row, head, last)
            if last is not None and last["version"] != row["version"]:
                self._against_root(stream_id, last, signed)
            head, last = row["hash"], row
            self._report.events += 1
            if self._report.events % 1_000 == 0:
                self._progress(self._report.events, self._total)
        if last is not None:
            self._against_root(stream_id, last, signed)
        end = last["version"] if last is not None else 0
        for version in sorted(v for v in signed if v > end):
            detail = f"Root {signed[version][1]} names version {version}, but the stream ends at {end}."
            self._find(Fault.TAIL_CUT, detail, stream_id, version, signed[version][1])
        if stream["version"] != end or stream["head_hash"] != head:
            detail = f"The stream says it is at version {stream['version']}, its events end at {end}."
            if stream["version"] == end:
                detail = "The stream's head is not the hash of its last event."
            fault = Fault.TAIL_CUT if stream["version"] > end else Fault.HEAD_DIFFERS
            self._find(fault, detail, stream_id, end)

    def _event(self, of: Row, row: Row, head: bytes, last: Row | None) -> None:
        stream, kind = of["stream_id"], of["kind"]
        version, ordinal = row["version"], row["ordinal"]
        if store.hash_of_row(stream, row) != row["hash"]:
            self._find(Fault.EVENT_CHANGED, f"Event {ordinal} is not what was hashed.", stream, version)
        if row["previous_hash"] != head:
            self._find(Fault.CHAIN_BROKEN, f"Event {ordinal} does not follow from the one before it.", stream, version)
        before = (last["version"], last["ordinal"]) if last is not None else (0, 0)
        if (version, ordinal) not in ((before[0] + 1, 0), (before[0], before[1] + 1)) or version == 0:
            detail = f"Event {ordinal} of version {version} comes after event {before[1]} of version {before[0]}."
            self._find(Fault.ORDER_BROKEN, detail, stream, version)
        if last is not None and row["event_id"] <= last["event_id"]:
            self._find(Fault.ORDER_BROKEN, f"Event {ordinal} is older than the one before it.", stream, version)
        if paths := _TEXTS.get((kind, row["type"])):
            whole = msgspec.json.decode(row["data"])
            for text in chain.from_iterable(texts_at(whole, path) for path in paths):
                self._texts[text] = (stream, version)

    def _against_root(self, stream: UUID, row: Row, signed: dict[int, tuple[str, int]]) -> None:
        stated = signed.get(row["version"])
        if stated is not None and stated[0] != row["hash"].hex():
            detail = f"Root {stated[1]} names another hash for this version: history was rewritten."
            self._find(Fault.HEAD_DIFFERS, detail, stream, row["version"], stated[1])

    # ---- free texts ---------------------------------------------------------------------------------------------

    async def _free_texts(self) -> None:
        async for row in store.texts(self._tx):
            self._report.texts += 1
            where = self._texts.pop(row["text_id"], None)
            if row["erased_at"] is not None and row["body"] is None and row["salt"] is None:
                continue
            if row["body"] is None or row["salt"] is None or text_id(row["salt"], row["body"]) != row["text_id"]:
                stream, version = where if where is not None else (None, None)
                detail = f"The text {row['text_id']} is not the one that was written."
                self._find(Fault.TEXT_CHANGED, detail, stream, version)
        for text, (stream, version) in self._texts.items():
            self._find(Fault.TEXT_MISSING, f"The text {text} is gone, without having been erased.", stream, version)

    def _find(
        self, fault: Fault, detail: str, stream: UUID | None = None, version: int | None = None, root: int | None = None
    ) -> None:
        self._report.add(
            Finding(fault=fault, tenant=self._tx.tenant, detail=detail, stream=stream, version=version, root=root)
        )

    def _note(self, words: str) -> None:
        if len(self._report.notes) < MOST_FINDINGS:
            self._report.notes.append(f"Tenant {self._tx.tenant}: {words}.")


_TEXTS = paths_by_event()
