"""Random control instances, with the most hostile texts that a file can hold."""

from datetime import date
from typing import Any

from hypothesis import strategies as st

from nhiscan.matrix.model import (
    DUTIES,
    Agreement,
    Custody,
    Instance,
    Operator,
    Period,
    SignOff,
)

# What YAML, CSV, spreadsheets or terminals could take for something else.
_ODD = (
    *(
        "no",
        "yes",
        "null",
        "~",
        "",
        " ",
        "2026-01-01",
        "007",
        "1e3",
        "0x1f",
        "1_000",
        ".5",
        "12:30",
    ),
    *("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "'quoted'", "'=x", "''=x", "＝x", "\t=1"),  # noqa: RUF001
    *(
        "a;b",
        ";",
        "a\\;b",
        "\\",
        "\\e",
        "\\-",
        "\\u0041",
        "a:b",
        "a: b",
        "a #b",
        "#a",
        "- a",
        "? a",
    ),
    *(
        '"',
        '""',
        'say "x"',
        "it's",
        "a,b",
        "{a}",
        "[a]",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "%a",
        "`a",
        "---",
    ),
    *("a\nb", "a\n", "\na", "a\n\nb", " a\nb", "a\n \nb", "a\r\nb", "\r", "a\x85b", "a\u2028b"),
    *("\x1b[31m", "\u202ea", "\x00", "\ufeffa", "\u00a0a\u00a0", "😀", "é", "x" * 300, "x y " * 60),
    *(
        "a  b " + "word " * 40 + "end",
        "<<",
        "=",
        "...",
        "a:",
        "y",
        "on",
        "OFF",
        "1:2:3",
        "2026-1-1",
    ),
)
texts = st.one_of(
    st.sampled_from(_ODD), st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
)
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 12, 31))
_orgs = st.sampled_from(["msp", "client", "subservice", "sub:siem", "sub:a;b"])


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def _custody(draw: st.DrawFn) -> Custody:
    first = draw(days)
    return Custody(
        who=draw(_orgs),
        person=draw(_maybe(texts)),
        from_=first,
        to=draw(_maybe(days.filter(lambda day: day > first))) if first < date(2100, 1, 1) else None,
        oversight=draw(_maybe(texts)),
        handoff_ack=draw(_maybe(days)),
    )


@st.composite
def _operators(draw: st.DrawFn) -> Operator:
    form = draw(st.sampled_from(["id", "selector"]))
    said = draw(texts | st.just("tag:soc2-control=CC6.2"))
    basis = draw(_maybe(st.sampled_from(["explicit", "tag", "name"])))
    return Operator(**{form: said}, basis=basis)


def instances(identifier: str) -> st.SearchStrategy[Instance]:
    """Any instance that a right file can hold, under the given id."""
    lists = st.lists(texts, max_size=3)
    return st.builds(
        Instance,
        id=st.just(identifier),
        criteria=st.lists(st.sampled_from(["CC6.1", "CC6.2", "A1.2"]), min_size=1, max_size=3),
        also=st.dictionaries(st.just("soc2"), st.lists(st.just("CC1.1"), max_size=2), max_size=1),
        statement=texts,
        service_model=_maybe(st.sampled_from(["standard", "cmk"])),
        responsibility=st.sampled_from(["msp", "n/a", "shared_msp_client/dependent"]),
        duties=st.dictionaries(
            st.sampled_from(DUTIES), st.none() | _orgs | st.lists(_orgs, max_size=3)
        ),
        accountable=st.none() | texts | lists,
        backup=_maybe(texts),
        approver=_maybe(texts),
        custody=st.lists(_custody(), max_size=3),
        frequency=_maybe(st.sampled_from(["daily", "on_event"])),
        sla=_maybe(texts),
        agreement=_maybe(
            st.builds(Agreement, doc=texts, clause=_maybe(texts), sha256=_maybe(texts))
        ),
        signoff=_maybe(
            st.builds(
                SignOff,
                by=texts,
                at=days,
                covers_sha256=_maybe(texts),
                artefact=_maybe(texts),
                expires=_maybe(days),
            )
        ),
        operated_by=st.lists(_operators(), max_size=3),
        operated_by_human=st.booleans(),
        cuec=lists,
        csoc=lists,
        notes=_maybe(texts),
    )


PERIOD = Period(from_=date(2026, 1, 1), to=date(2026, 12, 31))
