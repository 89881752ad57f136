"""A store that tests scan day by day, with what the resolver would conclude given."""

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

from nhiscan.config.model import Config, Policy
from nhiscan.findings.evaluate import FindingCounts, evaluate
from nhiscan.store.read import open_reader
from nhiscan.store.revision import revise
from tests.queries import conclusions, estate

Findings = dict[tuple[str, str], dict[str, Any]]


class Store:
    """A store that is scanned day by day."""

    def __init__(self, folder: Path, **policy: Any) -> None:
        self.path = folder / "nhiscan.duckdb"
        self._folder = folder
        self._config = Config(
            path=folder / "nhiscan.yaml",
            msp_id="northwind",
            msp_name="Northwind MSP",
            store=self.path,
            tenants=(),
            policy=Policy(**policy),
        )

    def scan(
        self,
        day: float,
        *units: estate.Unit,
        denied: Collection[str] = (),
        plan: bool = True,
        known: Collection[estate.Unit] = (),
    ) -> FindingCounts:
        """Scan these units `day` days after the estate's date."""
        at = estate.NOW + timedelta(days=day)
        with revise(self.path, at) as revision:
            conclusions.scan(revision, self._folder, units, denied=denied, plan=plan, known=known)
            counts = evaluate(revision, self._config, at)
            revision.record_scan(
                scan_id=f"scan-{at:%Y%m%d%H}",
                kind="scan",
                finished_at=at,
                tenants=sorted({unit.tenant for unit in units}),
                units=len(units),
            )
        return counts

    def findings(self) -> Findings:
        """Read all findings but beta's by rule and title."""
        rows = self.ask("SELECT * FROM findings WHERE tenant_id <> 'beta'")
        return {(row["rule"], row["title"]): row for row in rows}

    def count(self, view: str) -> int:
        """Count the rows of a view."""
        found: int = self.ask(f"SELECT count(*) AS n FROM {view}")[0]["n"]  # noqa: S608 a view's name
        return found

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """Run a statement and give its rows as dicts."""
        con = open_reader(self.path)
        try:
            result = con.execute(sql)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        finally:
            con.close()


def without_key(unit: estate.Unit, key: str) -> estate.Unit:
    """Return the unit as it would be without a record of this key."""
    kept = [one for one in unit.records if getattr(one, "key", "") != key]
    return estate.Unit(tenant=unit.tenant, account=unit.account, records=kept, owners=unit.owners)
