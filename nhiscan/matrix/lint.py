"""Tells all that is wrong with a matrix, by the queries that judge findings and without a store."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nhiscan.config.model import Config
from nhiscan.config.place import found_from
from nhiscan.matrix.gaps import gaps
from nhiscan.matrix.model import Matrix
from nhiscan.matrix.offline import offline
from nhiscan.matrix.problems import Noted, Problem
from nhiscan.matrix.read import parse_matrix
from nhiscan.sql import library

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The rules that need only the matrix and the roster (DESIGN 6.2).
RULES = (
    *("CTL-01", "CTL-02", "CTL-03", "CTL-04", "CTL-05", "CTL-06"),
    *("CTL-07", "CTL-09", "CTL-11", "CTL-12"),
)


class Line(Struct, frozen=True, kw_only=True):
    """One line of lint. `known` is false where the roster does not tell enough to say more."""

    file: str
    line: int
    code: str
    instance: str | None
    message: str
    next_step: str | None = None
    known: bool = True

    def __str__(self) -> str:
        """Write it as lint prints it."""
        about = f"{self.code} {self.instance}" if self.instance else self.code
        then = f"; {self.next_step}" if self.next_step else ""
        return f"{self.file}:{self.line}: {about}: {self.message}{then}"


class Linted(Struct, frozen=True, kw_only=True):
    """What lint found, by file and line; `unreadable` if a file could not be read at all."""

    lines: tuple[Line, ...]
    unreadable: bool
    instances: int
    clients: int


def lint(config: Config, at: datetime) -> Linted:
    """Judge the matrix that the configuration names as of `at`."""
    problems = Noted()
    with _uncollected():
        matrix = parse_matrix(config, problems)
        found = [_line(one) for one in (*problems.found, *gaps(matrix))]
        with offline(config, matrix, at) as con:
            found += judged(con, config, at)
    order = {str(file): place for place, file in enumerate(_files(matrix))}
    found.sort(key=lambda one: (order.get(one.file, -1), one.file, one.line, one.code))
    return Linted(
        lines=tuple(found),
        unreadable=problems.unreadable,
        instances=sum(len(client.instances) for client in matrix.clients),
        clients=len(matrix.clients),
    )


def judged(con: "DuckDBPyConnection", config: Config, at: datetime) -> Iterator[Line]:
    """Run the rules over a store that holds the matrix and the roster."""
    import duckdb

    for query in library.load().values():
        if query.rule not in RULES:
            continue
        values = query.values({}, config.policy.numbers(), at)
        names = duckdb.extract_statements(query.sql)[0].named_parameters
        cursor = con.execute(query.sql, {name: values[name] for name in names} or None)
        columns = [column[0] for column in cursor.description or ()]
        for values_of_row in cursor.fetchall():
            row = dict(zip(columns, values_of_row, strict=True))
            if row.get("instance_id") is not None:
                yield _of_rule(query.rule, row, config)


def _of_rule(rule: str, row: dict[str, Any], config: Config) -> Line:
    instance, step = row["instance_id"], row["would_change"]
    if row.get("text_sha256") is not None and rule in ("CTL-03", "CTL-04"):
        signer = row.get("must_sign") or "a person of the client"
        step = f"{signer} must sign the text as it is, covers_sha256: {row['text_sha256']}"
    return Line(
        file=found_from(config, row["file"]),
        line=row["line"],
        code=rule,
        instance=instance,
        message=row["title"].removeprefix(f"{instance} "),
        next_step=step,
        known=row["verdict"] == "open",
    )


def _line(one: Problem) -> Line:
    message, semicolon, step = one.message.partition("; ")
    return Line(
        file=one.file,
        line=one.line,
        code=one.code,
        instance=one.instance,
        message=message,
        next_step=step if semicolon else None,
    )


def _files(matrix: Matrix) -> list[str]:
    return [client.file for client in matrix.clients]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Let Python's collector rest: of a million values that all stay, it finds none to free.

    It takes four fifths of the time of reading 6,000 instances.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
