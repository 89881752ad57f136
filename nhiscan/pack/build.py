"""Builds a pack: every file of it as bytes, the same for the same store and period."""

import json
from collections.abc import Sequence
from importlib.resources import files as package_files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from nhiscan import __version__
from nhiscan.config.model import Config
from nhiscan.evidence.automatic import incomplete
from nhiscan.export.folder import digest
from nhiscan.pack.client import ClientWall
from nhiscan.pack.evidence import evidence
from nhiscan.pack.ledger import Chain, chain
from nhiscan.pack.period import Period
from nhiscan.pack.readme import Told, readme
from nhiscan.pack.render import Sheet, render
from nhiscan.pack.results import findings, results
from nhiscan.pack.samples import sample
from nhiscan.pack.sections import Kind
from nhiscan.pack.summary import summary
from nhiscan.pack.tables import ask, last_moment, plain
from nhiscan.pack.totals import totals, unread
from nhiscan.pack.write import FORMAT
from nhiscan.review.prepare import pending
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Pack(Struct, frozen=True, kw_only=True):
    """A pack: `files` maps paths below its folder to contents.

    `gaps` is what was not read whole, `withheld` what stays with the MSP, `broken` what of the
    ledger is not as it was recorded.
    """

    files: dict[str, bytes]
    gaps: list[str]
    withheld: list[str]
    broken: list[str]
    rows: int


class Order(Struct, frozen=True, kw_only=True):
    """What pack is wanted. `samples` rows are drawn by `seed`; 0 draws none."""

    kind: Kind
    tenant: str
    period: Period
    samples: int = 0
    seed: str = "nhiscan"


def build(con: "DuckDBPyConnection", store: Path, config: Config, order: Order) -> Pack:
    """Build a pack. What it says for now is the period's end or the store's last moment."""
    wall = ClientWall(con, config, store, order.tenant, is_handed_out=order.kind == "client")
    lacking = incomplete(con, order.tenant) + unread(con, order.tenant, order.period)
    gaps = [wall.text(gap) for gap in lacking]
    sheets = [
        structs.replace(sheet, table=_noted(wall.table(sheet.table), gaps))
        for sheet in _sheets(con, config, order, has_gaps=bool(gaps))
    ]
    links = chain(con, order.tenant, wall.entry_tells)
    kept = evidence(store, wall, links)
    told = Told(
        gaps=gaps,
        withheld=[*(f"ledger entry {seq}" for seq in links.withheld), *kept.withheld],
        broken=[*(f"ledger entry {seq}" for seq in links.broken), *kept.broken],
        known_at=plain(last_moment(con)),
        judged_at=plain(_now(con, order)),
    )
    title = f"{order.kind} pack: {order.tenant}, {order.period.name}"
    files = render(title, sheets) | links.files | kept.files | {"verify.sh": links.script}
    manifest = _manifest(order, sheets, told, links)
    files["manifest.json"] = json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n"
    page = readme(order.kind, order.tenant, order.period, told, links)
    files["README.txt"] = page.encode("utf-8", "backslashreplace")
    files["SHA256SUMS"] = _sums(files)
    return Pack(
        files=files,
        gaps=gaps,
        withheld=told.withheld,
        broken=told.broken,
        rows=sum(len(sheet.table.rows) for sheet in sheets),
    )


def _now(con: "DuckDBPyConnection", order: Order) -> Any:
    return min(order.period.end, last_moment(con))


def _sheets(
    con: "DuckDBPyConnection", config: Config, order: Order, *, has_gaps: bool
) -> list[Sheet]:
    tenant, period = order.tenant, order.period
    params = {"start": period.start, "end": period.end, "now": _now(con, order)}
    answers = ask(con, order.kind, tenant, period, config.policy.numbers())
    sheets = [Sheet(name=a.section.name, table=a.table, answer=a) for a in answers]
    population = answers[0].table

    def add(name: str, table: Table) -> None:
        sheets.append(Sheet(name=name, table=table))

    if order.kind == "monthly":
        add("00-to-decide", pending(con, tenant, (period.start, period.end, params["now"])))
    if order.kind == "audit":
        add("01-totals", totals(con, tenant, period, population))
    add("27-results", results(con, tenant, has_gaps=has_gaps))
    add("28-findings", findings(con, tenant, params))
    add("29-by-owner", _owners(con, tenant, params))
    if order.samples:
        add("30-sample", sample(population, order.samples, order.seed))
    sheets.sort(key=lambda sheet: sheet.name)
    return [summary(sheets), *sheets]


def _owners(con: "DuckDBPyConnection", tenant: str, params: dict[str, Any]) -> Table:
    text = package_files("nhiscan.pack").joinpath("owners.sql").read_text("utf-8")
    given = {"tenant": tenant, "end": params["end"], "now": params["now"]}
    result = con.execute(text, given)
    columns = tuple(column[0] for column in result.description or ())
    return Table(columns=columns, rows=result.fetchall(), title="Open findings by owner")


def _noted(table: Table, gaps: Sequence[str]) -> Table:
    """Say on the face of a table what was not read whole."""
    if not gaps:
        return table
    many = "1 source was" if len(gaps) == 1 else f"{len(gaps)} sources were"
    told = f"INCOMPLETE: {many} not read whole; README.txt lists them"
    return structs.replace(table, notes=(told, *table.notes))


def _sums(files: dict[str, bytes]) -> bytes:
    return "".join(f"{digest(files[path])}  {path}\n" for path in sorted(files)).encode()


def _manifest(order: Order, sheets: Sequence[Sheet], told: Told, links: Chain) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": 1,
        "tool": f"nhiscan {__version__}",
        "kind": order.kind,
        "tenant": order.tenant,
        "period": {
            "name": order.period.name,
            "from": plain(order.period.start),
            "to": plain(order.period.end),
        },
        "known_at": told.known_at,
        "as_of": told.judged_at,
        "is_complete": not told.gaps,
        "not_read_whole": told.gaps,
        "withheld": told.withheld,
        "broken": told.broken,
        "sections": [sheet.told() for sheet in sheets],
        "sample": {"size": order.samples, "seed": order.seed} if order.samples else None,
        "ledger": {"entries": links.entries, "head": links.head},
    }
