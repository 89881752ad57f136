"""Reads the rosters and the MSP's vendor list: who people, teams and vendors are."""

import csv
from collections.abc import Mapping
from datetime import UTC, date, datetime
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import get_args

import msgspec

from nhiscan import clock
from nhiscan.config.employment import on_day
from nhiscan.config.fields import Checker
from nhiscan.config.marked import Problems, read
from nhiscan.config.model import Employment, Party, RosterFile, Vendor
from nhiscan.config.relations import managed, refuse_shared_addresses

COLUMNS = (
    "party_id",
    "name",
    "email",
    "aliases",
    "kind",
    "org",
    "employment",
    "since",
    "manager",
)
_KINDS = ("person", "team", "mailbox", "vendor")


class Rosters(msgspec.Struct, frozen=True):
    """What all roster files say: one row per party, as of today; `warnings` stop nothing."""

    parties: tuple[Party, ...]
    files: tuple[RosterFile, ...]
    warnings: tuple[str, ...]


def read_rosters(files: list[Path], tenants: set[str], problems: Problems) -> Rosters:
    """Read all roster files. Rows of one id with different `since` are a history of employment."""
    rows: dict[str, list[Party]] = {}
    written: list[RosterFile] = []
    for file in files:
        try:
            at = datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat()
            text = file.read_text("utf-8-sig")
        except OSError as error:
            problems.add(file, 1, "", error.strerror or str(error))
            continue
        except UnicodeDecodeError:
            problems.add(file, 1, "", "not UTF-8 text; save it as CSV UTF-8")
            continue
        written.append(RosterFile(file=str(file), written_at=at))
        for party in _parties(file, text, tenants, problems):
            before = rows.setdefault(party.party_id, [])
            if _fits(party, before, problems):
                before.append(party)
    today = clock.now().date()
    parties, warnings = managed([on_day(history, today) for history in rows.values()])
    refuse_shared_addresses(parties, problems)
    return Rosters(parties, tuple(written), tuple(warnings))


def _fits(party: Party, before: list[Party], problems: Problems) -> bool:
    """Note a second row that is no other time of the same party."""
    same = next((other for other in before if other.since == party.since), None)
    other = next((other for other in before if other.kind != party.kind), None)
    if same is not None:
        where = f"{same.file}:{same.line}"
        problem = f"{party.party_id!r} stands at {where} already"
    elif other is not None:
        where = f"{other.file}:{other.line}"
        problem = f"{party.party_id!r} is a {other.kind} at {where}; one id is one party"
    else:
        return True
    problems.add(Path(party.file), party.line, "party_id", problem)
    return False


def _parties(file: Path, text: str, tenants: set[str], problems: Problems) -> list[Party]:
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    found = []
    try:
        header = [name.strip() for name in reader.fieldnames or []]
        reader.fieldnames = header
        if not _header_fits(file, header, problems):
            return []
        for row in reader:
            party = _party(file, reader.line_num, row, tenants, problems)
            if party is not None:
                found.append(party)
    except csv.Error as error:
        problems.add(file, reader.reader.line_num, "", f"not CSV: {error}")
    return found


def _header_fits(file: Path, header: list[str], problems: Problems) -> bool:
    """Note what is wrong with the columns; False if the rows cannot be read without what lacks."""
    if len(header) == 1 and ";" in header[0]:
        problems.add(file, 1, "", "fields are separated by semicolons; save it with commas")
        return False
    for name in dict.fromkeys(header):
        if name not in COLUMNS:
            near = get_close_matches(name, COLUMNS, n=1)
            then = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(COLUMNS)}"
            problems.add(file, 1, "", f"unknown column {name!r}; {then}")
        elif header.count(name) > 1:
            problems.add(file, 1, "", f"column {name!r} stands here twice")
    missing = [name for name in ("party_id", "name") if name not in header]
    for name in missing:
        problems.add(file, 1, "", f"column {name!r} is missing")
    return not missing


def _party(
    file: Path, line: int, row: Mapping[str | None, str], tenants: set[str], problems: Problems
) -> Party | None:
    if None in row:
        problems.add(file, line, "", "more fields than the header has columns")
        return None
    values = {key: (value or "").strip() for key, value in row.items() if key is not None}
    if not any(values.values()):
        return None
    bad = _wrong(values, tenants)
    for column, problem in bad:
        problems.add(file, line, column, problem)
    if bad:
        return None
    return Party(
        party_id=values["party_id"],
        name=values["name"],
        kind=values.get("kind") or "person",  # type: ignore[arg-type]  # checked in _wrong
        org=values.get("org") or "msp",
        employment=values.get("employment") or "unknown",  # type: ignore[arg-type]  # as above
        email=values.get("email") or None,
        aliases=tuple(a.strip() for a in values.get("aliases", "").split(";") if a.strip()),
        since=values.get("since") or None,
        manager=values.get("manager") or None,
        file=str(file),
        line=line,
    )


def _wrong(values: dict[str, str], tenants: set[str]) -> list[tuple[str, str]]:
    """List what is wrong with one row, as (column, problem)."""
    bad = [(c, "is empty") for c in ("party_id", "name") if not values.get(c)]
    for column, known in (("kind", _KINDS), ("employment", get_args(Employment))):
        value = values.get(column)
        if value and value not in known:
            near = get_close_matches(value, known, n=1)
            then = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            bad.append((column, f"{value!r} is not known; {then}"))
    org = values.get("org") or "msp"
    scope, _, name = org.partition(":")
    if scope == "client" and name not in tenants:
        near = get_close_matches(name, tenants, n=1)
        bad.append(
            ("org", f"no tenant {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
        )
    elif org != "msp" and scope not in ("client", "sub"):
        bad.append(("org", f"{org!r} is none of msp, client:<tenant>, sub:<name>"))
    since = values.get("since")
    if since:
        try:
            date.fromisoformat(since)
        except ValueError:
            bad.append(("since", f"{since!r} is not a date like 2026-05-31"))
    return bad


class _VendorFile(msgspec.Struct):
    vendors: list[object] = []


def read_vendors(file: Path, problems: Problems) -> tuple[Vendor, ...]:
    """Read vendors.yaml: the MSP's own list goes before any built-in one."""
    marked = read(file, problems)
    if marked is None:
        return ()
    checker = Checker(file, problems, file.parent)
    checker.refuse_secrets(marked)
    fields = checker.struct(marked, _VendorFile, "")
    if not fields:
        return ()
    found: list[Vendor] = []
    seen: dict[str, str] = {}
    for index, item in enumerate(marked.value["vendors"].value):
        path = f"vendors[{index}]"
        vendor = checker.build(item, Vendor, path)
        if vendor is None:
            continue
        if vendor.id in {other.id for other in found}:
            checker.note(item, path, f"{vendor.id!r} is the id of a vendor above already")
        found.append(vendor)
        for account in vendor.aws_accounts:
            if account in seen:
                checker.note(item, path, f"account {account} is listed for {seen[account]} already")
            seen[account] = vendor.id
    return tuple(found)
