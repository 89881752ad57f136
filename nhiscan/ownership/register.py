"""Reads a register of owners from CSV, every problem at once, and records it as claims."""

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from nhiscan.config.marked import Problems
from nhiscan.errors import UsageError
from nhiscan.graph.identify import Named, identify
from nhiscan.graph.staging import run_script, stage_rows
from nhiscan.ownership.signals import SIGNALS
from nhiscan.ownership.who import Directory
from nhiscan.records import public_id, utc

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from nhiscan.store.revision import Revision

COLUMNS = ("identity", "owner", "role", "signal", "observed_at", "evidence", "origin")
ROLES = ("accountable", "operator", "backup")
# What is recorded by other means: by `nhiscan attest`, in clouds, in the configuration, the matrix.
_ELSEWHERE = {
    "S1": "`nhiscan attest` records those",
    "S3": "tags are read from clouds",
    "S14": "`naming:` of the configuration says those",
    "S15": "the control matrix says those",
}
_SIGNALS = {one.code: one for one in SIGNALS if one.code not in _ELSEWHERE}
_EXACT = """
SELECT t.text, i.identity_id, i.tenant_id, i.account_id, i.kind, i.name, i.native_id
FROM (SELECT unnest($texts::VARCHAR[]) AS text) AS t
JOIN identities AS i ON i.{column} = t.text
QUALIFY count(*) OVER (PARTITION BY t.text) = 1
"""
_CLAIM = {
    "claim_id": "VARCHAR",
    "identity_id": "VARCHAR",
    "tenant_id": "VARCHAR",
    "party_id": "VARCHAR",
    "reference": "VARCHAR",
    "signal": "VARCHAR",
    "role": "VARCHAR",
    "observed_at": "TIMESTAMPTZ",
    "evidence": "VARCHAR",
    "origin": "VARCHAR",
}


class Row(Struct, frozen=True, kw_only=True):
    """One checked row. `observed_at` is null where the file does not say when it was true."""

    identity_id: str
    tenant_id: str
    party_id: str
    reference: str
    signal: str
    role: str
    observed_at: datetime | None
    evidence: str
    origin: str | None


def read_register(
    file: Path, con: "DuckDBPyConnection", directory: Directory, now: datetime
) -> list[Row]:
    """Check every row against the store and the rosters; ConfigError tells all that is wrong."""
    problems = Problems()
    lines = list(_lines(file, problems))
    names = _identities(con, {values["identity"] for _, values in lines if values["identity"]})
    rows: list[Row] = []
    seen: dict[tuple[str, str, str, str], int] = {}
    for line, values in lines:
        row = _row(file, line, values, names, directory, now, problems)
        if row is None:
            continue
        key = (row.identity_id, row.party_id, row.signal, row.role)
        if key in seen:
            problems.add(file, line, "", f"says again what line {seen[key]} says")
        seen.setdefault(key, line)
        rows.append(row)
    problems.stop(hint="nothing was imported; mend the file and import it again")
    return rows


def record_register(revision: "Revision", rows: list[Row], by: str) -> int:
    """Add what is new of a register as of now; return how many claims that were.

    What stands there already, and would not be changed, is left as it is.
    """
    staged = [
        (public_id("reg", row.identity_id, row.party_id, row.signal, row.role, str(place)),
         row.identity_id, row.tenant_id, row.party_id, row.reference, row.signal, row.role,
         row.observed_at, row.evidence, row.origin)
        for place, row in enumerate(rows)
    ]  # fmt: skip
    con = revision.con
    stage_rows(con, "register_row", _CLAIM, staged)
    before = con.execute("SELECT count(*) FROM imported_claim").fetchone() or (0,)
    run_script(con, "nhiscan.ownership", "register.sql", at=revision.at, by=by)
    after = con.execute("SELECT count(*) FROM imported_claim").fetchone() or (0,)
    return int(after[0] - before[0])


