"""Notes, beside the store, where each tenant's chain of entries ended after every writing.

A chain shows what was changed within it, not what was cut off at its end; these notes do. They are
only ever appended to.
"""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from nhiscan.spool import sync

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# (tenant, number of the last entry) -> its hash
Heads = dict[tuple[str, int], str]

_LINE = re.compile(r"(\S+) (\d+) ([0-9a-f]{64})")


def evidence_folder(store: Path) -> Path:
    """Return the folder of a store's evidence, `<store>.evidence`."""
    return store.with_name(store.name + ".evidence")


def read_heads(con: "DuckDBPyConnection") -> Heads:
    """Return where each chain ends in an open store."""
    rows = con.execute(
        "SELECT tenant_id, max(seq), max_by(sha256, seq) FROM ledger_entry GROUP BY tenant_id"
    ).fetchall()
    return {(tenant, seq): sha256 for tenant, seq, sha256 in rows if tenant and seq and sha256}


def note_heads(store: Path, heads: Heads) -> None:
    """Append what is not noted yet. OSError if the folder cannot be written."""
    known = noted_heads(store)
    lines = [
        f"{t} {n} {sha256}\n" for (t, n), sha256 in sorted(heads.items()) if (t, n) not in known
    ]
    if not lines:
        return
    folder = evidence_folder(store)
    folder.mkdir(mode=0o700, exist_ok=True)
    file = folder / "heads.txt"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a") as out:
        out.write("".join(lines))
        out.flush()
        os.fsync(out.fileno())
    sync(folder)


def noted_heads(store: Path) -> Heads:
    """Read the notes; a line that a crash cut short is none."""
    try:
        text = (evidence_folder(store) / "heads.txt").read_text("utf-8")
    except FileNotFoundError:
        return {}
    found = (_LINE.fullmatch(line) for line in text.splitlines())
    return {(match[1], int(match[2])): match[3] for match in found if match}
