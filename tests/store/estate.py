"""A small store to write scans into: real spool files, real revisions, one day per scan."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nhiscan import spool
from nhiscan.records import AnyRecord, Coverage, Credential, Identity, Usage
from nhiscan.store.merge import MergeCounts
from nhiscan.store.read import open_reader
from nhiscan.store.revision import revise

START = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
DETAILS = "iam.authorization_details"
REPORT = "iam.credential_report"
Rows = list[tuple[Any, ...]]


def day(number: float) -> datetime:
    """The moment of the scan of one day."""
    return START + timedelta(days=number)


def role(name: str, /, **changes: Any) -> Identity:
    values: dict[str, Any] = {
        "key": name,
        "kind": "role",
        "native_type": "aws.iam.role",
        "native_id": f"arn:aws:iam::111122223333:role/{name}",
        "name": name,
        "class_": "machine",
        "class_rule": "H01",
        "class_evidence": "trusted by a service",
        "source": DETAILS,
    }
    return Identity(**values | changes)


def key(name: str, **changes: Any) -> Credential:
    values: dict[str, Any] = {"key": f"{name}/1", "identity": name, "kind": "access_key"}
    return Credential(**values | {"source": REPORT, "status": "active"} | changes)


def used(name: str, usage: str, last: datetime | None = None, **changes: Any) -> Usage:
    values: dict[str, Any] = {"subject": "identity", "key": name, "usage": usage}
    return Usage(**values | {"last_used_at": last, "source": DETAILS} | changes)


def read(source: str = DETAILS, state: str = "complete", **changes: Any) -> Coverage:
    values: dict[str, Any] = {"source": source, "state": state}
    return Coverage(**values | changes)


class Store:
    """A store in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "nhiscan.duckdb"

    def spool(self, at: datetime, records: Iterable[AnyRecord], **changes: Any) -> Path:
        """Write one unit's spool."""
        values: dict[str, Any] = {
            "tool": "test",
            "scan_id": f"{at:%Y%m%dT%H%M%SZ}",
            "part": "collect",
            "tenant_id": "acme",
            "provider": "aws",
            "account": "111122223333",
            "started_at": at,
        }
        header = spool.Header(**values | changes)
        path = self.folder / f"unit-{len(list(self.folder.glob('unit-*')))}.jsonl.gz"
        spool.write(path, header, records, finished_at=lambda: at)
        return path

    def scan(self, at: datetime, *records: AnyRecord, **changes: Any) -> MergeCounts:
        """Merge one unit by a revision of its own, as a scan of one account does."""
        return self.merge(at, self.spool(at, records, **changes))

    def merge(self, at: datetime, path: Path) -> MergeCounts:
        with revise(self.path, at) as revision:
            counts = revision.merge_unit(path)
            revision.record_scan(
                scan_id=f"{at:%Y%m%dT%H%M%SZ}", kind="scan", finished_at=at, tenants=[], units=1
            )
        return counts

    def rows(self, sql: str, as_of: datetime | None = None) -> Rows:
        """Ask the published store."""
        with open_reader(self.path, as_of) as con:
            return con.execute(sql).fetchall()

    def names(self, as_of: datetime | None = None) -> list[str]:
        return [row[0] for row in self.rows("SELECT name FROM identities ORDER BY 1", as_of)]
