"""Reads the records of a piece of evidence: JSON, JSON lines or CSV, each problem with its line."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from nhiscan.errors import UsageError, first_of
from nhiscan.evidence.keep import regular
from nhiscan.text import shortened

_LONGEST_HEAD = 10_000_000
# A list in a cell of CSV, as in rosters.
_SEPARATOR = ";"


def read_records(path: Path, kind: type[Struct]) -> list[dict[str, Any]]:
    """Read a file of records of one kind, as plain values for JSON; times are UTC.

    UsageError names every line that is wrong; then nothing of the file counts.
    """
    problems: list[str] = []
    found: list[dict[str, Any]] = []
    for line, raw in rows(path):
        try:
            one = msgspec.convert(_fitted(raw, kind), kind, strict=False)
            found.append(_plain(one))
        except (msgspec.ValidationError, ValueError, OverflowError) as error:
            problems.append(f"{path}:{line}: {_said(error)}")
    if problems:
        raise UsageError(first_of(problems), hint=f"a record has: {fields_of(kind)}")
    if not found:
        raise UsageError(f"{path}: holds no record", hint=f"a record has: {fields_of(kind)}")
    return found


def fields_of(kind: type[Struct]) -> str:
    """Name the fields of a record; those that may be left out in brackets."""
    return ", ".join(f.name if f.required else f"[{f.name}]" for f in msgspec.structs.fields(kind))


def rows(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line, object) of a JSON, JSON lines or CSV file. UsageError if it is none of them."""
    try:
        text = regular(path).read_text("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text (byte {error.start})") from error
    start = text.lstrip()[:1]
    if start not in ("{", "["):
        yield from _csv(path, text)
        return
    try:
        whole = _load(text)
    except json.JSONDecodeError:
        yield from _json_lines(path, text)
        return
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None
    except RecursionError:
        raise UsageError(f"{path}: nested too deeply") from None
    yield from ((1, one) for one in (whole if isinstance(whole, list) else [whole]))


def not_read_whole(path: Path) -> list[str]:
    """List the gaps that a population of ours names in its first line, wherever it was copied."""
    try:
        with regular(path).open(encoding="utf-8-sig") as stream:
            head = _load(stream.readline(_LONGEST_HEAD))
    except (OSError, ValueError, RecursionError):
        return []  # no file of ours, and kept as it is
    gaps = head.get("not_read_whole") if isinstance(head, dict) else None
    return [str(gap) for gap in gaps] if isinstance(gaps, list) else []


def _json_lines(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, _load(line)
            except (json.JSONDecodeError, RecursionError):
                raise UsageError(f"{path}:{number}: not JSON") from None
            except ValueError as error:
                raise UsageError(f"{path}:{number}: {error}") from None


def _load(text: str) -> Any:
    """Read JSON; ValueError where a key stands twice, or a text is none that can be stored."""
    found = json.loads(text, object_pairs_hook=_object)
    if "\\u" in text:
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise ValueError("half of a surrogate pair is no character") from None
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name in found if sum(name == key for key, _ in pairs) > 1)
        raise ValueError(f"{shortened(twice, 40)!r} stands twice in one object")
    return found


def _csv(path: Path, text: str) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        if twice := next((n for n in header if n and header.count(n) > 1), None):
            raise UsageError(f"{path}:1: two columns are called {shortened(twice, 40)!r}")
        for row in reader:
            if None in row:
                raise UsageError(f"{path}:{reader.line_num}: more fields than the header")
            yield reader.line_num, {k.strip(): v for k, v in row.items() if k and v}
    except csv.Error as error:
        raise UsageError(f"{path}:{reader.line_num}: not CSV: {error}") from None


def _fitted(raw: Any, kind: type[Struct]) -> Any:
    """Turn the cells of CSV that hold lists into lists, and dates into times."""
    if not isinstance(raw, dict):
        return raw
    fitted = dict(raw)
    for field in msgspec.structs.fields(kind):
        value = fitted.get(field.name)
        if isinstance(value, str) and field.type == list[str]:
            fitted[field.name] = [part.strip() for part in value.split(_SEPARATOR) if part.strip()]
        elif isinstance(value, str) and datetime in (field.type, *_options(field.type)):
            fitted[field.name] = moment(value)
    return fitted


def _options(kind: Any) -> tuple[Any, ...]:
    return getattr(kind, "__args__", ())


def moment(text: str) -> datetime:
    """Read a time of a record: ISO 8601, UTC where it names no zone. ValueError if it is none."""
    try:
        found = datetime.fromisoformat(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        # Python's own words quote the whole cell, whatever stands in it
        raise ValueError(f"{text[:40]!r} is no ISO 8601 time") from None


def _plain(one: Struct) -> dict[str, Any]:
    """Return the values that are told, times as ISO 8601 in UTC."""
    told: dict[str, Any] = {}
    for name, value in msgspec.structs.asdict(one).items():
        if isinstance(value, datetime):
            told[name] = value.isoformat()
        elif value is not None and value != []:
            told[name] = value
    return told


def _said(error: Exception) -> str:
    return str(error).replace("`", "").replace(" - at $.", ": ").replace("Object ", "the record ")
