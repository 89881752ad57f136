"""Writes the parts of README.md and docs/ that come from code, for cog (`make docs`)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from nhiscan import plugins
from nhiscan.cli import COMMANDS, SHORT_HELP, nhiscan
from nhiscan.provider import Source
from nhiscan.sql.library import Query, load
from nhiscan.store import views
from nhiscan_reports.markdown import cell

WIDTH = 88


def commands() -> str:
    """Give the help of every command, as a terminal shows it."""
    sections = [_help(nhiscan, "nhiscan")]
    for name, module in COMMANDS.items():
        command: click.Command = import_module(f"nhiscan.cli.{module}").command
        sections.append(_help(command, f"nhiscan {name}"))
        for sub in command.commands.values() if isinstance(command, click.Group) else ():
            sections.append(_help(sub, f"nhiscan {name} {sub.name}"))
    return "\n".join(sections)


def _help(command: click.Command, path: str) -> str:
    # Each word of the path is a context: click names the variables after them.
    context = None
    for word in path.split():
        context = click.Context(
            command,
            info_name=word,
            parent=context,
            terminal_width=WIDTH,
            auto_envvar_prefix=None if context else "NHISCAN",
        )
    assert context is not None  # noqa: S101 - a path has words
    text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"## `{path}`\n\n```text\n{text}\n```\n"


def command_table() -> str:
    """List the commands in one line each."""
    rows = [(f"`nhiscan {name}`", SHORT_HELP[name]) for name in COMMANDS]
    return _table(("command", "what it does"), rows)


def query_table() -> str:
    """List the questions of the library in one line each."""
    rows = [
        (f"`{q.name}`", _text(q.title), q.rule or "", q.severity or "") for q in load().values()
    ]
    return _table(("query", "question", "rule", "severity"), rows)


def queries() -> str:
    """Explain every question of the library, area by area."""
    by_area: dict[str, list[Query]] = {}
    for query in load().values():
        by_area.setdefault(query.area, []).append(query)
    return "\n".join(
        f"## {area}\n\n" + "\n".join(_query(query) for query in found)
        for area, found in sorted(by_area.items())
    )


def _query(query: Query) -> str:
    lines = [f"### `{query.name}`", "", f"**{_text(query.title)}** {_text(query.why)}", ""]
    if query.rule:
        lines.append(f"- Rule: {query.rule}, severity {query.severity or 'by facts'}")
    if query.frameworks:
        listed = (
            f"{name} {', '.join(f'`{i}`' for i in ids)}" for name, ids in query.frameworks.items()
        )
        lines.append(f"- Frameworks: {'; '.join(listed)}")
    if query.unknown:
        lines.append(f"- Unknown where: {_text(query.unknown)}")
    if query.remediation:
        lines.append(f"- Remedy: {_text(query.remediation)}")
    for param in query.params:
        default = "none" if param.default is None else f"`{param.default}`"
        lines.append(
            f"- `--param {param.name}=`{param.type}: {_text(param.help)} (default {default})"
        )
    return "\n".join(lines) + "\n"


def view_tables() -> str:
    """Document every view and column from the comments that the store itself holds."""
    sections = []
    for view, comment, columns in _commented():
        rows = [(f"`{name}`", kind.lower(), _text(text)) for name, kind, text in columns]
        history = " Also `" + view + "_history`." if views.load(view).has_history else ""
        table = _table(("column", "type", "meaning"), rows)
        sections.append(f"## `{view}`\n\n{_text(comment)}{history}\n\n{table}")
    return "\n".join(sections)


def view_list() -> str:
    """List the views in one line each."""
    rows = [
        (f"`{view}`", _text(comment), ", ".join(f"`{name}`" for name, _, _ in columns[:6]) + " …")
        for view, comment, columns in _commented()
    ]
    return _table(("view", "one row for each", "columns"), rows)


def _commented() -> Iterator[tuple[str, str, Sequence[tuple[str, str, str]]]]:
    """Read views, columns, types and comments from a new, empty store."""
    from nhiscan.store.read import open_reader
    from nhiscan.store.revision import revise

    with TemporaryDirectory() as folder:
        store = Path(folder, "empty.duckdb")
        with revise(store, datetime(2026, 1, 1, tzinfo=UTC)):
            pass
        con = open_reader(store)
        try:
            for view in views.NAMES:
                comment = con.execute(
                    "SELECT comment FROM duckdb_views() WHERE view_name = ? AND NOT internal",
                    [view],
                ).fetchall()
                columns = con.execute(
                    "SELECT column_name, data_type, comment FROM duckdb_columns()"
                    " WHERE table_name = ? AND database_name = 'store' ORDER BY column_index",
                    [view],
                ).fetchall()
                yield (
                    view,
                    comment[0][0],
                    [(name, kind, text or "") for name, kind, text in columns],
                )
        finally:
            con.close()


def sources(provider: str) -> str:
    """List what an adapter reads, with the permissions it needs and what is unknown without it."""
    found: Sequence[Source] = plugins.provider(provider).sources()
    rows = [
        (
            f"`{source.name}`",
            _text(source.title),
            "<br>".join(f"`{p}`" for p in _permissions(source)),
            _text(source.blind) + (" (optional)" if source.optional else ""),
        )
        for source in found
    ]
    return _table(("source", "reads", "permissions", "unknown without it"), rows)


def _permissions(source: Source) -> list[str]:
    return list(dict.fromkeys(p for call in source.calls for p in call.permissions))


def _text(text: str) -> str:
    return cell(text)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
