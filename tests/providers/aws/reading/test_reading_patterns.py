"""IAM wildcards: the whole text, no regard to case, and never slow."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhiscan_providers.aws.reading.patterns import (
    any_value,
    covers,
    covers_exactly,
    everything,
    matches,
    matches_exactly,
    overlap,
    within,
)

PATTERNS = st.text("ab*?:", max_size=8)
TEXTS = st.text("ab:", max_size=8)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("*", "iam:CreateUser", True),
        ("iam:*", "IAM:createuser", True),
        ("IAM:CREATEUSER", "iam:CreateUser", True),
        ("iam:Create", "iam:CreateUser", False),
        ("CreateUser", "iam:CreateUser", False),
        ("iam:Create????", "iam:CreateUser", True),
        ("iam:Create?", "iam:CreateUser", False),
        ("iam:*User", "iam:CreateUser", True),
        ("iam:*User", "iam:CreateUserX", False),
        ("iam:*e*e*r", "iam:CreateUser", True),
        ("ab*b", "ab", False),
        ("ab*b", "abb", True),
        ("a.c", "abc", False),
        ("iam:CreateUser", "iam:CreateUser\n", False),
        ("iam:*", "iam:Create\nUser", True),
        ("[a-z]*", "iam", False),
        ("", "iam", False),
    ],
)
def test_action_patterns(pattern: str, text: str, expected: bool) -> None:
    assert matches(pattern, text) is expected


def test_condition_values_regard_case() -> None:
    assert matches_exactly("acme-*", "acme-1")
    assert not matches_exactly("acme-*", "ACME-1")


@given(PATTERNS, TEXTS)
def test_matching_equals_the_plain_definition(pattern: str, text: str) -> None:
    plain = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    assert matches(pattern, text) is (re.fullmatch(plain, text) is not None)


@given(PATTERNS, PATTERNS, TEXTS)
def test_covering_is_never_claimed_wrongly(wide: str, narrow: str, text: str) -> None:
    if covers(wide, narrow) and matches(narrow, text):
        assert matches(wide, text)


@given(PATTERNS, PATTERNS, TEXTS)
def test_covering_exactly_is_never_claimed_wrongly(wide: str, narrow: str, text: str) -> None:
    if covers_exactly(wide, narrow) and matches_exactly(narrow, text):
        assert matches_exactly(wide, text)


@given(st.text("ab:", max_size=4), PATTERNS, st.text("ab", min_size=1, max_size=6))
def test_patterns_within_a_prefix_match_the_same_texts(
    prefix: str, pattern: str, rest: str
) -> None:
    found = within(prefix, pattern)
    assert all(one.startswith(prefix) for one in found)
    text = prefix + rest
    assert any(matches_exactly(one, text) for one in found) is matches_exactly(pattern, text)


def test_a_policy_variable_may_hold_anything() -> None:
    assert any_value("a/${aws:PrincipalTag/x}-${aws:username}") == "a/*-*"
    assert any_value("a/$b{c}") == "a/$b{c}"


@given(PATTERNS, PATTERNS, TEXTS)
def test_overlap_misses_no_common_text(one: str, other: str, text: str) -> None:
    assert overlap(one, other) == overlap(other, one)
    if matches(one, text) and matches(other, text):
        assert overlap(one, other)


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("*", "s3:*", True),
        ("s3:*", "s3:Get*", True),
        ("s3:get*", "S3:GetObject", True),
        ("s3:Get*", "s3:*", False),
        ("s3:?", "s3:*", False),
        ("s3:??", "s3:?", False),
    ],
)
def test_covers(wide: str, narrow: str, expected: bool) -> None:
    assert covers(wide, narrow) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("s3:*", "s3:Get*", True),
        ("s3:Get*", "s3:Put*", False),
        ("s3:*Object", "s3:Get*", True),
        ("a?", "?b", True),
        ("a", "ab", False),
        ("*", "", True),
    ],
)
def test_overlap(one: str, other: str, expected: bool) -> None:
    assert overlap(one, other) is expected


@pytest.mark.parametrize("pattern", ["*" * 5000 + "x", "*a" * 3000 + "x", "*?" * 2000 + "x"])
def test_hostile_patterns_end_soon(pattern: str) -> None:
    started = time.process_time()
    assert not matches(pattern, "a" * 5000)
    assert time.process_time() - started < 5


def test_everything_is_stars_only() -> None:
    assert everything("*")
    assert everything("**")
    assert not everything("")
    assert not everything("*:*")
