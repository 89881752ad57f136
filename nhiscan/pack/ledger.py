"""Writes a tenant's chain so that `sh` and `sha256sum` can check it on any machine."""

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.evidence.chain import GENESIS, Entry, entries

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

# Every entry is one file with exactly the bytes that were hashed; the first line of each is the
# hash of the file before it.
SCRIPT = """\
#!/bin/sh
# Checks the chain of entries, then every file. Needs sh, head, sed, cut, sort and sha256sum.
cd "${{0%/*}}" 2>/dev/null || [ -f verify.sh ] || exit 2
LC_ALL=C export LC_ALL
bad=0 count=0 prev={genesis}
for f in ledger/*; do
  [ -f "$f" ] || continue
  count=$((count + 1))
  [ "$(head -n 1 "$f")" = "$prev" ] || {{ echo "BROKEN before $f"; bad=1; }}
  case $f in
    *.withheld) prev=$(sed -n 2p "$f") ;;
    *) prev=$(sha256sum "$f" | cut -c1-64) ;;
  esac
done
[ "$count $prev" = "{count} {head}" ] || {{ echo "BROKEN head: $count entries, $prev"; bad=1; }}
sha256sum -c --quiet SHA256SUMS || bad=1
# the list itself: no file may be there that it does not name, and none may be spelled otherwise
found=$(for f in * */*; do
  [ -f "$f" ] && [ "$f" != SHA256SUMS ] && sha256sum "$f"
done | sort -k 2)
[ "$found" = "$(sed "" SHA256SUMS)" ] || {{ echo "BROKEN list: files added or gone"; bad=1; }}
[ $bad = 0 ] && echo "all {count} entries and all files are as recorded; head {head}"
exit $bad
"""


class Chain(Struct, frozen=True, kw_only=True):
    """A chain as files, with what its entries say; `broken` are entries that do not verify."""

    files: dict[str, bytes]
    script: bytes
    head: str
    entries: int
    withheld: list[int]
    broken: list[int]
    bodies: list[dict[str, Any]]


def chain(con: "DuckDBPyConnection", tenant: str, withhold: "Callable[[str], bool]") -> Chain:
    """Write the whole chain of a tenant; `withhold` says of a body that it must not go out.

    Of such an entry only its hash and that of the one before are given, so the chain still holds.
    """
    files: dict[str, bytes] = {}
    bodies: list[dict[str, Any]] = []
    withheld: list[int] = []
    broken: list[int] = []
    head, count = GENESIS, 0
    for entry in entries(con, tenant):
        name = f"ledger/{entry.seq:06d}"
        follows = (entry.seq, entry.prev_sha256) == (count + 1, head)
        if not follows or entry.sha256 != entry.expected_sha256():
            broken.append(entry.seq)
        head, count = entry.sha256, count + 1
        if withhold(entry.body):
            withheld.append(entry.seq)
            files[f"{name}.withheld"] = f"{entry.prev_sha256}\n{entry.sha256}\n".encode()
            continue
        files[f"{name}.entry"] = hashed_bytes(entry)
        bodies.append({"entry": entry.seq, "entry_kind": entry.kind} | _body(entry))
    script = SCRIPT.format(genesis=GENESIS, head=head, count=count).encode()
    return Chain(
        files=files,
        script=script,
        head=head,
        entries=count,
        withheld=withheld,
        broken=broken,
        bodies=bodies,
    )


def _body(entry: Entry) -> dict[str, Any]:
    try:
        body = json.loads(entry.body)
    except ValueError:
        return {}  # somebody changed it: the chain is broken there, and says so
    return body if isinstance(body, dict) else {}


def hashed_bytes(entry: Entry) -> bytes:
    """Return the bytes over which an entry's hash is taken (`nhiscan.evidence.chain`)."""
    moment = f"{entry.recorded_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    lines = (entry.prev_sha256, entry.tenant_id, str(entry.seq), entry.kind, moment, entry.body)
    return "\n".join(lines).encode("utf-8", "surrogatepass")
