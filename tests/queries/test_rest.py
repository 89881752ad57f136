"""Dormant and never used: to the day, and not where rest is meant."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.queries.conftest import asker
from tests.queries.test_borders import acme, verdicts

Make = Callable[..., Path]


def test_dormant_begins_the_moment_after_the_ninetieth_day(tmp_path: Path, make: Make) -> None:
    unit = acme()
    moment = timedelta(seconds=1) / timedelta(days=1)
    unit.identity("exactly", used=90)
    unit.identity("later", used=90 + moment)
    unit.identity("young", created=90, used=None, usage="never")
    unit.identity("older", created=120, used=119)

    rows = asker(make(tmp_path, [unit]))("dormant")

    assert verdicts(rows) == {"later": "open", "older": "open"}


def test_never_used_begins_the_moment_after_the_thirtieth_day(tmp_path: Path, make: Make) -> None:
    unit = acme()
    moment = timedelta(seconds=1) / timedelta(days=1)
    unit.identity("exactly", created=30, used=None, usage="never")
    unit.identity("later", created=30 + moment, used=None, usage="never")
    # what its record of use cannot see is not "never"
    unit.identity("outside", "role", created=900, used=None, usage="unknown")

    rows = asker(make(tmp_path, [unit]))("never-used")

    assert verdicts(rows) == {"later": "open"}


@pytest.mark.parametrize(
    ("tags", "used", "dormant"),
    [
        ({}, 95, True),
        ({"expected-frequency": "quarterly"}, 95, False),
        ({"Expected_Frequency": "Quarterly"}, 95, False),
        ({"expected-frequency": "quarterly"}, 101, True),
        ({"expected-frequency": "break-glass"}, 399, False),
        ({"expected-frequency": "annual"}, 401, True),
        # a daily job that rests is no less dormant for its tag, and nobody knows these
        ({"expected-frequency": "daily"}, 95, True),
        ({"expected-frequency": "sometimes"}, 95, True),
        ({"note": "expected-frequency=annual"}, 95, True),
        ({'expected-frequency"]': "annual", "expected-frequency": "annual"}, 95, False),
    ],
)
def test_a_tag_says_how_long_rest_is_meant(
    tags: dict[str, str], used: float, dormant: bool, tmp_path: Path, make: Make
) -> None:
    unit = acme()
    unit.identity("job", used=used, tags=tags)

    rows = asker(make(tmp_path, [unit]))("dormant")

    assert verdicts(rows) == ({"job": "open"} if dormant else {})


def test_what_waits_for_an_emergency_was_never_used_for_a_year(tmp_path: Path, make: Make) -> None:
    unit = acme()
    tags = {"expected-frequency": "break-glass"}
    for name, age in (("young", 390), ("untried", 410)):
        unit.identity(name, created=age, used=None, usage="never", tags=tags)
    unit.identity("plain", created=390, used=None, usage="never")

    rows = asker(make(tmp_path, [unit]))("never-used")

    assert verdicts(rows) == {"untried": "open", "plain": "open"}


def test_rest_longer_than_the_record_of_use_cannot_be_judged(tmp_path: Path, make: Make) -> None:
    unit = acme()
    fields: Any = {"created": 900, "used": None, "usage": "unknown"}
    unit.identity("role", "role", tags={"expected-frequency": "annual"}, **fields)
    unit.identity("plain", "role", **fields)

    store = make(tmp_path, [unit])

    # AWS looks back 400 days, which is a year and its tenth; a longer rest than that it cannot see
    assert verdicts(asker(store)("dormant")) == {"role": "open", "plain": "open"}
    assert verdicts(asker(store)("dormant", dormant_days="401")) == {}


def test_what_stands_by_unattached_is_tagged(tmp_path: Path, make: Make) -> None:
    unit = acme()
    for name, workload in (("standby", "unattached"), ("former", "gone")):
        tags = {"expected-frequency": "annual"}
        unit.identity(name, attributes={"workload": workload}, tags=tags)
    unit.identity("plain", attributes={"workload": "unattached"})

    rows = asker(make(tmp_path, [unit]))("orphaned-workloads")

    assert verdicts(rows) == {"former": "open", "plain": "open"}
