"""The eight rules of resolution (governance 3.2), case by case."""

from typing import Any

import pytest

from nhiscan.config.model import Naming, Policy, SignalPolicy
from tests.ownership.pipeline import Fact, Pipeline, Verdict, person

PARTIES = (
    person("ann"),
    person("bob"),
    person("cat", "leave"),
    person("dan", "left"),
    person("eve", "left", manager="ann"),
    person("lee", manager="bob"),
    person("ops", kind="team"),
    person("noc", kind="team", manager="bob"),
    person("box", kind="mailbox", manager="bob"),
    person("gone", kind="team", manager="dan"),
    person("old", "left", kind="team", manager="bob"),
    person("inc", kind="vendor", manager="bob"),
    person("e1", "left", name="Kim Doe", email="kim@msp.example"),
    person("e2", name="kim  doe", email="KIM@msp.example"),
    person("f1", "left", name="Jo Roe", email="it@msp.example"),
    person("f2", name="Al Poe", email="it@msp.example"),
)


@pytest.fixture(scope="module")
def pipeline() -> Pipeline:
    return Pipeline()


@pytest.fixture
def judge(pipeline: Pipeline) -> Any:
    def one(*facts: Fact, **more: Any) -> Verdict:
        return pipeline.judge({"one": facts}, PARTIES, **more)["one"]

    return one


F = Fact


CASES: list[tuple[str, list[Fact], str, str | None]] = [
    ("0.55 and 0.30 reach 0.60", [F("S7", "ann"), F("S12", "ann")], "inferred", "ann"),
    ("0.55 alone suggests", [F("S7", "ann")], "suggested", "ann"),
    ("until it has decayed below 0.40", [F("S7", "ann", 82)], "suggested", "ann"),
    ("then it is nobody's", [F("S7", "ann", 83)], "unowned", None),
    ("a contact alone owns nothing", [F("S12", "ann")], "unowned", None),
    ("two tags, two owners", [F("S2", "ann"), F("S2", "bob")], "conflict", None),
    ("exactly the margin apart is enough", [F("S2", "ann"), F("S10", "bob")], "declared", "ann"),
    ("one clearly newer", [F("S2", "ann"), F("S2", "bob", 92)], "declared", "ann"),
    ("one hardly newer", [F("S2", "ann"), F("S2", "bob", 90)], "conflict", None),
    ("a register stands however old", [F("S2", "ann", 900), F("S7", "bob")], "declared", "ann"),
    ("a catalogue only infers", [F("S10", "ann")], "inferred", "ann"),
    ("authors only suggest", [F("S9", "ann")], "suggested", "ann"),
    ("code owners infer", [F("S9", "ann", role="accountable")], "inferred", "ann"),
    ("a leaver in the register", [F("S2", "dan")], "orphaned", None),
    ("and a suggested successor", [F("S2", "dan"), F("S7", "ann")], "orphaned", None),
    ("and a declared one", [F("S2", "dan"), F("S2", "ann")], "declared", "ann"),
    ("and a team", [F("S2", "dan"), F("S2", "ops")], "team_only", "ops"),
    ("a leaver made it long ago", [F("S7", "dan", 900)], "orphaned", None),
    ("on leave is here", [F("S2", "cat")], "declared", "cat"),
    ("a team without lead", [F("S2", "ops")], "team_only", "ops"),
    ("a team whose lead has left", [F("S2", "gone")], "team_only", "gone"),
    ("a team counts for its lead and never declares", [F("S2", "noc")], "inferred", "bob"),
    ("so does a mailbox", [F("S2", "box")], "inferred", "bob"),
    ("but no vendor", [F("S2", "inc")], "team_only", "inc"),
    ("a team that is no more", [F("S2", "old")], "orphaned", None),
    ("a person goes before a team", [F("S2", "ops"), F("S2", "ann", 700)], "declared", "ann"),
    ("a lead who says no leaves a team", [F("S2", "noc"), F("deny", "bob")], "team_only", "noc"),
    ("who came back has another id", [F("S2", "e1")], "declared", "e2"),
    ("an address given on is no return", [F("S2", "f1")], "orphaned", None),
    ("attested", [F("attest", "ann"), F("S2", "bob")], "attested", "ann"),
    ("the newest holds", [F("attest", "ann", 1), F("attest", "bob", 9)], "attested", "ann"),
    ("no leaver by attestation", [F("attest", "dan"), F("S2", "bob")], "declared", "bob"),
    ("nor anybody else", [F("attest", "dan")], "orphaned", None),
    ("the day before it ends", [F("attest", "ann", 179)], "attested", "ann"),
    ("ended, it decays", [F("attest", "ann", 181)], "suggested", "ann"),
    ("and gives way to a register", [F("attest", "ann", 181), F("S2", "bob")], "declared", "bob"),
    ("and to nothing", [F("attest", "ann", 260)], "unowned", None),
    ("shorter than usual", [F("attest", "ann", 10, until=5)], "inferred", "ann"),
    ("not mine", [F("S2", "ann"), F("deny", "ann")], "unowned", None),
    ("not mine reopens the question", [F("S2", "ann"), F("S7", "bob"), F("deny", "ann")],
     "suggested", "bob"),
    ("not mine, until it ends", [F("S2", "ann"), F("deny", "ann", 181)], "declared", "ann"),
    ("not mine after all", [F("deny", "ann", 9), F("attest", "ann", 1)], "attested", "ann"),
    ("no longer mine", [F("attest", "ann", 9), F("deny", "ann", 1)], "unowned", None),
    ("a leaver who said no is no last owner", [F("S2", "dan"), F("deny", "dan")], "unowned", None),
    ("a control infers", [F("control", "ann")], "inferred", "ann"),
    ("weakly linked it suggests", [F("control", "ann", confidence=0.7)], "suggested", "ann"),
    ("ten controls are one", [F("control", "ann", confidence=0.7)] * 10, "suggested", "ann"),
    ("the matrix names it", [F("control", "ann", explicit=True)], "declared", "ann"),
    ("but somebody else is declared", [F("control", "ann", explicit=True), F("S2", "bob", 300)],
     "declared", "bob"),
    ("or was, and left", [F("control", "ann", explicit=True), F("S2", "dan")], "declared", "ann"),
    ("or says no", [F("control", "ann", explicit=True), F("S2", "bob"), F("deny", "bob")],
     "declared", "ann"),
    ("both say so", [F("control", "ann", explicit=True), F("S2", "ann")], "declared", "ann"),
    ("two accountable people", [F("control", "ann"), F("control", "bob")], "conflict", None),
]  # fmt: skip


