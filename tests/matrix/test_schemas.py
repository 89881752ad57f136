"""The schemas for editors are those of the types that read the files, and are kept current."""

from pathlib import Path

import msgspec
import pytest

from nhiscan.matrix.described import KEYS
from nhiscan.matrix.files import KINDS, fields, structs_of_matrix
from nhiscan.matrix.schemas import schemas, written

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"


@pytest.mark.parametrize("kind", KINDS)
def test_the_published_schema_is_current(kind: str) -> None:
    text = (FOLDER / f"{kind}.json").read_text("utf-8")

    assert text == written(schemas()[kind]), "nhiscan matrix schema --to docs/schemas"


def test_every_key_is_described_and_nothing_else_is() -> None:
    found = {kind.__name__: kind for kind in structs_of_matrix()}

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
