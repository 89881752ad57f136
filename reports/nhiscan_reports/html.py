"""HTML: one file that stands alone, without scripts, in which every text is text."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any, BinaryIO, ClassVar

from nhiscan.table import Table
from nhiscan_reports.values import text

# Nothing may be loaded and nothing may run, whatever a name from a cloud holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root{color-scheme:light dark;--bad:#b3261e;--warn:#8a5a00;--good:#1b6e3c;--line:#8884}
@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--warn:#ffcc66;--good:#7fd8a0}}
body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:110rem;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin:2.2rem 0 .4rem}
nav{columns:22rem;line-height:1.7}nav a{display:block}
.note{border-left:4px solid var(--warn);padding:.3rem .8rem;margin:.4rem 0;font-weight:600}
.wrap{overflow:auto;max-height:85vh;max-width:100%;border:1px solid var(--line)}
table{border-collapse:collapse;font-size:12.5px}
th,td{border-bottom:1px solid var(--line);padding:.3rem .6rem;text-align:left;vertical-align:top;
white-space:nowrap}
th{position:sticky;top:0;background:Canvas;box-shadow:0 1px var(--line)}
td.long{white-space:normal;min-width:16rem;max-width:26rem;overflow-wrap:anywhere}
.clip{max-height:7.5rem;overflow:auto}
td.number{text-align:right;font-variant-numeric:tabular-nums}
.bad{color:var(--bad);font-weight:600}.warn{color:var(--warn);font-weight:600}
.good{color:var(--good)}
.none{opacity:.7}
@page{size:A4 landscape;margin:10mm}
@media print{.clip{max-height:none}body{margin:0;max-width:none;font-size:10px}
.wrap{overflow:visible;max-height:none;
border:0}table{font-size:6.5px;width:100%}th{position:static}th,td{padding:1px 3px;
white-space:normal}td.long{min-width:0}h2{break-after:avoid}tr{break-inside:avoid}}
"""
# Longer texts than this wrap; what is shorter, such as our own ids, is never broken.
_SHORT = 32
# Longer texts than this scroll within their cell, so that one name cannot push the rest away.
_LONG = 400
# What a verdict means at a glance; words that are not here are shown plainly.
_JUDGED = ("verdict", "state", "status", "result", "severity", "kind")
_MEANING = {
    **dict.fromkeys(
        ("fail", "open", "overdue", "exceptions", "missed", "critical", "DIFFER", "stale",
         "expired", "missing", "run out", "not theirs to accept", "gap", "overlap", "denied"),
        "bad",
    ),
    **dict.fromkeys(
        ("unknown", "not conclusive", "to check", "to confirm", "high", "accepted", "late",
         "incomplete", "partial", "exceptions accepted", "no SLA for its domain"),
        "warn",
    ),
    **dict.fromkeys(
        ("pass", "agree", "held", "valid", "in time", "no exception", "resolved", "complete",
         "no exception in what was read", "known", "in force"),
        "good",
    ),
}  # fmt: skip
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
        f"<title>{shown(title)}</title><style>{_STYLE}</style></head><body>\n"
        f"<h1>{shown(title)}</h1><p>All times are UTC.</p>\n"
    )
    if len(tables) > 1:
        links = (
            f'<a href="#s{number}">{shown(table.title)} ({len(table.rows)})</a>'
            for number, table in enumerate(tables)
        )
        yield f"<nav>{' '.join(links)}</nav>\n"
    for number, table in enumerate(tables):
        yield from section(number, table)
    yield "</body></html>\n"


def section(number: int, table: Table) -> Iterable[str]:
    """Write one table with its title and notes; `number` tells it apart on its page."""
    yield f'<section id="s{number}"><h2>{shown(table.title)}</h2>\n'
    for note in table.notes:
        yield f'<p class="note">{shown(note)}</p>\n'
    if not table.rows:
        yield '<p class="none">no rows</p></section>\n'
        return
    heads = "".join(f'<th scope="col">{shown(_label(name))}</th>' for name in table.columns)
    yield f'<div class="wrap"><table><thead><tr>{heads}</tr></thead><tbody>\n'
    for row in table.rows:
        cells = (_cell(name, value) for name, value in zip(table.columns, row, strict=True))
        yield f"<tr>{''.join(cells)}</tr>\n"
    yield "</tbody></table></div></section>\n"


def _label(name: str) -> str:
    """Write a column's name for people; the other formats keep it as it is."""
    return name.replace("_", " ")


def _cell(name: str, value: Any) -> str:
    """Write a cell: numbers to the right, lists one entry a line, verdicts in their colour."""
    if value is None or value == "" or value in ([], {}):
        return "<td></td>"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'<td class="number">{shown(text(value))}</td>'
    lines = _lines(value)
    kinds = ["long"] if any(len(line) > _SHORT for line in lines) else []
    if name in _JUDGED and isinstance(value, str) and value in _MEANING:
        kinds.append(_MEANING[value])
    marked = f' class="{" ".join(kinds)}"' if kinds else ""
    content = "<br>".join(map(shown, lines))
    if len(content) > _LONG:
        content = f'<div class="clip">{content}</div>'
    return f"<td{marked}>{content}</td>"


def _lines(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, datetime):
        return [_moment(value)]
    if isinstance(value, list | tuple):
        return [text(item) for item in value]
    if isinstance(value, dict):
        return [f"{text(key)}: {text(item)}" for key, item in value.items()]
    return [text(value)]


def _moment(value: datetime) -> str:
    """Write a time to the minute, a day's begin as the day; the page says that all are UTC."""
    moment = value.astimezone(UTC) if value.tzinfo else value
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M}"


def shown(content: str) -> str:
    """Escape a text; characters that cannot be seen, or turn what follows, are shown as codes."""
    return escape("".join(map(_visible, content)))


def _visible(character: str) -> str:
    code = ord(character)
    hidden = (code < 0x20 and character not in "\n\t") or 0x7F <= code < 0xA0
    return f"\\u{code:04x}" if hidden or code in _TURNING else character
