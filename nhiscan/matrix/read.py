"""Reads a matrix folder whole: every problem at once, each with file, line, key and a next step."""

import re
from collections.abc import Iterator
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar

from msgspec import Struct, structs

from nhiscan.config.fields import Checker
from nhiscan.config.marked import Marked, Problems, read
from nhiscan.config.model import Config, Party
from nhiscan.matrix.catalog import built_in
from nhiscan.matrix.model import (
    DUTIES,
    Catalog,
    ClientFile,
    Criterion,
    Custody,
    EvidenceSla,
    Instance,
    Matrix,
    Operator,
    Period,
    Placed,
)
from nhiscan.matrix.rules import read_rules

S = TypeVar("S", bound=Struct)
_LENGTH = re.compile(r"(\d{1,6})([hdwmy])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24, "m": 30 * 24, "y": 365 * 24}


class _ClientRoot(Struct):
    client: str
    period: Period
    instances: list[Any] = []


class _PartiesRoot(Struct):
    parties: list[Any] = []


class _Party(Struct):
    id: str
    kind: Literal["person", "team", "mailbox", "vendor"] = "team"
    email: str | None = None
    lead: str | None = None
    name: str | None = None
    org: str = "msp"


class _CatalogRoot(Struct):
    framework: str
    criteria: list[Any] = []


class _SlaRoot(Struct):
    slas: dict[str, Any] = {}


class _Sla(Struct):
    max_age: str | None = None
    produce_within: str | None = None
    retrieve_within: str | None = None
    retain_for: str | None = None


def read_matrix(config: Config) -> Matrix:
    """Read the matrix that the configuration names. ConfigError carries every problem found."""
    problems = Problems()
    matrix = parse_matrix(config, problems)
    problems.stop(hint="`nhiscan matrix lint` tells all that is wrong with a matrix")
    return matrix


def joined(config: Config, matrix: Matrix) -> Config:
    """Return the configuration with the teams and mailboxes of parties.yaml in its roster."""
    known = {party.party_id for party in config.parties}
    added = (party for party in matrix.parties if party.party_id not in known)
    return structs.replace(config, parties=(*config.parties, *added))


def parse_matrix(config: Config, problems: Problems) -> Matrix:
    """Read what can be read of the matrix; what is wrong is noted in `problems`."""
    folder = config.matrix
    if folder is None:
        return Matrix(catalogs=built_in())
    if not folder.is_dir():
        problems.add(config.path, 1, "matrix", f"{folder}: no such folder; see `nhiscan init`")
        return Matrix(catalogs=built_in())
    catalogs = _catalogs(folder / "catalog", problems)
    known = {criterion.id for catalog in catalogs for criterion in catalog.criteria}
    tenants = {tenant.id for tenant in config.tenants}
    clients: list[ClientFile] = []
    for file in sorted((folder / "clients").glob("*.y*ml")):
        read_one = _ClientReader(file, problems, tenants, known).read()
        if read_one is not None:
            clients.append(read_one)
    _unique(clients, problems)
    return Matrix(
        catalogs=catalogs,
        clients=tuple(clients),
        parties=tuple(_parties(folder / "parties.yaml", problems)),
        slas=tuple(_slas(folder / "slas.yaml", problems)),
        rules=tuple(read_rules(folder / "rules" / "links.yaml", problems, known, tenants)),
    )


def _open(file: Path, problems: Problems) -> tuple[Checker, Marked] | None:
    marked = read(file, problems)
    if marked is None:
        return None
    checker = Checker(file, problems, file.parent)
    checker.refuse_secrets(marked)
    return checker, marked


def _items(marked: Marked, key: str) -> list[Marked]:
    listed = marked.value.get(key) if isinstance(marked.value, dict) else None
    return listed.value if listed is not None and isinstance(listed.value, list) else []


class _ClientReader:
    """Reads one file of `clients/`."""

    def __init__(
        self, file: Path, problems: Problems, tenants: set[str], criteria: set[str]
    ) -> None:
        self._file, self._problems = file, problems
        self._tenants, self._criteria = tenants, criteria

    def read(self) -> ClientFile | None:
        """Return what is right; None if the client or the period is not told."""
        opened = _open(self._file, self._problems)
        if opened is None:
            return None
        self._checker, marked = opened
        root = self._checker.struct(marked, _ClientRoot, "")
        if not root or "client" not in root or "period" not in root:
            return None
        self._near(marked.value["client"], "client", self._tenants, "tenant")
        if root["period"].to < root["period"].from_:
            self._checker.note(marked.value["period"], "period", "it ends before it begins")
        placed = [
            self._instance(item, f"instances[{index}]")
            for index, item in enumerate(_items(marked, "instances"))
        ]
        return ClientFile(
            client=root["client"],
            period=root["period"],
            instances=tuple(one for one in placed if one is not None),
            file=str(self._file),
            line=marked.line,
        )

    def _instance(self, marked: Marked, path: str) -> Placed | None:
        lists: dict[str, list[Any]] = {}
        before = len(self._problems.lines)
        for key, kind in (("custody", Custody), ("operated_by", Operator)):
            built = [
                self._checker.build(item, kind, f"{path}.{key}[{index}]")
                for index, item in enumerate(_items(marked, key))
            ]
            lists[key] = [one for one in built if one is not None]
        if len(self._problems.lines) > before:
            return None
        one = self._checker.build(marked, Instance, path)
        if one is None:
            return None
        self._check(marked, one, path)
        return Placed(instance=one, line=marked.line, lines=dict(_lines(marked)))

    def _check(self, marked: Marked, one: Instance, path: str) -> None:
        for index, item in enumerate(_items(marked, "criteria")):
            self._near(item, f"{path}.criteria[{index}]", self._criteria, "criterion")
        duties = marked.value.get("duties")
        for name in one.duties:
            if name not in DUTIES:
                near = get_close_matches(name, DUTIES, n=1)
                then = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(DUTIES)}"
                self._problems.add(
                    self._file, duties.keys[name], f"{path}.duties", f'no duty "{name}"; {then}'
                )
        for index, operator in enumerate(one.operated_by):
            if (operator.id is None) == (operator.selector is None):
                item = _items(marked, "operated_by")[index]
                self._checker.note(
                    item, f"{path}.operated_by[{index}]", "give either id or selector"
                )
        for index, custody in enumerate(one.custody):
            if custody.to is not None and custody.to <= custody.from_:
                item = _items(marked, "custody")[index]
                self._checker.note(item, f"{path}.custody[{index}]", "it ends before it begins")

    def _near(self, marked: Marked, path: str, known: set[str], noun: str) -> None:
        if marked.value not in known:
            near = get_close_matches(str(marked.value), sorted(known), n=1)
            then = f'; did you mean "{near[0]}"?' if near else ""
            self._checker.note(marked, path, f'no {noun} "{marked.value}"{then}')


