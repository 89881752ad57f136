"""JSON Schemas of the JSON lines that nhiscan writes and takes, for those who read or make them."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

from nhiscan.errors import UsageError

NAMES = ("evidence", "gaps", "summary", "usage", "why")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# Types of the data files: what they stand for in a schema.
_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "time": {"type": "string", "format": "date-time"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "object": {"type": "object"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "objects": {"type": "array", "items": {"type": "object"}},
    "any": {},
}


def schema(name: str) -> dict[str, Any]:
    """Return one schema. Lines may have more than it says: later versions add, and take nothing."""
    file = resources.files("nhiscan.export").joinpath("data", "lines", f"{name}.json")
    told = json.loads(file.read_text("utf-8"))
    properties = {key: _property(*field) for key, field in told["fields"].items()}
    return {
        "$schema": _DIALECT,
        "title": f"nhiscan {name}, one line",
        "description": told["description"],
        "type": "object",
        "properties": properties,
        "required": told["required"],
    }


def export(target: Path) -> list[str]:
    """Write `<name>.schema.json` for each kind of line; return the names of the files."""
    files = {f"{name}.schema.json": schema(name) for name in NAMES}
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file, content in files.items():
            text = json.dumps(content, indent=2, ensure_ascii=True) + "\n"
            Path(target, file).write_text(text, "ascii")
    except OSError as error:
        raise UsageError(f"{target}: cannot write there: {error.strerror}") from error
    return sorted(files)


def _property(kind: str, told: str, values: list[str] | None = None) -> dict[str, Any]:
    """Write one property; a type that ends in `?` may be null."""
    made = dict(_TYPES[kind.rstrip("?")])
    if kind.endswith("?") and made:
        made["type"] = [made["type"], "null"]
    if values:
        made["enum"] = [*values, *([None] if kind.endswith("?") else [])]
    return made | {"description": told}
