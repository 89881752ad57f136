"""JSON Schemas of the files of a matrix, made from the types that read them, for editors."""

from typing import Any

import msgspec

from nhiscan.matrix.catalog import built_in
from nhiscan.matrix.described import KEYS
from nhiscan.matrix.files import KINDS
from nhiscan.matrix.model import DUTIES

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of each kind of file, under the name of the kind."""
    return {kind: _schema(kind) for kind in KINDS}


def written(schema: dict[str, Any]) -> str:
    """Write a schema as the text of its file."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def _schema(kind: str) -> dict[str, Any]:
    root, place = KINDS[kind]
    found: dict[str, Any] = msgspec.json.schema(root)
    definitions: dict[str, Any] = found["$defs"]
    for name, one in definitions.items():
        one["additionalProperties"] = False  # an unknown key is an error everywhere
        one["description"] = one.pop("description", "").partition("\n")[0]
        for key, value in one["properties"].items():
            value["description"] = KEYS[name][key]
    if "Instance" in definitions:
        _complete(definitions["Instance"]["properties"])
    title = f"nhiscan control matrix: {place}"
    return {"$schema": _DIALECT, "title": title, **found, "$defs": definitions}


def _complete(keys: dict[str, Any]) -> None:
    """Let editors offer names where others than ours are right too."""
    ids = {catalog.framework: [c.id for c in catalog.criteria] for catalog in built_in()}
    keys["criteria"] |= {"items": _offered(ids["soc2"]), "minItems": 1}
    listed = {name: {"type": "array", "items": _offered(of)} for name, of in ids.items()}
    keys["also"]["properties"] = listed
    duty = keys["duties"].pop("additionalProperties")
    keys["duties"] |= {"properties": dict.fromkeys(DUTIES, duty), "additionalProperties": False}


def _offered(names: list[str]) -> dict[str, Any]:
    return {"anyOf": [{"enum": names}, {"type": "string"}]}