def test_cases(pipeline: Pipeline) -> None:
    found = pipeline.judge({name: facts for name, facts, _, _ in CASES}, PARTIES)
    told = {name: (found[name].status, found[name].owner) for name, *_ in CASES}
    assert told == {name: (status, owner) for name, _, status, owner in CASES}


def test_correlated_claims_count_once(judge: Any) -> None:
    assert judge(F("S7", "ann"), F("S8", "ann")).scores["ann"] == pytest.approx(0.55)
    apart = judge(F("S9", "ann"), F("S11", "ann")).scores["ann"]
    same = judge(F("S9", "ann", origin="repo"), F("S11", "ann", origin="repo")).scores["ann"]
    assert (apart, same) == (pytest.approx(1 - 0.55 * 0.55), pytest.approx(0.45))


def test_a_register_is_surer_than_the_cap(judge: Any) -> None:
    assert judge(F("S2", "ann"), F("S5", "ann")).score == pytest.approx(1 - 0.05 * 0.15)
    assert judge(F("S10", "ann"), F("S5", "ann")).score == 0.85


def test_explicit_backup_then_second_claimant_then_manager(judge: Any) -> None:
    named = judge(F("S2", "lee"), F("S2", "ann", role="backup"), F("S7", "cat"))
    second = judge(F("S2", "lee"), F("S7", "cat"))
    weak = judge(F("S2", "lee"))
    none = judge(F("S2", "ann"))
    assert [(v.backup, v.basis) for v in (named, second, weak, none)] == [
        ("ann", "named as backup"),
        ("cat", "second claimant"),
        ("bob", "manager (weak)"),
        (None, None),
    ]


