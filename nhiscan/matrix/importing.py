"""Reads the CSV of a matrix, and says what the files of `clients/` become by it."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from msgspec import Struct, to_builtins

from nhiscan.config.fields import Checker
from nhiscan.config.marked import Marked
from nhiscan.config.model import Config
from nhiscan.matrix import cells
from nhiscan.matrix.canonical import render
from nhiscan.matrix.carry import carry
from nhiscan.matrix.clientfile import ClientReader, Known
from nhiscan.matrix.comments import tree
from nhiscan.matrix.files import ClientRoot
from nhiscan.matrix.model import ClientFile, Matrix
from nhiscan.matrix.problems import Noted
from nhiscan.matrix.read import unique
from nhiscan.matrix.rows import COLUMNS, Reader, Row, rows
from nhiscan.matrix.tree import UnwritableError, planted

# What the row of a file without instances says.
_OF_FILE = frozenset({"client", "file", "period_from", "period_to"})
_NEEDED = ("client", "instance_id")


class Changed(Struct, frozen=True, kw_only=True):
    """What becomes of one file: its new text, and how many instances differ."""

    file: Path
    text: str
    added: int
    changed: int
    removed: int


class _Read(Struct, frozen=True, kw_only=True):
    """A row of the CSV; `line` is where it begins, `cells` what it says of the columns it has."""

    line: int
    cells: Row


def changes(config: Config, matrix: Matrix, file: Path, problems: Noted) -> list[Changed]:
    """Return the files that the CSV changes; every problem is noted with its line.

    A client that has no row in it is left alone, and so is what a column says that it lacks.
    """
    known = Known.of((tenant.id for tenant in config.tenants), matrix.catalogs)
    folder = (config.matrix or Path()) / "clients"
    present = {Path(client.file): client for client in matrix.clients}
    grouped = _grouped(list(_read(file, problems)), folder, present)
    clients: dict[Path, ClientFile] = {}
    for target, listed in grouped.items():
        marked = _marked(listed, present.get(target), file, problems)
        reader = ClientReader(file, problems, known, target.name)
        found = reader.take(Checker(file, problems, file.parent), marked)
        if found is not None:
            clients[target] = found
    touched = {one.client for one in clients.values()}
    untouched = [
        c for path, c in present.items() if path not in clients and c.client not in touched
    ]
    unique([*untouched, *clients.values()], problems)
    if problems.lines:
        return []
    for path, client in present.items():  # a client's other file, of which no row is left
        if client.client in touched and path not in clients:
            clients[path] = ClientFile(
                client=client.client, period=client.period, instances=(), file=str(path), line=1
            )
    made = (_changed(target, one, present.get(target), problems) for target, one in clients.items())
    return [one for one in made if one is not None]


def _read(file: Path, problems: Noted) -> Iterator[_Read]:
    try:
        text = file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(file, 1, "", f"not UTF-8 text (byte {error.start}); save it as CSV UTF-8")
        return
    except OSError as error:
        problems.add(file, 1, "", error.strerror or str(error))
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    line = 1
    try:
        for values in reader:
            if not header:
                header = [value.strip() for value in values]
                if not _header(header, file, problems):
                    return
            elif any(value.strip() for value in values):
                if len(values) != len(header):
                    said = f"{len(values)} cells, but the header has {len(header)}"
                    problems.add(file, line, "", said)
                yield _Read(line=line, cells=_cells(header, values, file, line, problems))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.add(file, line, "", f"no CSV: {error}")
    if not header:
        problems.add(file, 1, "", "the file is empty")


def _cells(header: list[str], values: list[str], file: Path, line: int, problems: Noted) -> Row:
    """Take the guards away; names of clients and files are decoded already."""
    found = {name: cells.unguarded(value) for name, value in zip(header, values, strict=False)}
    for name in ("client", "file"):
        try:
            found |= {name: cells.decode(found[name]) or ""} if name in found else {}
        except cells.CellError as error:
            problems.add(file, line, name, str(error))
    return dict.fromkeys(_NEEDED, "") | found


def _header(header: list[str], file: Path, problems: Noted) -> bool:
    before = len(problems.lines)
    if len(header) == 1 and ";" in header[0]:
        problems.add(file, 1, "", "cells are separated by ;, not by commas: save it with commas")
        return False
    for name in header:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            then = f'did you mean "{near[0]}"?' if near else "`export-csv` writes all there are"
            problems.add(file, 1, "", f'unknown column "{name}"; {then}')
        elif header.count(name) > 1:
            problems.add(file, 1, "", f'"{name}" stands here twice')
    for name in _NEEDED:
        if name not in header:
            problems.add(file, 1, "", f'"{name}" is missing')
    return len(problems.lines) == before


def _grouped(
    listed: list[_Read], folder: Path, present: dict[Path, ClientFile]
) -> dict[Path, list[_Read]]:
    """Find the file of every row: the one it names, or that of its client."""
    found: dict[Path, list[_Read]] = {}
    for one in listed:
        client = one.cells.get("client", "")
        name = one.cells.get("file", "")
        usual = folder / f"{client}.yaml"
        if not name and usual not in present:
            theirs = [path for path, c in present.items() if c.client == client]
            usual = theirs[0] if len(theirs) == 1 else usual
        found.setdefault(folder / Path(name).name if name else usual, []).append(one)
    return found


def _marked(listed: list[_Read], present: ClientFile | None, file: Path, problems: Noted) -> Marked:
    """Make of the rows of one file what reading that file would give, at the lines of the CSV."""
    first = listed[0]
    before = {one["instance_id"]: one for one in rows(present)} if present else {}
    of_file = next(iter(before.values()), {})
    root: dict[str, Any] = {"client": first.cells["client"]}
    period = _period(first, of_file)
    if period:
        root["period"] = period
    instances = []
    for one in listed:
        if _period(one, of_file) != period:
            said = f"another period than line {first.line} has for the same file"
            problems.add(file, one.line, "period_from", said)
        if not one.cells["instance_id"].strip():
            if any(cell.strip() for name, cell in one.cells.items() if name not in _OF_FILE):
                problems.add(file, one.line, "instance_id", "the row has no id; give it one")
            continue
        old = before.get(cells.guarded(one.cells["instance_id"]), {})
        kept = {c: cells.unguarded(v) for c, v in old.items() if c not in one.cells}
        reader = Reader(kept | one.cells)
        instances.append(_at(reader.plain(), one.line))
        for error in reader.errors:
            problems.add(file, one.line, "", error)
    marked = _at(root, first.line)
    marked.value["instances"] = Marked(instances, first.line)
    return marked


def _period(one: _Read, of_file: Row) -> dict[str, str]:
    said = {
        key: one.cells.get(f"period_{key}", of_file.get(f"period_{key}")) for key in ("from", "to")
    }
    return {key: value for key, value in said.items() if value}


def _at(value: Any, line: int) -> Marked:
    """Mark plain values as standing on one line."""
    if isinstance(value, dict):
        items = {key: _at(item, line) for key, item in value.items()}
        return Marked(items, line, keys=dict.fromkeys(items, line))
    if isinstance(value, list):
        return Marked([_at(item, line) for item in value], line)
    return Marked(value, line, text=str(value))


def _changed(
    target: Path, new: ClientFile, old: ClientFile | None, problems: Noted
) -> Changed | None:
    """Write a file's new text, with the comments of the old one; None if it says the same."""
    before = {one.instance.id: one.instance for one in old.instances} if old else {}
    after = {one.instance.id: one.instance for one in new.instances}
    same = old is not None and old.period == new.period and list(before) == list(after)
    if same and before == after:
        return None
    root = planted(root_of(new))
    if old is not None:
        try:
            carry(tree(target.read_text("utf-8-sig")), root)
        except UnwritableError as error:
            problems.add(target, error.line, "", f"it cannot be written anew: {error}")
            return None
    return Changed(
        file=target,
        text=render(root, ClientRoot),
        added=len(after.keys() - before.keys()),
        changed=sum(after[key] != before[key] for key in after.keys() & before.keys()),
        removed=len(before.keys() - after.keys()),
    )


def root_of(new: ClientFile) -> dict[str, Any]:
    """Say a file in plain values, dates as such, without what holds anyway."""
    found = ClientRoot(
        client=new.client,
        period=new.period,
        instances=[placed.instance for placed in new.instances],
    )
    root: dict[str, Any] = to_builtins(found, builtin_types=(date,))
    return root
