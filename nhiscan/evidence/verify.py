"""Checks the whole ledger without any network: every file, every row, every link of the chains."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.errors import UsageError
from nhiscan.evidence.chain import GENESIS, Entry, entries, entry_id
from nhiscan.evidence.keep import file_sha256
from nhiscan.evidence.kinds import USAGE
from nhiscan.evidence.usage import read_usage
from nhiscan.store.heads import Heads, evidence_folder, noted_heads

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Broken(Struct, frozen=True, kw_only=True):
    """One thing that is not as it was recorded: where (`tenant/seq` of the entry), and what."""

    tenant_id: str
    seq: int | None
    entry_id: str | None
    what: str


class Verified(Struct, frozen=True, kw_only=True):
    """The end of one tenant's chain, and how much was checked. `head` is to be noted elsewhere."""

    tenant_id: str
    entries: int
    files: int
    head: str


class Verdict(Struct, frozen=True, kw_only=True):
    """`broken` is empty if all is as recorded; `strays` are files that no entry names."""

    tenants: list[Verified]
    broken: list[Broken]
    strays: list[str]


def verify(con: "DuckDBPyConnection", store: Path, tenant_id: str | None = None) -> Verdict:
    """Hash everything again. The first broken link of a tenant comes first in `broken`."""
    root = evidence_folder(store)
    tenants: dict[str, list[Any]] = {}
    broken: list[Broken] = []
    known: set[str] = set()
    events_of: set[str] = set()
    noted = {key: sha for key, sha in noted_heads(store).items() if tenant_id in (None, key[0])}
    found: Heads = {}
    for entry in entries(con, tenant_id):
        if (entry.tenant_id, entry.seq) in noted:
            found[entry.tenant_id, entry.seq] = entry.sha256
        state = tenants.setdefault(entry.tenant_id, [0, 0, GENESIS])
        for what in _wrong_link(entry, state[0] + 1, state[2]):
            broken.append(_broken(entry, what))
        body = _body(entry)
        if body is not None and body.get("path"):
            known.add(str(body["path"]))
            state[1] += 1
            broken += (_broken(entry, what) for what in _wrong_file(root, body))
        if body is not None and body.get("kind") == USAGE:
            events_of.add(str(body.get("evidence_id")))
            wrong = _wrong_events(con, root, entry.tenant_id, body)
            broken += (_broken(entry, what) for what in wrong)
        state[0], state[2] = entry.seq, entry.sha256
    broken += _cut_off(noted, found)
    broken += _orphaned_events(con, tenant_id, events_of)
    verified = [
        Verified(tenant_id=name, entries=count, files=kept, head=head)
        for name, (count, kept, head) in tenants.items()
    ]
    return Verdict(tenants=verified, broken=broken, strays=_strays(root, known, tenant_id))


def _cut_off(noted: Heads, found: Heads) -> Iterator[Broken]:
    """Compare the chains with the notes of where they ended (`nhiscan.store.heads`)."""
    for (tenant, seq), sha256 in sorted(noted.items()):
        if (tenant, seq) not in found:
            what = f"the ledger once ended with entry {seq}, which is gone"
        elif found[tenant, seq] != sha256:
            what = f"entry {seq} once had the hash {sha256}: the chain was written anew"
        else:
            continue
        yield Broken(tenant_id=tenant, seq=seq, entry_id=None, what=what)


def _broken(entry: Entry, what: str) -> Broken:
    return Broken(tenant_id=entry.tenant_id, seq=entry.seq, entry_id=entry.entry_id, what=what)


def _wrong_link(entry: Entry, seq: int, before: str) -> Iterator[str]:
    if entry.seq != seq:
        yield f"entry {entry.seq} follows entry {seq - 1}: some were removed, added or renumbered"
    elif entry.prev_sha256 != before:
        yield "it does not follow the entry before it: the chain is broken here"
    if entry.sha256 != entry.expected_sha256():
        yield "its row was changed after it was recorded"
    elif entry.entry_id != entry_id(entry.tenant_id, entry.sha256):
        yield "its entry_id was changed after it was recorded"


def _body(entry: Entry) -> dict[str, Any] | None:
    try:
        body = json.loads(entry.body)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _wrong_file(root: Path, body: dict[str, Any]) -> Iterator[str]:
    path = root / str(body["path"])
    if not path.resolve().is_relative_to(root.resolve()):
        yield f"its file {body['path']!r} is outside the evidence folder"
        return
    try:
        found = file_sha256(path)
    except OSError as error:
        yield f"{path}: {error.strerror}"
        return
    if found != body.get("sha256"):
        yield f"{path}: changed after it was recorded: {body.get('sha256')} then, {found} now"


def _wrong_events(
    con: "DuckDBPyConnection", root: Path, tenant: str, body: dict[str, Any]
) -> Iterator[str]:
    """Compare the rows that questions are asked of with the file that they come from."""
    try:
        events = read_usage(root / str(body["path"]))
    except UsageError:
        return  # the file itself is told as broken
    text = files("nhiscan.evidence").joinpath("events.sql").read_text("utf-8")
    stored = con.execute(text, {"evidence_id": body.get("evidence_id")}).fetchall()
    read = [tuple(None if v is None else str(v) for v in _comparable(tenant, e)) for e in events]
    if [tuple(None if v is None else str(v) for v in row) for row in stored] != read:
        yield "its events in the store are not those of its file"


def _orphaned_events(
    con: "DuckDBPyConnection", tenant_id: str | None, known: set[str]
) -> Iterator[Broken]:
    """Tell events of no entry: their entry was removed, or they were put there by hand."""
    for tenant, evidence_id, count in con.execute(
        "SELECT tenant_id, evidence_id, count(*) FROM usage_event"
        " WHERE $tenant IS NULL OR tenant_id = $tenant GROUP BY ALL ORDER BY ALL",
        {"tenant": tenant_id},
    ).fetchall():
        if str(evidence_id) not in known:
            what = f"{count} events in the store belong to {evidence_id}, which no entry records"
            yield Broken(tenant_id=str(tenant), seq=None, entry_id=None, what=what)


def _comparable(tenant_id: str, event: tuple[Any, ...]) -> tuple[Any, ...]:
    from datetime import UTC, datetime

    line, identity, time, *said = event
    moment = datetime.fromisoformat(time).astimezone(UTC)
    return tenant_id, line, identity, f"{moment:%Y-%m-%dT%H:%M:%S.%f}", *said


def _strays(root: Path, known: set[str], tenant_id: str | None) -> list[str]:
    if not root.is_dir():
        return []
    found = (
        path.relative_to(root).as_posix()
        for path in root.glob(f"{tenant_id or '*'}/*")
        if path.is_file() and not path.name.startswith(".")
    )
    return sorted(path for path in found if path not in known)
