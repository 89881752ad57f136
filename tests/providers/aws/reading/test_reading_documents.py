"""Policy documents in every shape: what cannot be read is a named problem, never nothing."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhiscan_providers.aws.reading.capabilities import CapabilityReader, Policy
from nhiscan_providers.aws.reading.documents import Problem, parse, unread
from nhiscan_providers.aws.reading.trust import read_trust

STATEMENT = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
PLAIN = {"Version": "2012-10-17", "Statement": [STATEMENT]}

NAMES = [
    "Statement", "Effect", "Action", "NotAction", "Resource", "Principal", "AWS", "Federated",
    "Condition", "StringEquals", "sts:ExternalId", "x",
]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "form",
    [
        PLAIN,
        json.dumps(PLAIN),
        json.dumps(PLAIN).encode(),
        quote(json.dumps(PLAIN)),
        {"Statement": STATEMENT},
        {"statement": {"effect": "Allow", "ACTION": ["s3:*"], "resource": ["*"]}},
    ],
    ids=["mapping", "text", "bytes", "url", "single", "names in any case"],
)
def test_every_form_reads_alike(form: object) -> None:
    document = parse(form)
    assert document.complete
    assert document == parse(PLAIN)
    assert document.digest == parse(PLAIN).digest


def without(name: str, **more: Any) -> dict[str, Any]:
    return {"Statement": {**{k: v for k, v in STATEMENT.items() if k != name}, **more}}


@pytest.mark.parametrize(
    ("form", "why"),
    [
        (None, "not an object"),
        ([], "not an object"),
        (7, "not an object"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("%7B%", "not JSON"),
        ("%ff%fe", "not JSON"),
        (b"\xff", "not JSON"),
        ("%7B%22Statement%22%3A%22%FF%22%7D", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("{}" + " " * 3_000_000, "longer"),
        ({}, "Statement"),
        ({"Statement": STATEMENT, "statement": STATEMENT}, "Statement"),
        ({"Statement": [None]}, "not an object"),
        ({"Statement": "x"}, "not an object"),
        (without("Effect"), "Effect"),
        (without("Effect", Effect="allow"), "Effect"),
        (without("Effect", Effect=["Allow"]), "Effect"),
        (without("Action"), "neither Action"),
        (without("Action", Action=[]), "action"),
        (without("Action", Action=[7]), "action"),
        (without("Action", Action={"a": 1}), "action"),
        (without("", NotAction="s3:*"), "both Action"),
        (without("", action="s3:*"), "twice"),
        (without("", Acton="s3:*"), "does not know"),
        (without("", Principal="alice"), "principal"),
        (without("", Principal={}), "principal"),
        (without("", Principal={"AWS": [None]}), "principal"),
        (without("", Condition=[]), "Condition"),
        (without("", Condition={"StringEquals": 1}), "Condition"),
        (without("", Condition={"StringEquals": {"a": {"b": 1}}}), "Condition"),
        (without("", Condition={"ForSomeValues:StringEquals": {"a": "b"}}), "quantifier"),
    ],
)
def test_what_cannot_be_read_is_a_problem(form: object, why: str) -> None:
    document = parse(form)
    assert not document.complete
    assert why in document.problems[0].why


def test_a_bad_statement_leaves_the_others_and_its_number() -> None:
    document = parse({"Statement": [STATEMENT, {"Effect": "Allow"}, STATEMENT]})
    assert [one.index for one in document.statements] == [0, 2]
    assert document.problems == (Problem(1, "neither Action nor NotAction stands in it"),)
    assert document.digest != parse({"Statement": [STATEMENT, STATEMENT]}).digest


def test_conditions_keep_their_modifiers_apart_and_their_values_as_written() -> None:
    condition = {
        "ForAllValues:StringLikeIfExists": {"aws:TagKeys": ["a", "b"]},
        "Bool": {"aws:MultiFactorAuthPresent": True},
        "NumericLessThan": {"aws:MultiFactorAuthAge": 3600},
        "DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00Z"},
    }
    (statement,) = parse(without("", Condition=condition)).statements
    seen = [(c.operator, c.quantifier, c.if_exists, c.values) for c in statement.conditions]
    assert seen == [
        ("stringlike", "forallvalues", True, ("a", "b")),
        ("bool", "", False, ("true",)),
        ("numericlessthan", "", False, ("3600",)),
        ("datelessthan", "", False, ("2026-01-01T00:00:00Z",)),
    ]


def test_ten_thousand_statements_are_read() -> None:
    document = parse({"Statement": [STATEMENT] * 10_000})
    assert len(document.statements) == 10_000
    reader = CapabilityReader(())
    assert reader.read([Policy("big", "inline", document)]).verdicts["data"] == "granted"


@given(JSON)
def test_no_json_makes_a_reader_fail(value: object) -> None:
    document = parse(value)
    assert document.statements or document.problems or value_is_empty(value)
    reader = CapabilityReader([[document]])
    reader.read([Policy("p", "inline", document)], boundary=document)
    read_trust(value, account="111122223333", words=("acme",))
    text = json.dumps(value)
    assert parse(text).complete == document.complete


def value_is_empty(value: object) -> bool:
    """An empty list of statements is the one document that says nothing and hides nothing."""
    return isinstance(value, dict) and value.get("Statement") == []


@given(st.text() | st.binary())
def test_no_text_makes_the_parser_fail(text: str | bytes) -> None:
    parse(text)


def test_unread_stands_for_a_missing_document() -> None:
    assert not unread("denied").complete
    assert unread("denied").problems == (Problem(None, "denied"),)
