"""The schemas for editors are those of the types that read the files, and are kept current."""

from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from nhiscan.matrix.described import KEYS
from nhiscan.matrix.files import KINDS, fields, part, struct
from nhiscan.matrix.schemas import schemas, written

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"


def _structs(kind: type[Struct], found: dict[str, type[Struct]]) -> dict[str, type[Struct]]:
    found[kind.__name__] = kind
    for field in fields(kind).values():
        inner = struct(field.type) or struct(part(field.type))
        if inner is not None:
            _structs(inner, found)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_published_schema_is_current(kind: str) -> None:
    text = (FOLDER / f"{kind}.json").read_text("utf-8")

    assert text == written(schemas()[kind]), "nhiscan matrix schema --to docs/schemas"


def test_every_key_is_described_and_nothing_else_is() -> None:
    found: dict[str, type[Struct]] = {}
    for root, _ in KINDS.values():
        _structs(root, found)

    assert {name: list(KEYS[name]) for name in KEYS} == {
        name: list(fields(found[name])) for name in KEYS
    }
    assert set(KEYS) == set(found)


def test_a_schema_says_what_is_needed_closed_and_offered() -> None:
    made = schemas()["client"]["$defs"]["Instance"]

    assert made["required"] == ["id", "criteria", "statement", "responsibility"]
    assert made["additionalProperties"] is False
    assert "shared_msp_client/dependent" in made["properties"]["responsibility"]["enum"]
    assert "CC6.2" in made["properties"]["criteria"]["items"]["anyOf"][0]["enum"]
    assert set(made["properties"]["duties"]["properties"]) >= {"provision", "retain"}
    assert "NHI1:2025" in msgspec.json.encode(made["properties"]["also"]).decode()
