"""MON-01 to MON-03: silent collectors, alerts nobody triaged, tuning that nobody approved."""

from tests.lifecycle.conftest import Days, account, on
from tests.queries import estate

WHAT = ", which feeds acme/CC7.2/one, "


def collectors() -> estate.Unit:
    """One that works, and one of each fault."""
    unit = account()
    unit.identity("shipper", used=1)
    unit.identity("silent", used=11)
    unit.identity("fresh", used=None, usage="never")
    unit.identity("off", used=1, enabled=False)
    unit.identity("lapsed", used=1)
    unit.credential("lapsed", "k1", status="expired", expires_at=on(-11))
    unit.identity("renewed", used=1)
    unit.credential("renewed", "k1", status="expired", expires_at=on(-11))
    unit.credential("renewed", "k2", expires_at=on(90))
    unit.identity("dark", used=None, usage="unknown")
    unit.identity("other", used=100)
    return unit


NAMES = ("shipper", "silent", "fresh", "off", "lapsed", "renewed", "dark")


def test_each_fault_of_a_collector_is_found_and_no_other(days: Days) -> None:
    days.instance("CC7.2", *NAMES)
    days.scan(0, collectors())
    assert days.found("MON-01") == {
        f"silent{WHAT}is silent": "open",
        f"fresh{WHAT}was never used": "open",
        f"off{WHAT}is disabled": "open",
        f"lapsed{WHAT}has no credential that has not expired": "open",
        f"dark{WHAT}may be silent": "unknown",
    }


def test_events_of_use_count_and_silence_lasts_as_long_as_the_sla_allows(days: Days) -> None:
    (days.folder / "matrix/slas.yaml").write_text(
        "slas:\n  monitoring: {max_age: 12d, produce_within: 7d, retrieve_within: 1d,"
        " retain_for: 7y}\n"
    )
    days.instance("CC7.2", "silent", "dark", domain="monitoring")
    days.scan(0, collectors())
    assert days.found("MON-01") == {f"dark{WHAT}may be silent": "unknown"}
    days.record("usage", {"identity": "dark", "time": on(-1), "action": "ship"})
    assert days.found("MON-01") == {}


def test_silence_since_the_last_read_is_not_known(days: Days) -> None:
    days.instance("CC7.2", "shipper")
    days.scan(0, collectors())
    days.judge(8)
    assert days.found("MON-01") == {f"shipper{WHAT}may be silent": "unknown"}
    days.scan(9, collectors(), denied=[estate.REPORT, estate.DETAILS])
    assert days.found("MON-01") == {f"shipper{WHAT}may be silent": "unknown"}


def test_an_alert_is_triaged_within_a_day(days: Days) -> None:
    days.instance("CC7.2", "shipper")
    days.scan(0, collectors())
    gap = [r["title"] for r in days.query("alert-untriaged")]
    assert gap == ["no triage record of acme was ever imported"]

    days.record(
        "triage_record",
        {"alert_id": "a-1", "raised_at": on(-2), "triaged_at": on(-1.9), "triaged_by": "dana"},
        {"alert_id": "a-2", "raised_at": on(-2)},
        {"alert_id": "a-3", "raised_at": on(-0.9)},
    )
    assert days.found("MON-02") == {"nobody triaged alert a-2": "open"}
    days.record("triage_record", {"alert_id": "a-2", "raised_at": on(-2), "triaged_at": on(0)})
    assert days.found("MON-02") == {}
    assert days.query("alert-untriaged") == []


def test_tuning_needs_somebody_else_and_beforehand(days: Days) -> None:
    days.scan(0, collectors())
    change = {"changed_by": "dana", "changed_at": on(-2)}
    days.record(
        "alert_rule_change",
        {**change, "rule": "good", "approved_by": "cto", "approved_at": on(-3)},
        {**change, "rule": "none"},
        {**change, "rule": "self", "approved_by": "Dana Ruiz", "approved_at": on(-3)},
        {**change, "rule": "late", "approved_by": "cto", "approved_at": on(-1)},
        {**change, "rule": "undated", "approved_by": "cto"},
    )
    assert days.found("MON-03") == {
        "alert rule none was changed without approval": "open",
        "alert rule self was changed and approved by the same person": "open",
        "alert rule late was changed and approved only afterwards": "open",
        "alert rule undated was changed and approved, nobody can tell when": "unknown",
    }


def test_the_chain_names_the_links_that_are_broken_and_those_not_known(days: Days) -> None:
    days.instance("CC7.2", "shipper", "silent")
    days.scan(0, collectors())
    days.record("triage_record", {"alert_id": "a-2", "raised_at": on(-2)})
    chain = days.query("monitoring-chain", tenant="acme")
    assert [(row["what"], row["subject"], row["state"]) for row in chain] == [
        ("collector", "shipper", "whole"),
        ("collector", "silent", "broken"),
        ("rule", "none was ever imported", "unknown"),
        ("alert", "a-2", "whole"),
        ("triage", "a-2", "broken"),
        ("escalation", "none was ever imported", "unknown"),
    ]
