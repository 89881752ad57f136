"""OCSF: findings and the population as JSON lines for a SIEM or a data lake."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nhiscan.export.masked import Reader
from nhiscan.export.ocsf_findings import Rules, events
from nhiscan.export.ocsf_objects import Event, Row, cloud, filled, head, iso, metadata, ms, user
from nhiscan.sql import library

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

POPULATION = (5003, "User Inventory Info")
# Words of ours that no mask may touch; everything else in a row may hold text from a cloud.
_OURS = frozenset(
    {"finding_id", "rule", "severity", "tenant_id", "identity_id", "credential_id", "status"}
    | {"remediation", "frameworks", "kind", "class", "native_type", "region", "privilege"}
    | {"usage", "owner_status", "owner_kind", "provider", "keys"}
)


class Ocsf:
    """An export; `written` counts its events by class while they are read."""

    def __init__(
        self,
        con: "DuckDBPyConnection",
        *,
        tenant: str | None,
        policy: Mapping[str, Any],
        contacts: Sequence[tuple[str, str]] = (),
        is_detection: bool = False,
    ) -> None:
        self._reader = Reader(con, tenant, contacts)
        self._rules = Rules(library.load(), policy)
        self._is_detection = is_detection
        self.written: Counter[int] = Counter()

    def lines(self) -> Iterator[bytes]:
        """Yield one event per line: every finding by its id, then every identity by its own.

        The same store gives the same bytes: times are those of scans, never of the export.
        """
        for event in self._events():
            self.written[event["class_uid"]] += 1
            text = json.dumps(event, ensure_ascii=True, separators=(",", ":"), default=str)
            yield text.encode("ascii") + b"\n"

    def _events(self) -> Iterator[Event]:
        found = self._reader.rows(
            "ocsf_findings.sql", json_in=("frameworks", "evidence"), ours=_OURS
        )
        for row in found:
            yield from events(row, self._rules, is_detection=self._is_detection)
        for row in self._reader.rows("ocsf_population.sql", json_in=(), ours=_OURS):
            yield _identity(row)


def _identity(row: Row) -> Event:
    """Write one identity as the scan that last saw it collected it."""
    when = ms(row["last_seen"])
    keys = [
        filled(
            uid=key["uid"],
            status=key["status"],
            usage=key["usage"],
            created_at=iso(key["created_at"]),
            expires_at=iso(key["expires_at"]),
        )
        for key in row["keys"] or []
    ]
    names = (
        *("identity_id", "kind", "class", "native_type", "enabled", "created_by", "usage"),
        *("privilege", "owner_id", "owner_status", "owner_confidence", "backup_id"),
        *("reach_tenants", "unread", "owner_unread"),
    )
    kept = {name: row[name] for name in names} | {
        "created_at": iso(row["created_at"]),
        "first_seen": iso(row["first_seen"]),
        "last_used_at": iso(row["last_used_at"]),
        "credentials": keys,
    }
    return (
        head(*POPULATION, (2, "Collect"))
        | {"severity_id": 1, "severity": "Informational", "time": when}
        | {"metadata": metadata(row, f"{row['identity_id']}:{POPULATION[0]}:{when}")}
        | cloud(row)
        | {"user": user(row), "unmapped": {"nhiscan": filled(**kept)}}
    )
