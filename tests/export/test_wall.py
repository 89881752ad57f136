"""The wall takes other clients' words out of any text, and leaves a client its own."""

import time

from hypothesis import given
from hypothesis import strategies as st

from nhiscan.export.wall import MASK, Wall, opaque_ids

TERMS = [
    ("acme", "name", "acme"),
    ("acme", "name", "Acme Dental"),
    ("acme", "id", "111122223333"),
    ("acme", "domain", "acme.example"),
    ("beta", "name", "beta"),
    ("beta", "name", "Beta Freight"),
    ("beta", "id", "555566667777"),
    ("beta", "domain", "beta.example"),
    ("it", "name", "it"),
    ("both", "name", "acme dental labs"),
]


def masked(text: str, client: str = "beta") -> str:
    value, _ = Wall(TERMS).masked(text, client)
    assert isinstance(value, str)
    return value


def test_spellings() -> None:
    for text in ("ACME", "Acme Dental", "acme-dental", "AcmeDental", "acme_dental", "acme.dental"):
        assert masked(f"x{text}y") == f"x{MASK}y"


def test_addresses_are_masked_whole() -> None:
    assert masked("ask bo.x+1@mail.acme.example now") == f"ask {MASK} now"
    assert masked("https://login.acme.example/") == f"https://login.{MASK}/"


def test_short_names_are_whole_words() -> None:
    assert masked("it waits for it-ops") == f"{MASK} waits for {MASK}-ops"
    assert masked("unit with items") == "unit with items"


def test_the_longest_word_decides() -> None:
    assert masked("acme dental", "acme") == "acme dental"
    assert masked("acme dental labs", "acme") == MASK
    assert masked("acme dental labs", "both") == "acme dental labs"


def test_structure_is_kept() -> None:
    value = {"acme": ["beta", 3, None, {"at": "111122223333"}]}
    assert Wall(TERMS).masked(value, "beta") == (
        {MASK: ["beta", 3, None, {"at": MASK}]},
        {"acme"},
    )


def test_ids_of_others() -> None:
    own, other, unknown = (f"nhi_{digit * 20}" for digit in "abc")
    wall = Wall(TERMS, {own: "beta", other: "acme"})
    text = f"{own} {other} {unknown}"
    assert opaque_ids({"k": [text]}) == {own, other, unknown}
    assert wall.masked(text, "beta") == (f"{own} {MASK} {unknown}", {"acme"})


def test_no_terms() -> None:
    assert Wall([]).masked("anything", "acme") == ("anything", set())


@given(st.text(), st.sampled_from(["acme", "ACME", "111122223333"]), st.text())
def test_nothing_hides_a_word(before: str, word: str, after: str) -> None:
    assert word.lower() not in masked(before + word + after).lower()


def test_ten_thousand_words_and_a_long_text() -> None:
    terms = [(f"c{n}", "name", f"client {n:05d}") for n in range(10_000)]
    terms += [(f"c{n}", "domain", f"c{n}.example") for n in range(1_000)]
    wall = Wall(terms)
    started = time.process_time()
    value, named = wall.masked("x" * 10_000 + " client-00077 " + "a@b" * 3_000, "c1")
    assert time.process_time() - started < 1
    assert named == {"c77"}
    assert MASK in value