def _lines(file: Path, problems: Problems) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = file.read_text("utf-8-sig")
    except OSError as error:
        problems.add(file, 1, "", error.strerror or str(error))
        return
    except UnicodeDecodeError:
        problems.add(file, 1, "", "not UTF-8 text; save it as CSV UTF-8")
        return
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    try:
        reader.fieldnames = [name.strip() for name in reader.fieldnames or []]
        if not _header_fits(file, list(reader.fieldnames), problems):
            return
        for row in reader:
            if None in row:
                problems.add(file, reader.line_num, "", "more fields than the header has columns")
                continue
            values = {name: (row.get(name) or "").strip() for name in COLUMNS}
            if any(values.values()):
                yield reader.line_num, values
    except csv.Error as error:
        problems.add(file, reader.reader.line_num, "", f"not CSV: {error}")


def _header_fits(file: Path, header: list[str], problems: Problems) -> bool:
    if len(header) == 1 and ";" in header[0]:
        problems.add(file, 1, "", "fields are separated by semicolons; save it with commas")
        return False
    for name in header:
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            then = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(COLUMNS)}"
            problems.add(file, 1, "", f"unknown column {name!r}; {then}")
    missing = [name for name in ("identity", "owner") if name not in header]
    for name in missing:
        problems.add(file, 1, "", f"column {name!r} is missing")
    return not missing


def _identities(con: "DuckDBPyConnection", texts: set[str]) -> dict[str, Named | UsageError]:
    """Find what every text names: by id and native id at once, the rest one by one."""
    found: dict[str, Named | UsageError] = {}
    for column in ("identity_id", "native_id"):
        left = sorted(texts - found.keys())
        for text, *facts in con.execute(_EXACT.format(column=column), {"texts": left}).fetchall():
            found[text] = Named(*facts)
    for text in sorted(texts - found.keys()):
        try:
            found[text] = identify(con, text)
        except UsageError as error:
            found[text] = error
    return found


def _row(
    file: Path,
    line: int,
    values: Mapping[str, str],
    names: Mapping[str, Named | UsageError],
    directory: Directory,
    now: datetime,
    problems: Problems,
) -> Row | None:
    before = len(problems.lines)
    for column, problem in _wrong(values, now):
        problems.add(file, line, column, problem)
    named = names.get(values["identity"])
    if isinstance(named, UsageError):
        problems.add(file, line, "identity", _in_one_line(named))
    if not isinstance(named, Named) or len(problems.lines) > before:
        return None
    try:
        party = directory.find(values["owner"], named.tenant_id)
    except UsageError as error:
        problems.add(file, line, "owner", _in_one_line(error))
        return None
    signal = _SIGNALS[values["signal"] or "S2"]
    return Row(
        identity_id=named.identity_id,
        tenant_id=named.tenant_id,
        party_id=party.party_id,
        reference=values["owner"],
        signal=signal.code,
        role=values["role"] or signal.role,
        observed_at=utc(values["observed_at"]),
        evidence=values["evidence"] or file.name,
        origin=values["origin"] or None,
    )


def _wrong(values: Mapping[str, str], now: datetime) -> Iterator[tuple[str, str]]:
    """List what is wrong with one row in itself, as (column, problem)."""
    for column in ("identity", "owner"):
        if not values[column]:
            yield column, "is empty"
    signal, role = values["signal"] or "S2", values["role"]
    if signal in _ELSEWHERE:
        yield "signal", f"{signal} is not for import: {_ELSEWHERE[signal]}"
    elif signal not in _SIGNALS:
        near = get_close_matches(signal.upper(), _SIGNALS, n=1)
        then = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(_SIGNALS)}"
        yield "signal", f"{signal!r} is not known; {then}"
    if role and role not in ROLES:
        near = get_close_matches(role, ROLES, n=1)
        then = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(ROLES)}"
        yield "role", f"{role!r} is not known; {then}"
    if values["observed_at"]:
        moment = utc(values["observed_at"])
        if moment is None:
            yield "observed_at", f"{values['observed_at']!r} is not a date like 2026-05-31"
        elif moment > now.astimezone(UTC):
            yield "observed_at", f"{values['observed_at']} is still to come"


def _in_one_line(error: UsageError) -> str:
    text = " ".join(error.message.split())
    return f"{text}; {error.hint}" if error.hint else text
