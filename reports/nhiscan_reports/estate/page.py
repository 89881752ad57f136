"""Writes the page: libraries, our scripts and styles, a summary without scripts, and the data."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Any, BinaryIO, ClassVar

from nhiscan.table import Table
from nhiscan_reports.estate.pack import BLOCK, blocks, columns, packed
from nhiscan_reports.estate.summary import summary
from nhiscan_reports.html import shown

STYLES = ("vendor/tabulator.min.css", "page.css", "print.css")
# In this order: later ones use earlier ones.
SCRIPTS = (
    "vendor/d3.min.js",
    "vendor/tabulator.min.js",
    "data.js",
    "words.js",
    "grid.js",
    "overview.js",
    "charts.js",
    "sharing.js",
    "path.js",
    "identity.js",
    "lists.js",
    "main.js",
)
# Tables of which only what belongs to the identity that is looked at is unpacked.
DETAILS = ("credentials", "grants", "trusts", "claims", "controls", "history")


class Estate:
    """Many tables as one page: what is worst, who owns what, what is shared, and every identity.

    It makes no request and runs nothing but its own scripts, whatever a name from a cloud holds.
    """

    name: ClassVar[str] = "estate"
    title: ClassVar[str] = "interactive HTML page of the whole estate"
    suffix: ClassVar[str] = ".html"
    binary: ClassVar[bool] = False

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write a page of one table."""
        self.write_all(table.title or "nhiscan", [table], stream)

    def write_all(self, title: str, tables: Sequence[Table], stream: BinaryIO) -> None:
        """Write the page; `Table.name` says which is which, and what is missing is left out."""
        for part in _parts(title, {table.name: table for table in tables}):
            stream.write(part.encode("utf-8", "backslashreplace"))


def _parts(title: str, tables: dict[str, Table]) -> Iterable[str]:
    styles, scripts = [_file(name) for name in STYLES], [_file(name) for name in SCRIPTS]
    yield Template(_file("page.html")).substitute(
        policy=_policy(styles, scripts),
        title=shown(title),
        styles="\n".join(f"<style>{style}</style>" for style in styles),
        summary="".join(summary(tables)),
    )
    main = {name: columns(table) for name, table in tables.items() if name not in DETAILS}
    yield _data("main", {"title": title, "block": BLOCK, "tables": main})
    details = [tables[name] for name in DETAILS if name in tables]
    labels = {table.name: list(table.columns[1:]) for table in details}
    yield _data("details", labels)
    for number, block in enumerate(blocks(_identities(tables), details)):
        yield _data(f"block-{number}", block)
    for script in scripts:
        yield f"<script>{script}</script>\n"
    yield "</body></html>\n"


def _identities(tables: dict[str, Table]) -> list[str]:
    table = tables.get("identities")
    return [row[0] for row in table.rows] if table else []


def _data(name: str, value: Any) -> str:
    return f'<script type="text/plain" id="data-{name}">{packed(value)}</script>\n'


def _policy(styles: Iterable[str], scripts: Iterable[str]) -> str:
    """Allow what is written here, known by its hash (Content Security Policy 3), and no more."""
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"script-src {' '.join(map(_hash, scripts))}; style-src {' '.join(map(_hash, styles))}"
    )


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'"


def _file(name: str) -> str:
    return files("nhiscan_reports.estate").joinpath(name).read_text("utf-8")
