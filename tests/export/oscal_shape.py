"""Checks OSCAL documents: the objects that are written, what each needs, and their references."""

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

# Properties of the objects of OSCAL 1.1 and 1.2 that we write (NIST, assessment results and POA&M
# models); `!` for required. `key: object` says what a property holds.
OBJECTS = {
    "assessment-results": "uuid! metadata! import-ap! results! back-matter",
    "plan-of-action-and-milestones": "uuid! metadata! system-id observations risks poam-items!",
    "assessment-plan": "uuid! metadata! import-ssp! reviewed-controls! back-matter",
    "catalog": "uuid! metadata! controls",
    "metadata": "title! last-modified! version! oscal-version! roles parties responsible-parties",
    "import-ap": "href!",
    "import-ssp": "href!",
    "roles": "id! title!",
    "parties": "uuid! type! name email-addresses props",
    "responsible-parties": "role-id! party-uuids!",
    "responsible-roles": "role-id! party-uuids",
    "results": "uuid! title! description! start! end reviewed-controls! attestations observations"
    " risks findings",
    "reviewed-controls": "control-selections!",
    "control-selections": "include-controls description",
    "include-controls": "control-id!",
    "attestations": "responsible-parties parts!",
    "parts": "id name! prose props",
    "observations": "uuid! title description! methods! types collected! props relevant-evidence",
    "relevant-evidence": "href description! props",
    "risks": "uuid! title! description! statement! status! props deadline remediations risk-log"
    " related-observations",
    "remediations": "uuid! lifecycle! title! description! tasks",
    "tasks": "uuid! type! title! timing responsible-roles",
    "timing": "on-date",
    "on-date": "date!",
    "risk-log": "entries!",
    "entries": "uuid! start! title status-change",
    "findings": "uuid! title! description! target! props related-observations related-risks",
    "target": "type! target-id! status!",
    "status": "state! reason remarks",
    "related-observations": "observation-uuid!",
    "related-risks": "risk-uuid!",
    "poam-items": "uuid title! description! props related-observations related-risks",
    "system-id": "identifier-type id!",
    "props": "name! value! ns",
    "controls": "id! title! props parts",
    "back-matter": "resources",
    "resources": "uuid! title description base64",
    "base64": "filename media-type value!",
}
VALUES = {
    "methods": {"EXAMINE", "TEST"},
    "types": {"discovery"},
    "lifecycle": {"recommendation", "planned", "completed"},
    "state": {"satisfied", "not-satisfied"},
    "reason": {"pass", "fail", "other"},
}
RISK = {"open", "investigating", "deviation-approved", "closed"}
FORMS = {
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "control-id": r"[A-Za-z_][A-Za-z0-9._-]*",
    "target-id": r"[A-Za-z_][A-Za-z0-9._-]*",
    "value": r"\S(.*\S)?",
    "deadline": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
}
FORMS |= dict.fromkeys(("collected", "start", "end", "date", "last-modified"), FORMS["deadline"])


def faults(document: dict[str, Any]) -> list[str]:
    """List what is wrong: unknown, missing, empty, of the wrong form, or leading nowhere."""
    [(name, body)] = document.items()
    return [*_object(name, body), *_references(body)]


def carried(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Read the documents that lie within another."""
    [body] = document.values()
    return [
        json.loads(b64decode(one["base64"]["value"])) for one in body["back-matter"]["resources"]
    ]


def _object(name: str, value: dict[str, Any]) -> Iterator[str]:
    words = OBJECTS[name].split()
    known = {word.rstrip("!") for word in words}
    yield from (f"{name}.{key}: unknown" for key in value if key not in known)
    yield from (f"{name}.{w[:-1]}: required" for w in words if w[-1] == "!" and w[:-1] not in value)
    for key, one in value.items():
        if one in ([], {}, "", None):
            yield f"{name}.{key}: empty"
        for item in one if isinstance(one, list) else [one]:
            yield from _item(name, key, item)


def _item(name: str, key: str, item: Any) -> Iterator[str]:
    if isinstance(item, dict):
        yield from _object(key, item)
        return
    if key in VALUES and item not in VALUES[key]:
        yield f"{name}.{key}: {item!r} is none of {VALUES[key]}"
    if name == "risks" and key == "status" and item not in RISK:
        yield f"{name}.{key}: {item!r} is none of {RISK}"
    if key in FORMS and not re.fullmatch(FORMS[key], str(item)):
        yield f"{name}.{key}: {item!r} has the wrong form"


def _references(body: dict[str, Any]) -> Iterator[str]:
    """Every UUID that is pointed at stands in the document, and no two objects share one."""
    found: dict[str, list[str]] = {"own": [], "party-uuids": []}
    _walk(body, found)
    own = found.pop("own")
    if len(own) != len(set(own)):
        yield "two objects have one uuid"
    for key, uuids in found.items():
        yield from (f"{key}: {one} leads nowhere" for one in set(uuids) - set(own))
    href = body.get("import-ap", {}).get("href")
    if href is not None and href.removeprefix("#") not in own:
        yield "import-ap leads nowhere"


def _walk(value: Any, found: dict[str, list[str]]) -> None:
    for one in value if isinstance(value, list) else []:
        _walk(one, found)
    for key, one in value.items() if isinstance(value, dict) else []:
        if key == "uuid":
            found["own"].append(one)
        elif key in ("observation-uuid", "risk-uuid"):
            found.setdefault(key, []).append(one)
        elif key == "party-uuids":
            found[key] += one
        else:
            _walk(one, found)
