"""JSON and JSON Lines give every value back, whatever characters it has."""

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from nhiscan.table import Table
from nhiscan.text import is_unsafe
from nhiscan_reports.json import Json
from nhiscan_reports.jsonl import Jsonl


def test_types_and_order(hard: Table) -> None:
    stream = io.BytesIO()
    Json().write(hard, stream)
    records = json.loads(stream.getvalue())
    assert [list(record) for record in records] == [list(hard.columns)] * len(hard.rows)
    assert records[0] | {"name": "", "note": ""} == {
        "name": "",
        "severity": "high",
        "flag": True,
        "count": 7,
        "ratio": 2.5,
        "note": "",
        "at": "2026-05-01T06:00:00Z",
        "day": "2026-05-01",
        "list": ["a", None, "=b"],
        "facts": {"k": ["v", {"deep": [1, None]}], "t": "2026-05-01T06:00:00Z"},
    }
    assert records[1]["at"] == "2026-05-01T04:00:00.123456Z"
    assert [record["name"] for record in records] == [row[0] for row in hard.rows]


@settings(deadline=None)
@given(st.lists(st.text(), max_size=5))
def test_text_survives(values: list[str]) -> None:
    stream = io.BytesIO()
    Jsonl().write(Table(columns=("v",), rows=[(value,) for value in values]), stream)
    lines = stream.getvalue().decode("utf-8").split("\n")[:-1]
    assert not any(is_unsafe(character) for line in lines for character in line)
    # A pair of lone surrogates that stand together is the character they spell, in JSON.
    assert [json.loads(line)["v"] for line in lines] == [
        json.loads(json.dumps(value)) for value in values
    ]


def test_numbers_that_json_lacks() -> None:
    stream = io.BytesIO()
    Json().write(Table(columns=("v",), rows=[(float("nan"),), (float("-inf"),)]), stream)
    assert json.loads(stream.getvalue()) == [{"v": "nan"}, {"v": "-inf"}]


def test_columns_of_one_name_stay_apart() -> None:
    stream = io.BytesIO()
    Jsonl().write(Table(columns=("id", "id", "id_2"), rows=[(1, 2, 3)]), stream)
    assert json.loads(stream.getvalue()) == {"id": 1, "id_3": 2, "id_2": 3}
