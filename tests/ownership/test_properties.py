"""What holds for any claims whatever (governance 3.2), judged by the resolver's own code."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhiscan.ownership.signals import TOLERANCE
from tests.ownership.pipeline import REGISTER, Fact, Pipeline, Verdict, person

PARTIES = (
    person("ann", manager="eve"),
    person("bob"),
    person("cat", "leave", manager="ann"),
    person("dan", "left", manager="ann"),
    person("eve", "left"),
    person("kim", "unknown"),
    person("ops", kind="team", manager="bob"),
    person("old", "left", kind="team", manager="bob"),
    person("box", kind="mailbox", manager="dan"),
    person("inc", kind="vendor"),
)
IDS = [party.party_id for party in PARTIES]
GONE = {party.party_id for party in PARTIES if party.employment == "left"}
LEADS = {"ops": "bob"}
CLOUD = ("S3", "S4", "S5", "S6", "S7", "S8", "S12", "S13", "S18", "S99")

ages = st.integers(0, 900)
cloud = st.builds(
    Fact, st.sampled_from(CLOUD), st.sampled_from(IDS), ages, departed=st.sampled_from([None, True])
)
register = st.builds(
    Fact,
    st.sampled_from(REGISTER),
    st.sampled_from(IDS),
    ages,
    role=st.sampled_from(["accountable", "operator"]),
    origin=st.sampled_from([None, "tags", "module-a"]),
)
control = st.builds(
    Fact,
    st.just("control"),
    st.sampled_from(IDS),
    confidence=st.sampled_from([0.7, 0.9, 1.0]),
    explicit=st.booleans(),
)
people = st.sampled_from([party.party_id for party in PARTIES if party.kind == "person"])
attested = st.builds(Fact, st.just("attest"), people, ages)
denied = st.builds(Fact, st.just("deny"), st.sampled_from(IDS), ages)
positive = st.one_of(cloud, register, control, attested)
facts = st.lists(st.one_of(positive, denied), max_size=8)


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline()


@settings(max_examples=60, deadline=None)
@given(base=facts, extra=positive, order=st.randoms())
def test_laws(pipeline: Pipeline, base: list[Fact], extra: Fact, order: Any) -> None:
    shuffled = list(base)
    order.shuffle(shuffled)
    sets = {"base": base, "shuffled": shuffled, "more": [*base, extra], "none": []}
    found = pipeline.judge(sets, PARTIES)
    _order_never_matters(found["base"], found["shuffled"], same_time=_ambiguous(base))
    assert (found["none"].status, found["none"].scores) == ("unowned", {})
    party = LEADS.get(extra.party, extra.party)
    lost = found["base"].scores.get(party, 0) - found["more"].scores.get(party, 0)
    assert lost <= TOLERANCE
    for name, verdict in found.items():
        _is_sound(verdict)
        _answers_hold(verdict, sets[name])


def _ambiguous(base: list[Fact]) -> bool:
    """Tell whether two answers were given at one moment, which the order of recording decides."""
    said = [fact.age for fact in base if fact.what in ("attest", "deny")]
    said += [(f.party, f.what, f.role) for f in base if f.what in REGISTER]  # type: ignore[misc]
    return len(said) != len(set(said))


def _order_never_matters(one: Verdict, other: Verdict, *, same_time: bool) -> None:
    if same_time:
        return
    assert (one.status, one.owner, one.score, one.backup, one.last_known) == (
        other.status,
        other.owner,
        other.score,
        other.backup,
        other.last_known,
    )
    assert one.scores == pytest.approx(other.scores)


def _is_sound(verdict: Verdict) -> None:
    assert verdict.owner not in GONE
    assert verdict.backup not in GONE
    assert verdict.owner is None or verdict.owner != verdict.backup
    nobody = verdict.status in ("unowned", "orphaned", "conflict")
    assert (verdict.owner is None) == nobody
    assert all(0 <= score <= 1 for score in verdict.scores.values())


def _answers_hold(verdict: Verdict, said: list[Fact]) -> None:
    """The newest answer of everybody holds: an attestation decides, a denial ends all claims."""
    newest: dict[str, Fact] = {}
    for fact in sorted(said, key=lambda one: -one.age):
        if fact.what in ("attest", "deny"):
            newest[fact.party] = fact
    moments = [fact.age for fact in said if fact.what in ("attest", "deny")]
    if len(moments) != len(set(moments)):
        return
    for party, fact in newest.items():
        if fact.what == "deny" and fact.age < fact.until:
            assert verdict.owner != party
            assert party not in verdict.scores
    owners = sorted((f for f in newest.values() if f.what == "attest"), key=lambda one: one.age)
    if owners and owners[0].age < owners[0].until and owners[0].party not in GONE:
        assert (verdict.status, verdict.owner) == ("attested", owners[0].party)
    else:
        assert verdict.status != "attested"


@settings(max_examples=25, deadline=None)
@given(base=facts)
def test_nobody_is_surer_than_the_cap_without_an_attestation_or_register(
    pipeline: Pipeline, base: list[Fact]
) -> None:
    weak = [f for f in base if f.what not in ("attest", "S2") and not f.explicit]
    verdict = pipeline.judge({"weak": weak}, PARTIES)["weak"]
    assert all(score <= 0.85 + TOLERANCE for score in verdict.scores.values())


@settings(max_examples=25, deadline=None)
@given(base=facts, party=st.sampled_from(IDS))
def test_not_mine_takes_every_claim_and_only_ones_own(
    pipeline: Pipeline, base: list[Fact], party: str
) -> None:
    # said before anything else was, so that nothing newer contradicts it
    later = [fact for fact in base if fact.what not in ("attest", "deny")]
    found = pipeline.judge({"before": later, "after": [*later, Fact("deny", party)]}, PARTIES)
    before, after = found["before"].scores, found["after"].scores
    assert party not in after
    others = set(before) - {party}
    if party not in LEADS.values() and party not in LEADS:
        assert {name: before[name] for name in others} == pytest.approx(
            {name: after[name] for name in others}
        )
