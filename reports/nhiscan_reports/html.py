"""HTML: one file that stands alone, without scripts, in which every text is text."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, BinaryIO, ClassVar

from nhiscan.table import Table
from nhiscan_reports.values import text

# Nothing may be loaded and nothing may run, whatever a name from a cloud holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root{color-scheme:light dark}
body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:90rem;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2rem 0 .4rem}
nav a{margin-right:1rem}
.note{border-left:4px solid #b35900;padding:.3rem .8rem;margin:.4rem 0;font-weight:600}
.wrap{overflow-x:auto}
table{border-collapse:collapse;font-size:12.5px}
th,td{border:1px solid #8886;padding:.25rem .5rem;text-align:left;vertical-align:top;
max-width:28rem;overflow-wrap:anywhere}
th{position:sticky;top:0;background:Canvas}
.none{opacity:.7}
@media print{body{margin:0;max-width:none;font-size:10px}.wrap{overflow:visible}
table{font-size:8px}h2{break-after:avoid}tr{break-inside:avoid}}
"""
# Characters that change the direction of what follows them (Unicode, Bidirectional Algorithm).
_TURNING = {0x061C, 0x200E, 0x200F, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


class Html:
    """Tables as a page: sticky headers, dark and light, printable; no request leaves it."""

    name: ClassVar[str] = "html"
    title: ClassVar[str] = "HTML page"
    suffix: ClassVar[str] = ".html"
    binary: ClassVar[bool] = False

    def write(
        self, table: Table, stream: BinaryIO, *, width: int | None = None, color: bool = False
    ) -> None:
        """Write one table as a page."""
        self.write_all(table.title or "nhiscan", [table], stream)

    def write_all(self, title: str, tables: Sequence[Table], stream: BinaryIO) -> None:
        """Write several tables as one page with a list of contents."""
        for part in _page(title, tables):
            stream.write(part.encode("utf-8", "backslashreplace"))


def _page(title: str, tables: Sequence[Table]) -> Iterable[str]:
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_shown(title)}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>{_shown(title)}</h1><p>All times are UTC.</p>\n"
    )
    if len(tables) > 1:
        links = (
            f'<a href="#s{number}">{_shown(table.title)} ({len(table.rows)})</a>'
            for number, table in enumerate(tables)
        )
        yield f"<nav>{' '.join(links)}</nav>\n"
    for number, table in enumerate(tables):
        yield from _section(number, table)
    yield "</body></html>\n"


def _section(number: int, table: Table) -> Iterable[str]:
    yield f'<section id="s{number}"><h2>{_shown(table.title)}</h2>\n'
    for note in table.notes:
        yield f'<p class="note">{_shown(note)}</p>\n'
    if not table.rows:
        yield '<p class="none">no rows</p></section>\n'
        return
    heads = "".join(f'<th scope="col">{_shown(name)}</th>' for name in table.columns)
    yield f'<div class="wrap"><table><thead><tr>{heads}</tr></thead><tbody>\n'
    for row in table.rows:
        yield f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>\n"
    yield "</tbody></table></div></section>\n"


def _cell(value: Any) -> str:
    return "" if value is None else _shown(text(value))


def _shown(content: str) -> str:
    """Escape a text; characters that cannot be seen, or turn what follows, are shown as codes."""
    return escape("".join(map(_visible, content)))


def _visible(character: str) -> str:
    code = ord(character)
    hidden = (code < 0x20 and character not in "\n\t") or 0x7F <= code < 0xA0
    return f"\\u{code:04x}" if hidden or code in _TURNING else character
