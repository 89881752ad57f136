"""Identities are tied to control instances by every basis, as surely as the bases allow."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nhiscan.matrix.capabilities import capabilities
from nhiscan.matrix.catalog import built_in
from nhiscan.records import Credential, Usage
from tests.matrix.linked import SOURCE, Linked, does, instance
from tests.ownership.estate import AT, identity_id, party

APRIL = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture
def estate(tmp_path: Path) -> Linked:
    return Linked(tmp_path)


def bases(link: dict[str, Any]) -> dict[str, float]:
    return {reason["basis"]: reason["weight"] for reason in link["reasons"]}


def test_one_class_of_actions_suggests_a_control(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": does("keeper", "backup")})

    link = estate.link("keeper")

    assert link["instance_id"] == "acme/backup"
    assert bases(link) == {"action_class": 0.5}
    assert link["state"] == "suggested"
    assert link["grade"] == "can_change"
    assert link["reasons"][0]["evidence"] == "role custom gives backup"


def test_who_may_do_everything_is_tied_to_nothing(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"), instance("acme/keys", "CC6.1"))
    estate.scan({"acme": does("root-bot", "admin") + does("wide", "backup", "key", "log")})

    assert estate.links() == {}


def test_a_role_for_it_links_and_its_class_counts_no_second_time(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": does("keeper", "backup", role="AWSBackupOperatorAccess")})

    link = estate.link("keeper")

    assert bases(link) == {"role": 0.7, "action_class": 0.5}
    assert link["confidence"] == pytest.approx(0.70)
    assert link["state"] == "linked"


def test_a_role_beside_others_that_change_more_says_little(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    wide = does("wide", "backup", role="AWSBackupOperatorAccess")
    deploys = [*does("wide", "deploy", "key", role="pipeline")[1:]]
    reads = [*does("wide", "read", role="ViewOnlyAccess")[1:]]
    estate.scan({"acme": [*wide, *reads]})
    assert estate.link("wide")["state"] == "linked"

    estate.scan({"acme": [*wide, *deploys, *reads]}, at=AT + timedelta(hours=1))
    assert estate.links() == {}


def test_who_is_known_to_only_read_changes_nothing(estate: Linked) -> None:
    estate.client("acme", instance("acme/logs", "CC7.2"))
    records = does("siem", "log", role="AuditLog.Read.All", privilege="read", used=APRIL)
    estate.scan({"acme": records})

    assert (estate.link("siem")["state"], estate.link("siem")["grade"]) == ("linked", "reads")


def test_seen_at_it_in_the_period_is_operating(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": does("keeper", "backup", used=APRIL, service="backup")})

    link = estate.link("keeper")

    assert bases(link) == {"operation": 0.85, "action_class": 0.5}
    assert link["confidence"] == pytest.approx(0.90)  # 0.925, but inference is never surer
    assert link["grade"] == "operates"
    assert link["unread"] == []


@pytest.mark.parametrize(
    ("classes", "used", "service"),
    [
        (("backup",), datetime(2025, 12, 31, 23, tzinfo=UTC), "backup"),  # before the period
        (("backup",), APRIL, "sqs"),  # something else
        (("read",), APRIL, "backup"),  # may not
    ],
)
def test_what_is_no_operation_of_it(
    estate: Linked, classes: tuple[str, ...], used: datetime, service: str
) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": does("keeper", *classes, used=used, service=service)})

    found = estate.links()

    assert "operation" not in str(found)
    assert all(link["grade"] != "operates" for link in found.values())


def test_a_service_that_serves_much_else_fits_and_proves_nothing(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": does("keeper", "backup", used=APRIL, service="s3")})

    link = estate.link("keeper")

    assert bases(link) == {"action_class": 0.5}
    assert (link["state"], link["grade"]) == ("suggested", "operates")


def test_a_tag_names_criteria_or_an_instance(estate: Linked) -> None:
    estate.client("acme", instance("acme/leavers", "CC6.2"), instance("acme/backup", "A1.2"))
    records = [
        *does("one", "iam", tags={"SOC2-Control": "CC6.2"}),
        *does("two", "read", tags={"soc2-control": "cc6-2"}),  # as labels of Google Cloud
        *does("three", "write", tags={"soc2-control": "acme/backup"}),
        *does("four", "read", tags={"soc2-control": "CC6.1; a1.2"}),
        *does("five", "read", tags={"soc2-controls": "CC6.2"}),
    ]
    estate.scan({"acme": records})

    found = estate.links()

    assert {name: (link["instance_id"], link["state"]) for name, link in found.items()} == {
        "one": ("acme/leavers", "linked"),
        "two": ("acme/leavers", "linked"),
        "three": ("acme/backup", "linked"),
        "four": ("acme/backup", "linked"),
    }
    assert found["one"]["confidence"] == pytest.approx(0.90)
    assert [found[name]["grade"] for name in ("one", "two", "three")] == [
        "can_change", "reads", "can_change",
    ]  # fmt: skip


def test_the_tag_of_an_account_dedicates_it(estate: Linked) -> None:
    estate.account_tags = {"soc2-control": "A1.2"}
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": does("keeper", "read"), "beta": does("other", "read")})

    assert set(estate.links()) == {"keeper"}
    assert bases(estate.link("keeper")) == {"dedicated": 0.8}
    assert estate.link("keeper")["confidence"] == pytest.approx(0.80)


def test_rules_of_names_and_repositories_agree(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.rules(
        {"id": "n", "match": {"name": "svc-bkp-*"}, "criteria": ["A1.2"], "basis": "name"},
        {"id": "r", "match": {"tag": "repo=acme/*"}, "criteria": ["A1.2"], "basis": "repository"},
    )
    estate.scan(
        {
            "acme": does("svc-bkp-1", "read")
            + does("SVC-BKP-2", "read", tags={"repo": "acme/backup"})
            + does("other", "read", tags={"repo": "beta/backup"})
        }
    )

    assert set(estate.links()) == {"svc-bkp-1", "SVC-BKP-2"}
    assert estate.link("svc-bkp-1")["state"] == "suggested"
    assert estate.link("svc-bkp-1")["confidence"] == pytest.approx(0.40)
    assert estate.link("SVC-BKP-2")["confidence"] == pytest.approx(1 - 0.6 * 0.55)
    assert estate.link("SVC-BKP-2")["state"] == "suggested"


def test_all_that_a_rule_asks_must_hold(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    match = {
        "role": "vault-*", "action_class": "key", "provider": "aws", "tenant": "acme",
        "kind": "user", "class": "machine", "native_type": "aws.iam.*", "account": "111122223333",
    }  # fmt: skip
    estate.rules({"id": "v", "match": match, "criteria": ["A1.2"], "basis": "role"})
    estate.scan(
        {
            "acme": does("yes", "key", role="Vault-Writer")
            + does("other-class", "log", role="vault-writer")
            + does("other-role", "key", role="writer")
        }
    )

    assert set(estate.links()) == {"yes"}
    assert bases(estate.link("yes")) == {"role": 0.7}


def test_people_and_what_the_platform_runs_are_never_inferred(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    records = [
        *does("dana", "backup", role="AWSBackupFullAccess", class_="human"),
        *does("agent", "backup", role="AWSBackupFullAccess", class_="platform"),
        *does("off", "backup", role="AWSBackupFullAccess", enabled=False),
        *does("bot", "backup", role="AWSBackupFullAccess"),
    ]
    estate.scan({"acme": records})

    assert set(estate.links()) == {"bot"}


def test_only_instances_of_the_same_client_and_of_today(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.client("beta", instance("beta/backup", "A1.2"))
    role = "AWSBackupFullAccess"
    everywhere = {
        "acme": does("mine", "backup", role=role),
        "acme-labs": does("of-the-group", "backup", role=role),
        "gamma": does("without-matrix", "backup", role=role),
        "northwind": does("msp-own", "backup", role=role),
    }
    estate.scan(everywhere)

    assert {name: row["instance_id"] for name, row in estate.links().items()} == {
        "mine": "acme/backup",
        "of-the-group": "acme/backup",
    }

    estate.again(AT + timedelta(days=365))

    assert estate.links() == {}


def test_a_second_reading_changes_nothing(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": does("keeper", "backup", used=APRIL, service="backup")})
    estate.again(AT + timedelta(days=1))

    assert len(estate.rows("SELECT * FROM control_links_history")) == 1


def test_rights_that_were_not_read_leave_the_grade_at_what_is_proven(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    keeper = does("keeper", tags={"soc2-control": "A1.2"}, privilege="unknown")
    estate.scan({"acme": keeper}, unread={"iam.authorization_details": "denied"})

    link = estate.link("keeper")

    assert link["grade"] == "reads"
    assert any(text.startswith("iam.authorization_details") for text in link["unread"])
    assert "rights: static reading leaves them unknown" in link["unread"]


def test_the_matrix_selects_by_tag_and_name(estate: Linked) -> None:
    selected = [{"selector": "tag:job=backup*"}, {"selector": "name:vault-*"}]
    estate.client("acme", instance("acme/backup", "A1.2", operated_by=selected))
    records = does("a", "read", tags={"Job": "backup-daily"}) + does("vault-1", "read")
    estate.scan({"acme": records, "beta": does("vault-2", "read", tags={"job": "backup"})})

    assert bases(estate.link("a")) == {"tag": 0.95}
    assert bases(estate.link("vault-1")) == {"name": 0.4}
    assert "vault-2" not in estate.links()


def test_who_answers_for_the_control_may_own_what_performs_it(estate: Linked) -> None:
    estate.parties = [party("dana")]
    estate.client("acme", instance("acme/backup", "A1.2", accountable="dana@acme.example"))
    estate.scan({"acme": does("keeper", "read", tags={"soc2-control": "A1.2"})})

    signals = estate.rows(
        "SELECT signal, party_id FROM ownership_claims WHERE identity_id = ?",
        identity_id("acme", "keeper"),
    )

    assert {"signal": "S15", "party_id": "dana"} in signals


@pytest.mark.parametrize(
    ("at", "linked"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), True),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), True),
        (datetime(2027, 1, 1, tzinfo=UTC), False),
        (datetime(2025, 12, 31, 23, 59, tzinfo=UTC), False),
    ],
)
def test_a_period_has_both_its_days(estate: Linked, at: datetime, linked: bool) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    estate.scan({"acme": does("keeper", "backup")}, at=at)

    assert bool(estate.links()) is linked


@pytest.mark.parametrize(
    ("usage", "said"),
    [("unknown", "use: unknown, no licence"), ("unsupported", "use: unsupported, no licence")],
)
def test_use_that_is_not_told_is_not_absent(estate: Linked, usage: Any, said: str) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    told = Usage(subject="identity", key="keeper", usage=usage, note="no licence", source=SOURCE)
    never = Usage(subject="identity", key="idle", usage="never", source=SOURCE)
    estate.scan({"acme": [*does("keeper", "backup"), told, *does("idle", "backup"), never]})

    assert estate.link("keeper")["unread"] == [said]
    assert (estate.link("idle")["grade"], estate.link("idle")["unread"]) == ("can_change", [])


def test_the_use_of_a_key_is_its_identitys(estate: Linked) -> None:
    estate.client("acme", instance("acme/backup", "A1.2"))
    key = Credential(key="k", identity="keeper", kind="access_key", status="active", source=SOURCE)
    used = Usage(
        subject="credential", key="k", usage="known", last_used_at=APRIL, service="backup",
        source=SOURCE,
    )  # fmt: skip
    estate.scan({"acme": [*does("keeper", "backup"), key, used]})

    assert estate.link("keeper")["grade"] == "operates"


def test_the_table_of_capabilities_is_whole() -> None:
    criteria = {c.id for catalog in built_in() for c in catalog.criteria}
    roles = [(role, c.id) for c in capabilities() for role in c.roles]

    for one in capabilities():
        assert set(one.criteria) <= criteria
        assert not set(one.services) & set(one.also_services)
    assert len({role.lower() for role, _ in roles}) == len(roles)
    # every criterion that the table of governance 2.5 speaks of
    assert {criterion for c in capabilities() for criterion in c.criteria} == {
        *("CC4.1", "CC6.1", "CC6.2", "CC6.3", "CC6.6", "CC6.7", "CC6.8", "CC7.1", "CC7.2", "CC7.4"),
        *("CC7.5", "CC8.1", "CC9.2", "A1.2", "A1.3", "C1.1", "C1.2", "P4.3"),
        *("PI1.2", "PI1.3", "PI1.4", "PI1.5"),
    }
