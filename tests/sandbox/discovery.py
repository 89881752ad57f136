"""Holds replies against extracts of Google's discovery documents."""

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

_DOCUMENTS = json.loads(Path(__file__).with_name("google_schemas.json").read_text())["documents"]
_PLAIN: dict[str, Any] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "any": object,
}


def faults(document: str, schema: str, value: Any, where: str = "$") -> list[str]:
    """Return what a reply holds that the document does not allow: unknown members, wrong types."""
    known = _DOCUMENTS[document]["schemas"][schema]
    if not isinstance(value, dict):
        return [f"{where}: not an object"]
    found = [f"{where}: {schema} has no {name}" for name in value if name not in known]
    for name, item in value.items():
        if name in known:
            found += _checked(document, known[name], item, f"{where}.{name}")
    return found


def _checked(document: str, kind: dict[str, Any], value: Any, where: str) -> list[str]:
    if "$ref" in kind:
        return faults(document, kind["$ref"], value, where)
    if kind["type"] == "array":
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        rows = [_checked(document, kind["items"], v, f"{where}[{n}]") for n, v in enumerate(value)]
        return [fault for row in rows for fault in row]
    if kind["type"] == "object":
        if not isinstance(value, dict):
            return [f"{where}: not an object"]
        inner = kind.get("additionalProperties", {"type": "any"})
        rows = [_checked(document, inner, v, f"{where}.{n}") for n, v in value.items()]
        return [fault for row in rows for fault in row]
    return _scalar(kind, value, where)


def _scalar(kind: dict[str, Any], value: Any, where: str) -> list[str]:
    if not isinstance(value, _PLAIN[kind["type"]]):
        return [f"{where}: {value!r} is no {kind['type']}"]
    if "enum" in kind and value not in kind["enum"]:
        return [f"{where}: {value!r} is none of {kind['enum']}"]
    form = kind.get("format")
    if form in ("google-datetime", "date-time"):
        datetime.fromisoformat(value)
    if form == "byte":
        base64.b64decode(value, validate=True)
    return []
