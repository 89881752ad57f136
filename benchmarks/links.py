"""What links of identities to control instances cost: CPU for 200 clients of 250 identities each.

`python benchmarks/links.py`; exits 1 when the bar is missed.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from nhiscan.matrix.links import stage_links
from nhiscan.matrix.model import LinkMatch, LinkRule, Matrix
from nhiscan.store.connect import connect
from nhiscan.store.migrate import migrate

CLIENTS, INSTANCES, IDENTITIES, RULES = 200, 30, 250, 30
MOST_SECONDS = 6.0
AT = datetime(2026, 5, 1, 6, tzinfo=UTC)
CRITERIA = (
    *("CC6.1", "CC6.2", "CC6.3", "CC6.6", "CC6.8", "CC7.1", "CC7.2", "CC7.4", "CC8.1", "CC9.2"),
    *("A1.2", "C1.1", "C1.2", "PI1.2", "CC1.3"),
)


def _load(con: duckdb.DuckDBPyConnection) -> None:
    values = {"at": AT, "clients": CLIENTS, "instances": INSTANCES, "identities": IDENTITIES}
    for statement in duckdb.extract_statements(Path(__file__).with_suffix(".sql").read_text()):
        known = values | {"criteria": list(CRITERIA)}
        con.execute(statement, {name: known[name] for name in statement.named_parameters} or None)


def main() -> int:
    """Measure once, print, and compare with the bar."""
    rules = tuple(
        LinkRule(id=f"n{n}", match=LinkMatch(name=f"svc-{n}*"), criteria=["A1.2"], basis="name")
        if n % 2
        else LinkRule(id=f"r{n}", match=LinkMatch(role=f"p{n}*"), criteria=["A1.2"], basis="role")
        for n in range(RULES)
    )
    with TemporaryDirectory() as folder, connect(Path(folder) / "bench.duckdb") as con:
        migrate(con)
        _load(con)
        began, wall = time.process_time(), time.perf_counter()
        stage_links(con, Matrix(rules=rules), AT)
        spent, waited = time.process_time() - began, time.perf_counter() - wall
        counted = con.execute(
            "SELECT state || ', ' || grade, count(*) FROM staged_control_link GROUP BY ALL"
            " ORDER BY ALL"
        ).fetchall()
    print(f"{CLIENTS * IDENTITIES:,} identities, {CLIENTS * INSTANCES:,} instances, {RULES} rules:"
          f" {spent:.1f} s CPU (at most {MOST_SECONDS:g}), {waited:.1f} s;"
          f" {', '.join(f'{n:,} {what}' for what, n in counted)}")  # fmt: skip
    return int(spent > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