def test_an_owner_is_no_backup_and_a_leaver_none_either(judge: Any) -> None:
    found = judge(F("S2", "ann"), F("S2", "ann", role="backup"), F("S2", "dan", role="backup"))
    assert found.backup is None
    assert judge(F("S2", "ann"), F("S2", "noc", role="backup")).backup == "bob"


def test_the_last_known_owner_is_remembered(judge: Any) -> None:
    assert judge(F("S2", "eve")).last_known == "eve"
    assert judge(F("S2", "eve")).backup == "ann"
    assert judge(F("S2", "ann"), F("S7", "dan")).last_known == "dan"


def test_every_claim_says_what_became_of_it(judge: Any) -> None:
    found = judge(
        F("attest", "ann", 1), F("attest", "lee", 2), F("S2", "noc"), F("S7", "cat"),
        F("deny", "cat"), F("S8", "a pipeline", by_machine=True),
    )  # fmt: skip
    assert found.outcomes == [
        "counts for Bob, lead of team noc; by party id",
        "decides: attested, in force until 2026-10-27",
        "does not count: a newer attestation names ann",
        "does not count: not theirs, said 2026-05-01 by somebody, until 2026-10-28",
        "no owner: made by an automation",
    ]


def test_names_are_evidence_of_little_weight(pipeline: Pipeline) -> None:
    rules = (Naming(match="SVC-noc-*", owner="noc"), Naming(match="svc-*", owner="nobody"))
    sets = {"svc-noc-mail": [F("S9", "bob")], "svc-x": [], "app": []}
    found = pipeline.judge(sets, PARTIES, naming=rules)
    assert found["svc-noc-mail"].scores["bob"] == pytest.approx(1 - 0.75 * 0.55)
    assert found["svc-x"].outcomes == ["no owner: it names nobody in the roster"]
    assert found["app"].outcomes == []


def test_weights_half_lives_and_thresholds_are_policy(judge: Any) -> None:
    light = Policy(signals={"S2": SignalPolicy(weight=0.5, half_life=None)})
    assert judge(F("S2", "ann", 900), policy=light).score == 0.5
    assert judge(F("S7", "ann"), policy=Policy(owner_accountable=0.5)).status == "suggested"
    assert judge(F("S10", "ann"), policy=Policy(owner_accountable=0.76)).status == "suggested"
    assert judge(F("S7", "ann"), policy=Policy(owner_suggested=0.56)).status == "unowned"
    rivals = (F("S2", "ann"), F("S2", "bob", 92))
    assert judge(*rivals, policy=Policy(owner_margin=0.2)).status == "conflict"
    both = (F("S10", "ann"), F("S5", "ann"))
    assert judge(*both, policy=Policy(owner_cap=0.9)).score == 0.9


def test_machines_that_own_machines_are_followed_three_steps(pipeline: Pipeline) -> None:
    machine = {"by_machine": True, "role": "accountable"}
    chain: dict[str, list[Fact]] = {f"m{n}": [F("S4", f"m{n + 1}", **machine)] for n in range(5)}  # type: ignore[arg-type]
    chain |= {"m5": [F("S2", "ann")], "loop": [F("S4", "loop", **machine)]}  # type: ignore[arg-type]
    chain |= {"a": [F("S4", "b", **machine)], "b": [F("S4", "a", **machine)]}  # type: ignore[arg-type]
    found = pipeline.judge(chain, PARTIES)
    assert {n: found[n].owner for n in chain} == {
        "m5": "ann", "m4": "ann", "m3": "ann", "m2": "ann", "m1": None, "m0": None,
        "loop": None, "a": None, "b": None,
    }  # fmt: skip
    assert (found["m4"].status, found["m5"].status) == ("inferred", "declared")


def test_a_machine_is_not_followed_to_a_leaver(pipeline: Pipeline) -> None:
    owned = [F("S4", "pipe", by_machine=True, role="accountable")]
    found = pipeline.judge({"app": owned, "pipe": [F("S2", "dan")]}, PARTIES)
    assert (found["app"].status, found["app"].last_known) == ("orphaned", "dan")
