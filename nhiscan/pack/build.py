"""Builds a pack: every file of it as bytes, the same for the same store and period."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from nhiscan import __version__, plugins
from nhiscan.config.model import Config
from nhiscan.evidence.automatic import incomplete
from nhiscan.evidence.keep import folder as evidence_folder
from nhiscan.export.folder import digest
from nhiscan.pack.client import ClientWall
from nhiscan.pack.ledger import Chain, chain
from nhiscan.pack.period import Period
from nhiscan.pack.readme import readme
from nhiscan.pack.results import findings, results
from nhiscan.pack.samples import sample
from nhiscan.pack.sections import Kind
from nhiscan.pack.tables import Answer, ask, last_moment, plain
from nhiscan.table import Table

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class Pack(Struct, frozen=True, kw_only=True):
    """A pack: `files` maps paths below its folder to contents.

    `gaps` is what was not read whole, `withheld` what stays with the MSP.
    """

    files: dict[str, bytes]
    gaps: list[str]
    withheld: list[str]
    rows: int


class Order(Struct, frozen=True, kw_only=True):
    """What pack is wanted. `samples` rows are drawn by `seed`; 0 draws none."""

    kind: Kind
    tenant: str
    period: Period
    samples: int = 0
    seed: str = "nhiscan"


class Sheet(Struct, frozen=True, kw_only=True):
    """One table of a pack; `answer` says how it was asked, where one query made it."""

    name: str
    table: Table
    answer: Answer | None = None


def build(con: "DuckDBPyConnection", store: Path, config: Config, order: Order) -> Pack:
    """Build a pack. What it says for now is the period's end or the store's last moment."""
    wall = ClientWall(con, config, store, order.tenant)
    gaps = [wall.text(gap) for gap in incomplete(con, order.tenant)]
    now = min(order.period.end, last_moment(con))
    sheets = [
        structs.replace(sheet, table=_noted(wall.table(sheet.table), gaps))
        for sheet in _sheets(con, config, order, has_gaps=bool(gaps))
    ]
    links = chain(con, order.tenant, wall.tells)
    kept, withheld = _evidence(store, wall, links)
    withheld += [f"ledger entry {seq}" for seq in links.withheld]
    files = _tables(sheets, order) | links.files | kept | {"verify.sh": links.script}
    manifest = _manifest(order, sheets, gaps, links) | {"withheld": withheld, "as_of": plain(now)}
    files["manifest.json"] = json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n"
    page = readme(order.kind, order.tenant, order.period, gaps, links, withheld)
    files["README.txt"] = page.encode("utf-8", "backslashreplace")
    files["SHA256SUMS"] = _sums(files)
    rows = sum(len(sheet.table.rows) for sheet in sheets)
    return Pack(files=files, gaps=gaps, withheld=withheld, rows=rows)


def _sheets(
    con: "DuckDBPyConnection", config: Config, order: Order, *, has_gaps: bool
) -> list[Sheet]:
    tenant, period = order.tenant, order.period
    answers = ask(con, order.kind, tenant, period, config.policy.numbers())
    params = {
        "start": period.start,
        "end": period.end,
        "now": min(period.end, last_moment(con)),
    }
    sheets = [Sheet(name=a.section.name, table=a.table, answer=a) for a in answers]
    sheets.append(Sheet(name="19-results", table=results(con, tenant, has_gaps=has_gaps)))
    sheets.append(Sheet(name="20-findings", table=findings(con, tenant, params)))
    if order.samples:
        drawn = sample(answers[0].table, order.samples, order.seed)
        sheets.append(Sheet(name="21-sample", table=drawn))
    return sheets


def _noted(table: Table, gaps: Sequence[str]) -> Table:
    """Say on the face of a table what was not read whole."""
    if not gaps:
        return table
    told = f"INCOMPLETE: {len(gaps)} sources were not read whole; see README.txt"
    return structs.replace(table, notes=(told, *table.notes))


def _tables(sheets: Sequence[Sheet], order: Order) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for sheet in sheets:
        stream = io.BytesIO()
        plugins.report("csv").write(sheet.table, stream)
        files[f"tables/{sheet.name}.csv"] = stream.getvalue()
        if sheet.table.notes:
            # a CSV has no room for what a reader must know, so it stands beside it
            notes = "".join(f"{note}\n" for note in sheet.table.notes)
            files[f"tables/{sheet.name}.csv.notes.txt"] = notes.encode("utf-8", "backslashreplace")
        if sheet.answer is not None:
            files[f"queries/{sheet.name}.sql"] = _executed(sheet.answer).encode()
    tables = [structs.replace(s.table, title=f"{s.name} {s.table.title}") for s in sheets]
    title = f"{order.kind} pack: {order.tenant}, {order.period.name}"
    for form in ("xlsx", "html"):
        stream = io.BytesIO()
        plugins.report(form).write_all(title, tables, stream)
        files[f"pack.{form}"] = stream.getvalue()
    return files


def _executed(answer: Answer) -> str:
    """Write the SQL that was executed, with its parameters, so that it can be executed again."""
    params = "".join(f"-- ${k} = {json.dumps(v)}\n" for k, v in sorted(answer.params.items()))
    return f"-- {answer.section.title} (query {answer.section.query})\n{params}{answer.sql}\n"


def _evidence(store: Path, wall: ClientWall, links: Chain) -> tuple[dict[str, bytes], list[str]]:
    """Copy the files that the entries name; a file that names another client stays at home."""
    root = evidence_folder(store)
    files: dict[str, bytes] = {}
    withheld: list[str] = []
    for body in links.bodies:
        if not body.get("path"):
            continue
        path = root / str(body["path"])
        name = f"evidence/{path.name}"
        if not path.is_file():
            withheld.append(f"{name} (missing; sha256 {body.get('sha256')})")
        elif wall.file_tells(path):
            withheld.append(f"a file of evidence (sha256 {body.get('sha256')})")
        else:
            files[name] = path.read_bytes()
    return files, sorted(set(withheld))


def _sums(files: dict[str, bytes]) -> bytes:
    return "".join(f"{digest(files[path])}  {path}\n" for path in sorted(files)).encode()


def _manifest(
    order: Order, sheets: Sequence[Sheet], gaps: list[str], links: Chain
) -> dict[str, Any]:
    sections = []
    for sheet in sheets:
        told: dict[str, Any] = {
            "file": f"tables/{sheet.name}.csv",
            "title": sheet.table.title,
            "rows": len(sheet.table.rows),
        }
        if sheet.answer is not None:
            told["query"] = sheet.answer.section.query
            told["query_sha256"] = sheet.answer.sql_sha256
            told["params"] = sheet.answer.params
        sections.append(told)
    return {
        "format": "nhiscan-pack",
        "version": 1,
        "tool": f"nhiscan {__version__}",
        "kind": order.kind,
        "tenant": order.tenant,
        "period": {
            "name": order.period.name,
            "from": plain(order.period.start),
            "to": plain(order.period.end),
        },
        "is_complete": not gaps,
        "not_read_whole": gaps,
        "sections": sections,
        "sample": {"size": order.samples, "seed": order.seed} if order.samples else None,
        "ledger": {"entries": links.entries, "head": links.head},
    }
