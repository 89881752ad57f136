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
# Checks the chain of entries, then every file. Needs sh, head, sed, cut and sha256sum.
cd "$(dirname "$0")" || exit 2
bad=0 prev={genesis}
for f in ledger/*.entry ledger/*.withheld; do echo "$f"; done | sort > /tmp/nhiscan.$$
while read -r f; do
  [ -e "$f" ] || continue
  [ "$(head -n 1 "$f")" = "$prev" ] || {{ echo "BROKEN before $f"; bad=1; }}
  case $f in
    *.withheld) prev=$(sed -n 2p "$f") ;;
    *) prev=$(sha256sum "$f" | cut -c1-64) ;;
  esac
done < /tmp/nhiscan.$$
rm -f /tmp/nhiscan.$$
[ "$prev" = "{head}" ] || {{ echo "BROKEN head: $prev"; bad=1; }}
sha256sum -c --quiet SHA256SUMS || bad=1
[ $bad = 0 ] && echo "all {count} entries and all files are as recorded; head {head}"
exit $bad
"""


class Chain(Struct, frozen=True, kw_only=True):
    """A chain as files; `paths` are the copies of evidence that its entries name."""

    files: dict[str, bytes]
    script: bytes
    head: str
    entries: int
    withheld: list[int]
    bodies: list[dict[str, Any]]


def chain(con: "DuckDBPyConnection", tenant: str, withhold: "Callable[[str], bool]") -> Chain:
    """Write the whole chain of a tenant; `withhold` says of a body that it must not go out.

    Of such an entry only its hash and that of the one before are given, so the chain still holds.
    """
    files: dict[str, bytes] = {}
    bodies: list[dict[str, Any]] = []
    withheld: list[int] = []
    head, count = GENESIS, 0
    for entry in entries(con, tenant):
        name = f"ledger/{entry.seq:06d}"
        head, count = entry.sha256, count + 1
        if withhold(entry.body):
            withheld.append(entry.seq)
            files[f"{name}.withheld"] = f"{entry.prev_sha256}\n{entry.sha256}\n".encode()
            continue
        files[f"{name}.entry"] = hashed_bytes(entry)
        body = json.loads(entry.body)
        bodies.append({"entry": entry.seq, "entry_kind": entry.kind} | body)
    script = SCRIPT.format(genesis=GENESIS, head=head, count=count).encode()
    return Chain(
        files=files, script=script, head=head, entries=count, withheld=withheld, bodies=bodies
    )


def hashed_bytes(entry: Entry) -> bytes:
    """Return the bytes over which an entry's hash is taken (`nhiscan.evidence.chain`)."""
    moment = f"{entry.recorded_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    lines = (entry.prev_sha256, entry.tenant_id, str(entry.seq), entry.kind, moment, entry.body)
    return "\n".join(lines).encode("utf-8", "surrogatepass")
