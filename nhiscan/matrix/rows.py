"""Control instances as rows of the CSV that spreadsheets edit, and back: nothing is lost."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from nhiscan.matrix import cells
from nhiscan.matrix.model import DUTIES, ClientFile, Custody, Instance, Operator

# The columns of governance 2.5, in its order, and those without which something would be lost.
COLUMNS = (
    *("client", "instance_id", "criteria", "statement", "responsibility"),
    *(f"duty_{duty}" for duty in DUTIES),
    *("accountable", "backup", "approver", "custodian", "custody_from", "custody_to", "oversight"),
    *("frequency", "sla", "agreement_doc", "agreement_clause"),
    *("signoff_by", "signoff_at", "signoff_artefact", "signoff_expires"),
    *("operators", "cuec", "csoc", "notes"),
    *("also", "service_model", "custody_person", "custody_handoff_ack", "agreement_sha256"),
    *("signoff_covers_sha256", "operator_kinds", "operator_bases", "operated_by_human"),
    *("period_from", "period_to", "file"),
)
_CUSTODY = {
    "who": "custodian",
    "person": "custody_person",
    "from": "custody_from",
    "to": "custody_to",
    "oversight": "oversight",
    "handoff_ack": "custody_handoff_ack",
}
_AGREEMENT = {"doc": "agreement_doc", "clause": "agreement_clause", "sha256": "agreement_sha256"}
_SIGNOFF = {
    "by": "signoff_by",
    "at": "signoff_at",
    "covers_sha256": "signoff_covers_sha256",
    "artefact": "signoff_artefact",
    "expires": "signoff_expires",
}
_TEXTS = {
    "id": "instance_id",
    "statement": "statement",
    "service_model": "service_model",
    "responsibility": "responsibility",
    "backup": "backup",
    "approver": "approver",
    "frequency": "frequency",
    "sla": "sla",
    "notes": "notes",
}
_LISTS = ("criteria", "cuec", "csoc")
# Lists that files leave out where nothing is in them.
_OMITTED = ("cuec", "csoc", "custody", "operated_by")
_NOBODY = object()

Row = dict[str, str]


def rows(client: ClientFile) -> list[Row]:
    """Write one file of `clients/`; a file without instances is a row without one."""
    name = Path(client.file).name
    of_file = {
        "client": cells.encode(client.client),
        "period_from": client.period.from_.isoformat(),
        "period_to": client.period.to.isoformat(),
        "file": "" if name == f"{client.client}.yaml" else cells.encode(name),
    }
    listed = [of_file | row(placed.instance) for placed in client.instances] or [of_file]
    return [{c: cells.guarded(one.get(c, "")) for c in COLUMNS} for one in listed]


def row(one: Instance) -> Row:
    """Write one instance, without guards against spreadsheets."""
    found = {column: _text(getattr(one, key)) for key, column in _TEXTS.items()}
    found |= {key: _joined(map(_item, getattr(one, key))) for key in _LISTS}
    found |= {f"duty_{duty}": _orgs(said) for duty, said in one.duties.items()}
    found["accountable"] = "" if one.accountable is None else _orgs(one.accountable)
    for columns, part in ((_AGREEMENT, one.agreement), (_SIGNOFF, one.signoff)):
        found |= {column: _text(getattr(part, key, None)) for key, column in columns.items()}
    found |= _custody(one.custody) | _operators(one.operated_by)
    found["also"] = _joined(_also(one.also))
    found["operated_by_human"] = "true" if one.operated_by_human else ""
    return found


class Reader:
    """Reads one row; what cannot be read is a line of `errors` that names the column."""

    def __init__(self, found: Row) -> None:
        self._found = found
        self.errors: list[str] = []

    def plain(self) -> dict[str, Any]:
        """Return what a file of `clients/` would say."""
        said: dict[str, Any] = {key: self._text(column) for key, column in _TEXTS.items()}
        said |= {key: self._read(key, _list) for key in _LISTS}
        duties = {duty: self._read(f"duty_{duty}", _one_or_many) for duty in DUTIES}
        said["duties"] = {
            duty: None if value is _NOBODY else value
            for duty, value in duties.items()
            if value is not None
        }
        said["accountable"] = self._read("accountable", _one_or_many)
        said["also"] = self._read("also", _read_also)
        for key, columns in (("agreement", _AGREEMENT), ("signoff", _SIGNOFF)):
            said[key] = _given({name: self._text(column) for name, column in columns.items()})
        said["custody"] = [_given(part) for part in self._parallel(_CUSTODY)]
        said["operated_by"] = self._operators()
        human = self._found.get("operated_by_human", "").strip().lower()
        said["operated_by_human"] = {"": None, "true": True, "false": False}.get(human, human)
        empty = {key for key, value in said.items() if value is None or value == {}}
        empty |= {key for key in _OMITTED if said[key] == []}
        return {key: value for key, value in said.items() if key not in empty}

    def _text(self, column: str) -> str | None:
        text: str | None = self._read(column, cells.decode)
        return text

    def _read(self, column: str, how: Callable[[str], Any]) -> Any:
        return self._decoded(column, self._found.get(column, ""), how)

    def _decoded(self, column: str, cell: str, how: Callable[[str], Any]) -> Any:
        try:
            return how(cell)
        except cells.CellError as error:
            self.errors.append(f"{column}: {error}")
            return None

    def _parallel(self, columns: dict[str, str]) -> list[dict[str, str | None]]:
        """Read the columns that hold parts of the same items; the first one counts them."""
        split = {key: self._read(column, cells.parts) or [] for key, column in columns.items()}
        first = next(iter(columns))
        number = len(split[first])
        for key, column in columns.items():
            if split[key] and len(split[key]) != number:
                counted = f"{len(split[key])} parts, but {columns[first]} has {number}"
                self.errors.append(f"{column}: {counted}; separate them by ;")
                split[key] = []
        return [
            {
                key: self._decoded(column, parts[place], cells.decode) if parts else None
                for (key, column), parts in zip(columns.items(), split.values(), strict=True)
            }
            for place in range(number)
        ]

    def _operators(self) -> list[dict[str, Any]]:
        columns = {"value": "operators", "kind": "operator_kinds", "basis": "operator_bases"}
        listed = []
        for part in self._parallel(columns):
            value, kind = part["value"] or "", part["kind"]
            kind = kind or _usual(value)
            if kind not in ("id", "selector"):
                self.errors.append(f"operator_kinds: {kind!r} is neither id nor selector")
                continue
            listed.append(_given({kind: value, "basis": part["basis"]}))
        return listed


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else cells.encode(str(value))


def _item(text: str) -> str:
    return cells.encode(text, ";")


def _joined(items: Iterable[str]) -> str:
    return ";".join(items)


def _orgs(said: str | list[str] | None) -> str:
    """Write one, several (a list of one ends with `;`), or nobody where the key stands alone."""
    if said is None:
        return cells.NOBODY
    if isinstance(said, str):
        return _item(said)
    return _joined(map(_item, said)) + (";" if len(said) <= 1 else "")


def _also(also: dict[str, list[str]]) -> Iterable[str]:
    for framework, ids in also.items():
        name = cells.encode(framework, ";:")
        yield from (f"{name}:{_item(one)}" for one in ids) if ids else (f"{name}:",)


def _custody(kept: list[Custody]) -> Row:
    return {
        column: _column([_text(getattr(one, "from_" if key == "from" else key)) for one in kept])
        for key, column in _CUSTODY.items()
    }


def _operators(listed: list[Operator]) -> Row:
    values = [one.selector if one.id is None else one.id for one in listed]
    kinds = ["selector" if one.id is None else "id" for one in listed]
    usual = [_usual(value or "") for value in values]
    return {
        "operators": _joined(_item(value or "") for value in values),
        "operator_kinds": _column(kinds if kinds != usual else [""] * len(kinds)),
        "operator_bases": _column([one.basis or "" for one in listed]),
    }


def _usual(value: str) -> str:
    return "selector" if value.startswith("tag:") else "id"


def _column(items: list[str]) -> str:
    """Write one column of several that hold parts of the same items; blank if all are blank."""
    return _joined(item.replace(";", "\\;") for item in items) if any(items) else ""


def _list(cell: str) -> list[str | None]:
    return [cells.decode(part) for part in cells.parts(cell) if part]


def _one_or_many(cell: str) -> Any:
    if cell.strip() == cells.NOBODY:
        return _NOBODY
    found = cells.parts(cell)
    if len(found) <= 1:
        return cells.decode(cell)
    return [cells.decode(part) for part in found if part]


def _read_also(cell: str) -> dict[str, list[str | None]]:
    also: dict[str, list[str | None]] = {}
    for part in cells.parts(cell):
        framework, one = cells.cut(part)
        ids = also.setdefault(cells.decode(framework) or "", [])
        ids.extend([cells.decode(one)] if one else [])
    return also


def _given(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if value is not None}