def _lines(marked: Marked) -> Iterator[tuple[str, int]]:
    """Tell the line of every key of an instance, and of the items of its lists."""
    yield from marked.keys.items()
    for key in ("custody", "operated_by"):
        for index, item in enumerate(_items(marked, key)):
            yield f"{key}[{index}]", item.line
    duties = marked.value.get("duties")
    if duties is not None:
        yield from ((f"duties.{name}", line) for name, line in duties.keys.items())


def _unique(clients: list[ClientFile], problems: Problems) -> None:
    """Note ids that stand twice: everywhere an instance is named by its id alone."""
    first: dict[str, str] = {}
    for client in clients:
        for placed in client.instances:
            here = f"{client.file}:{placed.line}"
            there = first.setdefault(placed.instance.id, here)
            if there != here:
                problem = f'"{placed.instance.id}" is the id of the instance at {there} already'
                problems.add(Path(client.file), placed.line, "id", problem)


def _parties(file: Path, problems: Problems) -> Iterator[Party]:
    opened = _open(file, problems) if file.exists() else None
    if opened is None:
        return
    checker, marked = opened
    checker.struct(marked, _PartiesRoot, "")
    for index, item in enumerate(_items(marked, "parties")):
        one = checker.build(item, _Party, f"parties[{index}]")
        if one is not None:
            yield Party(
                party_id=one.id,
                name=one.name or one.id,
                kind=one.kind,
                org=one.org,
                employment="active",
                email=one.email,
                manager=one.lead,
                file=str(file),
                line=item.line,
            )


def _catalogs(folder: Path, problems: Problems) -> tuple[Catalog, ...]:
    """Return the built-in catalogs, replaced by files of the same framework, and further ones."""
    found = {catalog.framework: catalog for catalog in built_in()}
    for file in sorted(folder.glob("*.y*ml")) if folder.is_dir() else ():
        opened = _open(file, problems)
        root = opened[0].struct(opened[1], _CatalogRoot, "") if opened else None
        if not opened or not root or "framework" not in root:
            continue
        built = [
            opened[0].build(item, Criterion, f"criteria[{index}]")
            for index, item in enumerate(_items(opened[1], "criteria"))
        ]
        criteria = tuple(one for one in built if one is not None)
        found[root["framework"]] = Catalog(framework=root["framework"], criteria=criteria)
    return tuple(found.values())


def _slas(file: Path, problems: Problems) -> Iterator[EvidenceSla]:
    opened = _open(file, problems) if file.exists() else None
    if opened is None:
        return
    checker, marked = opened
    if not checker.struct(marked, _SlaRoot, ""):
        return
    for domain, item in marked.value["slas"].value.items():
        one = checker.build(item, _Sla, f"slas.{domain}")
        if one is None:
            continue
        lengths = {
            name: _length(checker, item, f"slas.{domain}.{name}", getattr(one, name))
            for name in _Sla.__struct_fields__
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
