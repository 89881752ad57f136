"""The page: every text is text, nothing runs or loads, and it reads as people write."""

import io
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from nhiscan.table import Table
from nhiscan_reports.html import Html


def page(*rows: list[Any], columns: tuple[str, ...] = ("name",), **more: Any) -> str:
    stream = io.BytesIO()
    Html().write_all("A pack", [Table(columns=columns, rows=rows, **more)], stream)
    return stream.getvalue().decode("utf-8")


class Tags(HTMLParser):
    """Every tag with its attributes, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table><iframe src=//evil.example>",
    "</style><style>*{display:none}",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["cell", "list", "key", "column", "title", "note"])
def test_hostile_text_is_text_in_every_place(text: str, place: str) -> None:
    told = {
        "cell": lambda: page([text]),
        "list": lambda: page([[text, text]]),
        "key": lambda: page([{text: text}]),
        "column": lambda: page(["x"], columns=(text,)),
        "title": lambda: page(["x"], title=text),
        "note": lambda: page(["x"], notes=(text,)),
    }[place]()
    plain = page(["x"], title="t", notes=("n",))
    found, expected = Tags(told), Tags(plain)
    assert {tag for tag, _ in found.tags} <= {tag for tag, _ in expected.tags} | {"br"}
    assert not {name for _, names in found.tags for name in names if name.startswith("on")}
    # a column's name is written for people
    assert (text.replace("_", " ") if place == "column" else text) in found.text


def test_nothing_is_loaded_and_nothing_runs() -> None:
    told = page(["x"])
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', told)
    assert policy is not None
    assert policy[1] == "default-src 'none'; style-src 'unsafe-inline'"
    assert not {"script", "img", "link", "iframe", "form"} & {tag for tag, _ in Tags(told).tags}
    assert "http://" not in told
    assert "url(" not in told


def test_what_turns_or_hides_text_is_shown_as_a_code() -> None:
    told = page(["a\u202eb\u200fc\x1bd\ufeff"])
    assert "a\\u202eb\\u200fc\\u001bd\\ufeff" in told


def test_values_read_as_people_write_them() -> None:
    columns = ("is_new", "seen_at", "day", "number", "names", "verdict", "nothing")
    told = page(
        [
            True,
            datetime(2026, 11, 1, 6, 5, 9, tzinfo=UTC),
            datetime(2026, 11, 1, tzinfo=UTC),
            7,
            ["a", "b"],
            "fail",
            None,
        ],
        columns=columns,
    )
    assert "<td>yes</td><td>2026-11-01 06:05</td><td>2026-11-01</td>" in told
    assert '<td class="number">7</td><td>a<br>b</td><td class="bad">fail</td><td></td>' in told
    assert '<th scope="col">seen at</th>' in told


def test_one_long_name_does_not_push_the_rest_away() -> None:
    told = page(["n" * 10_000], ["short"])
    assert f'<td class="long"><div class="clip">{"n" * 10_000}</div></td>' in told
    assert "<td>short</td>" in told


def test_a_table_without_rows_says_so() -> None:
    assert '<p class="none">no rows</p>' in page(title="Empty")
