"""The files of evidence that go into a pack, and why others do not."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct

from nhiscan.pack.client import ClientWall
from nhiscan.pack.ledger import Chain
from nhiscan.store.heads import evidence_folder


class Evidence(Struct, frozen=True, kw_only=True):
    """`files` go in; `withheld` say why others stay; `broken` are not what was recorded."""

    files: dict[str, bytes]
    withheld: list[str]
    broken: list[str]


def evidence(store: Path, wall: ClientWall, links: Chain) -> Evidence:
    """Copy what the entries of a chain name; a file that names another client stays at home."""
    root = evidence_folder(store)
    files: dict[str, bytes] = {}
    withheld: set[str] = set()
    broken: set[str] = set()
    for body in links.bodies:
        if not body.get("path"):
            continue
        told = f"file of entry {body['entry']} (sha256 {body.get('sha256')})"
        data = _content(root, body)
        if data is None:
            broken.add(f"{told}: missing")
        elif sha256(data).hexdigest() != body.get("sha256"):
            broken.add(f"{told}: changed after it was recorded")
        elif why := wall.why_kept_back(data):
            withheld.add(f"{told}: {why}")
        else:
            files[f"evidence/{Path(str(body['path'])).name}"] = data
    return Evidence(files=files, withheld=sorted(withheld), broken=sorted(broken))


def _content(root: Path, body: dict[str, Any]) -> bytes | None:
    path = root / str(body["path"])
    if not path.resolve().is_relative_to(root.resolve()):
        return None
    try:
        return path.read_bytes()
    except OSError:
        return None
