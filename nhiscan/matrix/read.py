"""Reads a matrix folder whole: every problem at once, each with file, line, key and a next step."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from nhiscan.config.fields import Checker
from nhiscan.config.marked import Marked, Problems
from nhiscan.config.model import Config, Party
from nhiscan.matrix.catalog import built_in
from nhiscan.matrix.clientfile import ClientReader, Known
from nhiscan.matrix.files import PartyRow, SlaRow
from nhiscan.matrix.model import Catalog, ClientFile, Criterion, EvidenceSla, Matrix
from nhiscan.matrix.opened import expect, items, opened
from nhiscan.matrix.problems import Noted
from nhiscan.matrix.rules import read_rules

_LENGTH = re.compile(r"(\d{1,6})([hdwmy])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}


class _PartiesRoot(Struct):
    parties: list[Any] = []


class _CatalogRoot(Struct):
    framework: str
    criteria: list[Any] = []


class _SlaRoot(Struct):
    slas: dict[str, Any] = {}


def read_matrix(config: Config) -> Matrix:
    """Read the matrix that the configuration names. ConfigError carries every problem found."""
    problems = Noted()
    matrix = parse_matrix(config, problems)
    problems.stop(hint="`nhiscan matrix lint` tells all that is wrong with a matrix")
    return matrix


def joined(config: Config, matrix: Matrix) -> Config:
    """Return the configuration with the teams and mailboxes of parties.yaml in its roster."""
    known = {party.party_id for party in config.parties}
    added = (party for party in matrix.parties if party.party_id not in known)
    return structs.replace(config, parties=(*config.parties, *added))


def parse_matrix(config: Config, problems: Noted) -> Matrix:
    """Read what can be read of the matrix; what is wrong is noted in `problems`."""
    folder = config.matrix
    if folder is None:
        return Matrix(catalogs=built_in())
    if not folder.is_dir():
        problems.add(config.path, 1, "matrix", f"{folder}: no such folder; see `nhiscan init`")
        return Matrix(catalogs=built_in())
    catalogs = _catalogs(folder / "catalog", problems)
    tenants = {tenant.id for tenant in config.tenants}
    known = Known.of(tenants, catalogs)
    files = sorted((folder / "clients").glob("*.y*ml"))
    read = (ClientReader(file, problems, known).read() for file in files)
    clients = [client for client in read if client is not None]
    unique(clients, problems)
    return Matrix(
        catalogs=catalogs,
        clients=tuple(clients),
        parties=tuple(_parties(folder / "parties.yaml", config, problems)),
        slas=tuple(_slas(folder / "slas.yaml", problems)),
        rules=tuple(
            read_rules(folder / "rules" / "links.yaml", problems, set(known.criteria), tenants)
        ),
    )


def unique(clients: list[ClientFile], problems: Problems) -> None:
    """Note ids that stand twice: everywhere an instance is named by its id alone."""
    first: dict[str, str] = {}
    for client in clients:
        for placed in client.instances:
            there = first.get(placed.instance.id)
            if there is None:
                first[placed.instance.id] = f"{client.file}:{placed.line}"
                continue
            problem = f'"{placed.instance.id}" is the id of the instance at {there} already'
            problems.add(Path(client.file), placed.line, "id", problem)


def _parties(file: Path, config: Config, problems: Problems) -> Iterator[Party]:
    found = opened(file, problems) if file.exists() else None
    if found is None:
        return
    checker, marked = found
    checker.struct(marked, _PartiesRoot, "")
    people = {name for p in config.parties for name in (p.party_id, p.email, *p.aliases) if name}
    first: dict[str, int] = {}
    for index, item in enumerate(items(marked, "parties")):
        path = f"parties[{index}]"
        one = checker.build(item, PartyRow, path)
        if one is None:
            continue
        if one.id in first:
            problem = f'"{one.id}" is the id of the party at line {first[one.id]} already'
            checker.note(item, path, problem)
            continue
        first[one.id] = item.line
        if one.lead is not None:
            expect(checker, item.value["lead"], f"{path}.lead", people, "party")
        taken = _taken(one, config)
        if taken:
            checker.note(item, path, taken)
        yield _party(one, file, item.line)


def _taken(one: PartyRow, config: Config) -> str | None:
    """Say whose id or address a party has: nobody could tell who is meant by it then."""
    for other in config.parties:
        at = f"{other.party_id!r} at {other.file}:{other.line}"
        if one.id == other.party_id and one.kind != other.kind:
            return f'"{one.id}" is the id of the {other.kind} {at}'
        addresses = {name.lower() for name in (other.email, *other.aliases) if name}
        here = other.employment != "left" and one.id != other.party_id
        if here and one.email and one.email.lower() in addresses:
            return f'"{one.email}" is the address of {at}'
    return None


def _party(one: PartyRow, file: Path, line: int) -> Party:
    return Party(
        party_id=one.id,
        name=one.name or one.id,
        kind=one.kind,
        org=one.org,
        employment="active",
        email=one.email,
        manager=one.lead,
        file=str(file),
        line=line,
    )


def _catalogs(folder: Path, problems: Problems) -> tuple[Catalog, ...]:
    """Return the built-in catalogs, replaced by files of the same framework, and further ones."""
    found = {catalog.framework: catalog for catalog in built_in()}
    for file in sorted(folder.glob("*.y*ml")) if folder.is_dir() else ():
        one = opened(file, problems)
        root = one[0].struct(one[1], _CatalogRoot, "") if one else None
        if not one or not root or "framework" not in root:
            continue
        criteria = tuple(_criteria(*one))
        found[root["framework"]] = Catalog(framework=root["framework"], criteria=criteria)
    return tuple(found.values())


def _criteria(checker: Checker, marked: Marked) -> Iterator[Criterion]:
    first: dict[str, int] = {}
    for index, item in enumerate(items(marked, "criteria")):
        one = checker.build(item, Criterion, f"criteria[{index}]")
        if one is None:
            continue
        if one.id in first:
            problem = f'"{one.id}" is the id of the criterion at line {first[one.id]} already'
            checker.note(item, f"criteria[{index}]", problem)
            continue
        first[one.id] = item.line
        yield one


def _slas(file: Path, problems: Problems) -> Iterator[EvidenceSla]:
    found = opened(file, problems) if file.exists() else None
    if found is None:
        return
    checker, marked = found
    root = checker.struct(marked, _SlaRoot, "")
    if not root or "slas" not in root:
        return
    for domain, item in marked.value["slas"].value.items():
        one = checker.build(item, SlaRow, f"slas.{domain}")
        if one is None:
            continue
        lengths = {
            name: _length(checker, item, f"slas.{domain}.{name}", getattr(one, name))
            for name in SlaRow.__struct_fields__
        }
        yield EvidenceSla(domain=domain, file=str(file), line=item.line, **lengths)


def _length(checker: Checker, marked: Marked, path: str, text: str | None) -> timedelta | None:
    """Read a length such as 24h, 7d, 2w, 12m or 7y; a month is 30 days, a year 365."""
    if text is None:
        return None
    match = _LENGTH.fullmatch(text)
    if match is None:
        at = marked.value[path.rpartition(".")[2]]
        checker.note(at, path, f'"{text}" is no length such as 24h, 7d, 2w, 12m or 7y')
        return None
    return timedelta(hours=int(match[1]) * _HOURS[match[2]])
