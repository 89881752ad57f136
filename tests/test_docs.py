"""The documents are complete: nothing that a user can meet is left without words."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from nhiscan import plugins
from nhiscan.cli import COMMANDS, SHORT_HELP, nhiscan
from nhiscan.clock import now
from nhiscan.sql.library import load
from nhiscan.store import views
from nhiscan.store.read import open_reader
from nhiscan.store.revision import revise

ROOT = Path(__file__).parents[1]


def every_command() -> Iterator[tuple[str, click.Command]]:
    yield "nhiscan", nhiscan
    for name, module in COMMANDS.items():
        command: click.Command = import_module(f"nhiscan.cli.{module}").command
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {sub}", found) for sub, found in command.commands.items())


def document(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def test_every_command_and_option_has_help() -> None:
    assert set(SHORT_HELP) == set(COMMANDS)
    for name, command in every_command():
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.name}"


def test_every_argument_is_explained_in_the_help() -> None:
    for name, command in every_command():
        for parameter in command.params:
            if isinstance(parameter, click.Argument):
                metavar = parameter.make_metavar(click.Context(command)).strip("[]. ")
                assert metavar in (command.help or ""), f"{name} {metavar}"


def test_every_command_is_documented() -> None:
    text = document("docs/commands.md")
    for name, _ in every_command():
        assert f"`nhiscan {name}`" in text or name == "nhiscan"
    for name in COMMANDS:
        assert f"`nhiscan {name}`" in document("README.md")


def test_every_view_and_column_has_a_comment(tmp_path: Path) -> None:
    store = tmp_path / "empty.duckdb"
    with revise(store, now()):
        pass
    con = open_reader(store)
    try:
        without = con.execute(
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL"
        ).fetchall()
        without += con.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL"
            " AND table_name IN (SELECT view_name FROM duckdb_views() WHERE NOT internal)"
        ).fetchall()
    finally:
        con.close()
    assert without == []


def test_every_view_is_documented() -> None:
    text = document("docs/views.md")
    for name in views.NAMES:
        assert f"## `{name}`" in text


def test_every_query_is_documented() -> None:
    text = document("docs/queries.md")
    for name, query in load().items():
        assert f"### `{name}`" in text
        assert query.unknown, f"{name}: which incomplete source makes it say unknown?"
        assert not query.rule or (query.remediation and query.severity and query.frameworks), name


@pytest.mark.parametrize("provider", plugins.names(plugins.PROVIDERS))
def test_every_source_and_permission_is_documented(provider: str) -> None:
    text = document(f"docs/{provider}.md")
    for source in plugins.provider(provider).sources():
        assert f"`{source.name}`" in text
        for call in source.calls:
            for permission in call.permissions:
                assert f"`{permission}`" in text


def test_every_exit_code_is_documented() -> None:
    section = document("README.md").partition("## Exit codes")[2].partition("\n## ")[0]
    for code in range(5):
        assert f"| {code} |" in section


def test_links_between_documents_lead_somewhere() -> None:
    import re

    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
