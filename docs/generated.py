"""Writes the parts of README.md and docs/ that come from code, for cog (`make docs`)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec import Struct

from nhiscan import plugins
from nhiscan.cli import COMMANDS, SHORT_HELP, nhiscan
from nhiscan.matrix.catalog import built_in
from nhiscan.matrix.described import KEYS
from nhiscan.matrix.files import fields, structs_of_matrix, words
from nhiscan.matrix.lint import RULES
from nhiscan.matrix.problems import CODES
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


def matrix_codes() -> str:
    """List the codes that `nhiscan matrix lint` prints."""
    of_rules = {query.rule: query.title for query in load().values()}
    rows = [(f"`{code}`", text) for code, text in CODES.items()]
    rows += [(f"`{rule}`", _text(of_rules[rule])) for rule in RULES if rule in of_rules]
    return _table(("code", "what is wrong"), rows)


def matrix_keys() -> str:
    """Document every key of the files of a control matrix."""
    sections = []
    for name, keys in KEYS.items():
        shape = next(s for s in structs_of_matrix() if s.__name__ == name)
        rows = [
            (f"`{key}`", "yes" if fields(shape)[key].needed else "", f"{text}{_words(shape, key)}")
            for key, text in keys.items()
        ]
        title = (shape.__doc__ or name).partition("\n")[0]
        sections.append(f"**{title}**\n\n{_table(('key', 'needed', 'meaning'), rows)}")
    return "\n".join(sections)


def _words(shape: type[Struct], key: str) -> str:
    listed = words(fields(shape)[key].type)
    return f" One of: {', '.join(f'`{word}`' for word in listed)}." if listed else ""


def catalog_list() -> str:
    """List the catalogs in one line each."""
    rows = [(f"`{k.framework}`", str(len(k.criteria)), k.criteria[0].id) for k in built_in()]
    return _table(("framework", "ids", "such as"), rows)


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
