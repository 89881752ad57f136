"""SARIF 2.1.0: findings that stand in a file, for code hosts and editors."""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from nhiscan import __version__
from nhiscan.config.model import Config
from nhiscan.export.masked import Reader, Row
from nhiscan.matrix.gaps import gaps
from nhiscan.matrix.problems import CODES, Noted, Problem
from nhiscan.matrix.read import parse_matrix
from nhiscan.records import public_id
from nhiscan.sql import library
from nhiscan.text import printable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
_OURS = frozenset(
    {"finding_id", "rule", "severity", "tenant_id", "status", "identity_id", "frameworks", "file"}
)

Result = dict[str, Any]


def sarif(
    con: "DuckDBPyConnection",
    config: Config,
    *,
    tenant: str | None = None,
    contacts: Sequence[tuple[str, str]] = (),
) -> tuple[bytes, int]:
    """Return the file and how many results it has; the same store and files give the same bytes.

    Results are the findings of the last scan that a file answers for, then what the matrix has
    wrong now (codes CFG-…). Paths are relative to the folder of the configuration.
    """
    reader = Reader(con, tenant, contacts)
    root = config.path.parent.resolve()
    rows = reader.rows("sarif.sql", json_in=("frameworks",), ours=_OURS)
    results = [_finding(row, root) for row in rows]
    problems = _problems(config, tenant)
    results += [_problem(one, root) for one in problems]
    content = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [_run(results, tenant)],
    }
    return json.dumps(content, indent=1, ensure_ascii=True).encode("ascii") + b"\n", len(results)


def _run(results: list[Result], tenant: str | None) -> Result:
    used = sorted({result["ruleId"] for result in results})
    places = {rule: index for index, rule in enumerate(used)}
    for result in results:
        result["ruleIndex"] = places[result["ruleId"]]
    driver = {"name": "nhiscan", "version": __version__, "rules": list(_rules(used))}
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"nhiscan/{quote(tenant or 'all', safe='')}/"},
        "columnKind": "unicodeCodePoints",
        "results": results,
    }


def _rules(used: Sequence[str]) -> Iterator[Result]:
    """Describe each rule that has a result, with its help, from the query library."""
    queries: dict[str, library.Query] = {}
    for query in library.load().values():
        if query.rule:
            queries.setdefault(query.rule, query)
    for rule in used:
        if rule not in queries:
            told = CODES.get(rule, rule)
            step = "`nhiscan matrix lint` tells each with its next step."
            yield _described(rule, told, told, step, "warning")
            continue
        query = queries[rule]
        criteria = [f"{name}:{one}" for name, ids in query.frameworks.items() for one in ids]
        level = LEVELS[query.severity or "info"]
        step = query.remediation or query.why
        yield _described(rule, query.title, query.why, step, level) | {
            "properties": {"tags": [query.area, *criteria]}
        }


def _described(rule: str, title: str, why: str, step: str, level: str) -> Result:
    return {
        "id": rule,
        "shortDescription": {"text": title},
        "fullDescription": {"text": why},
        "help": {"text": f"{why} {step}", "markdown": f"{why}\n\n{step}"},
        "defaultConfiguration": {"level": level},
    }


def _finding(row: Row, root: Path) -> Result:
    """Write a finding; one that rests on what was not read is `open`: neither pass nor fail."""
    is_known = row["status"] != "unknown"
    made = {
        "ruleId": row["rule"],
        "kind": "fail" if is_known else "open",
        "level": LEVELS[row["severity"]] if is_known else "none",
        "message": {"text": _message(row["title"], row["would_change"])},
        "locations": [_location(row["file"], row["line"], root, row["instance_id"])],
        "partialFingerprints": {"nhiscan": row["finding_id"]},
        "properties": _filled(
            severity=row["severity"],
            status=row["status"],
            tenant=row["tenant_id"],
            owner=row["owner_id"],
            identity=row["identity_id"],
            first_seen=row["first_seen"].isoformat(),
            due_at=row["due_at"].isoformat() if row["due_at"] else None,
            not_read=row["unread"],
            frameworks=row["frameworks"],
        ),
    }
    if row["status"] == "accepted":
        because = row["accepted_because"] or "accepted in exceptions.yaml"
        made["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": because}
        ]
    return made


def _problems(config: Config, tenant: str | None) -> list[Problem]:
    """List what is wrong with the matrix as files; with `tenant`, in that client's own file."""
    if config.matrix is None:
        return []
    noted = Noted()
    matrix = parse_matrix(config, noted)
    found = [*noted.found, *gaps(matrix)]
    if tenant is not None:
        # Named after the tenant even where it cannot be read: then `matrix` does not list it.
        own = {client.file for client in matrix.clients if client.client == tenant}
        own.add(str(config.matrix / "clients" / f"{tenant}.yaml"))
        found = [one for one in found if one.file in own]
    return sorted(found, key=lambda one: (one.file, one.line, one.code, one.message))


def _problem(one: Problem, root: Path) -> Result:
    message, semicolon, step = one.message.partition("; ")
    place = _relative(one.file, root)
    known = public_id("find", one.code, place, one.instance or "", message)
    return {
        "ruleId": one.code,
        "kind": "fail",
        "level": "warning",
        "message": {"text": _message(message, step if semicolon else None)},
        "locations": [_location(one.file, one.line, root, one.instance)],
        "partialFingerprints": {"nhiscan": known},
    }


def _message(title: str, step: str | None) -> str:
    """Join what and the next step; brackets and braces mean links and places in a message."""
    text = printable(f"{title}. Would change it: {step}" if step else title)
    for character in "\\[]":
        text = text.replace(character, f"\\{character}")
    return text.replace("{", "{{").replace("}", "}}")


def _location(file: str, line: int, root: Path, instance: str | None) -> Result:
    place: Result = {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(_relative(file, root))},
            "region": {"startLine": max(1, line)},
        }
    }
    if instance:
        place["logicalLocations"] = [{"fullyQualifiedName": instance, "kind": "resource"}]
    return place


def _relative(file: str, root: Path) -> str:
    """Return a path as seen from the configuration; never one of this machine."""
    return Path(os.path.relpath(Path(root, file).resolve(), root)).as_posix()


def _filled(**properties: Any) -> Result:
    return {key: value for key, value in properties.items() if value not in (None, [], {})}
