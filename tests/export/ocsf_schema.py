"""Checks events against the classes of OCSF that are kept as data."""

import json
from importlib import resources
from typing import Any

PLAIN: dict[str, Any] = {
    "string": str,
    "integer": int,
    "timestamp": int,
    "boolean": bool,
    "email": str,
}


def load() -> dict[str, Any]:
    text = resources.files("nhiscan.export").joinpath("data/ocsf-1.8.0.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def faults(event: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """List what an event breaks: unknown, missing or mistyped attributes, enums, arithmetic."""
    kind = schema["classes"].get(str(event.get("class_uid")))
    if kind is None:
        return [f"no class {event.get('class_uid')}"]
    attributes = schema["base"] | schema.get(kind.get("extends"), {}) | kind["attributes"]
    for profile in event["metadata"].get("profiles", []):
        attributes = attributes | schema["profiles"][profile]
    found = _object(event, attributes, kind.get("at_least_one", []), schema, "event")
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        found.append("type_uid is not class_uid * 100 + activity_id")
    if event["class_uid"] // 1000 != event["category_uid"]:
        found.append("category_uid does not fit class_uid")
    if event["class_name"] != kind["name"]:
        found.append(f"class_name is not {kind['name']}")
    if event["metadata"]["version"] != schema["version"]:
        found.append("another version of the schema")
    return found


def _object(
    value: dict[str, Any],
    attributes: dict[str, str],
    one_of: list[str],
    schema: dict[str, Any],
    where: str,
) -> list[str]:
    found = [f"{where}.{name}: unknown" for name in value if name not in attributes]
    for name, spec in attributes.items():
        if name in value:
            found += _value(value[name], spec, schema, f"{where}.{name}")
        elif "!" in spec.split()[0]:
            found.append(f"{where}.{name}: required")
    if one_of and not any(name in value for name in one_of):
        found.append(f"{where}: none of {one_of}")
    return found


def _is_time(value: int) -> bool:
    """Seconds and microseconds are other orders of magnitude."""
    return 10**12 < value < 10**14


def _value(value: Any, spec: str, schema: dict[str, Any], where: str) -> list[str]:
    word, *enum = spec.split()
    kind = word.strip("![]")
    if word.endswith("[]"):
        if not isinstance(value, list):
            return [f"{where}: no list"]
        return [fault for one in value for fault in _value(one, kind, schema, f"{where}[]")]
    if kind == "json":
        return [] if isinstance(value, dict) else [f"{where}: no object"]
    if kind in PLAIN:
        is_bool = isinstance(value, bool)
        if not isinstance(value, PLAIN[kind]) or is_bool != (kind == "boolean"):
            return [f"{where}: {value!r} is no {kind}"]
        if kind == "timestamp" and not _is_time(value):
            return [f"{where}: {value} is no time in milliseconds"]
        return [] if not enum or str(value) in enum else [f"{where}: {value} is none of {enum}"]
    if not isinstance(value, dict):
        return [f"{where}: no object"]
    definition = schema["objects"][kind]
    attributes, one_of = definition["attributes"], definition.get("at_least_one", [])
    return _object(value, attributes, one_of, schema, where)
