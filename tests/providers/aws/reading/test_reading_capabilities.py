"""What an identity may do: every layer that gives, takes away, narrows, or could not be read."""

from typing import get_args

import pytest

from nhiscan.records import ActionClass
from nhiscan_providers.aws.reading.capabilities import (
    CapabilityReader,
    Policy,
)
from nhiscan_providers.aws.reading.documents import Document, unread
from nhiscan_providers.aws.reading.masks import class_masks
from nhiscan_providers.aws.reading.probes import probes
from tests.providers.aws.reading.policies import (
    CONDITION,
    FULL,
    allow,
    but,
    deny,
    doc,
    policy,
    read,
)


@pytest.mark.parametrize(
    ("statements", "verdict"),
    [
        ([], "denied"),
        ([allow("cloudtrail:StopLogging")], "granted"),
        ([allow("CLOUDTRAIL:stoplogging")], "granted"),
        ([allow("cloudtrail:Stop*")], "granted"),
        ([allow("cloudtrail:Sto?Logging")], "granted"),
        ([allow("cloudtrail:StopLoggin")], "denied"),
        ([allow(["s3:*", "*:StopLogging"])], "granted"),
        ([allow("*")], "granted"),
        ([allow("cloudtrail:StopLogging", "arn:aws:cloudtrail:*:*:trail/x")], "scoped"),
        ([allow("cloudtrail:StopLogging", ["arn:aws:cloudtrail:*:*:trail/x", "*"])], "granted"),
        ([allow("cloudtrail:StopLogging", "arn:aws:cloudtrail:*:*:*")], "granted"),
        ([allow("cloudtrail:StopLogging", "arn:aws:s3:::*")], "scoped"),
        ([allow("cloudtrail:*", "arn:aws:cloudtrail:eu-west-1:*:*")], "scoped"),
        ([allow("cloudtrail:*", "arn:aws:cloudtrail:*:444455556666:*")], "scoped"),
        ([allow("cloudtrail:StopLogging", Condition=CONDITION)], "scoped"),
        ([allow("cloudtrail:StopLogging", Condition={})], "granted"),
        (
            [{"Effect": "Allow", "Action": "cloudtrail:*", "NotResource": "arn:aws:cloudtrail:x"}],
            "scoped",
        ),
        ([but("iam:*")], "granted"),
        (
            [but("cloudtrail:*", "logs:*")],
            "granted",  # guardduty and others of the class remain
        ),
        ([allow("*"), deny("cloudtrail:*")], "granted"),  # the same
        ([allow("cloudtrail:*"), deny("cloudtrail:*")], "denied"),
        ([allow("cloudtrail:*"), deny("*")], "denied"),
        ([allow("cloudtrail:*"), deny("*", Condition=CONDITION)], "scoped"),
        ([allow("cloudtrail:*"), deny("cloudtrail:*", "arn:aws:cloudtrail:*:*:trail/x")], "scoped"),
        (
            [allow("cloudtrail:*"), but("s3:*", effect="Deny")],
            "denied",
        ),
        ([allow("cloudtrail:*"), deny("s3:*")], "granted"),
    ],
)
def test_the_verdict_on_a_class(statements: list[object], verdict: str) -> None:
    assert read(*statements).verdicts["log"] == verdict


def test_each_class_has_its_probes_and_a_verdict() -> None:
    assert len(probes()) == len({probe.action for probe in probes()}) == 87
    assert set(class_masks()) == set(get_args(ActionClass)) - {"write"}
    assert all(probe.criteria for probe in probes())
    for probe in probes():
        found = read(allow(probe.action))
        assert found.verdicts[probe.action_class] == "granted"
        (power,) = found.powers
        assert (power.actions, power.scope) == ((probe.action,), "*")


def test_powers_say_which_policy_by_which_way_and_which_probes() -> None:
    policies = [
        policy(allow("backup:*"), name="own", via="inline"),
        policy(allow("s3:GetObject", "arn:aws:s3:::acme/*"), name="AmazonX", via="attached"),
        policy(allow("s3:GetObject"), name="team", via="group:ops"),
    ]
    found = CapabilityReader(()).read(policies)
    seen = {(p.action_class, p.policy, p.via): (p.verdict, p.scope) for p in found.powers}
    assert seen == {
        ("backup", "own", "inline"): ("granted", "*"),
        ("data", "AmazonX", "attached"): ("scoped", "arn:aws:s3:::acme/*"),
        ("data", "team", "group:ops"): ("granted", "*"),
    }
    assert found.verdicts["data"] == "granted"
    backup = next(power for power in found.powers if power.action_class == "backup")
    assert backup.actions[0] == "backup:CreateBackupPlan"
    assert len(backup.actions) == 5
    assert "own (inline)" in backup.reason


@pytest.mark.parametrize(
    ("boundary", "verdict"),
    [
        (doc(FULL), "granted"),
        (doc(allow("cloudtrail:*")), "granted"),
        (doc(allow("s3:*")), "denied"),
        (doc(allow("cloudtrail:*", Condition=CONDITION)), "scoped"),
        (doc(FULL, deny("cloudtrail:*")), "denied"),
        (doc(FULL, deny("cloudtrail:*", Condition=CONDITION)), "scoped"),
        (doc(), "denied"),
        (unread("denied"), "unknown"),
    ],
)
def test_a_boundary_must_allow_too(boundary: Document, verdict: str) -> None:
    found = read(allow("cloudtrail:StopLogging"), boundary=boundary)
    assert found.verdicts["log"] == verdict
    assert [power.verdict for power in found.powers] == [verdict]


@pytest.mark.parametrize(
    ("levels", "verdict"),
    [
        ([], "granted"),
        ([[doc(FULL)]], "granted"),
        ([[doc(FULL)], [doc(FULL)], [doc(FULL)]], "granted"),
        ([[doc(FULL)], [doc(allow("s3:*"))], [doc(FULL)]], "denied"),
        ([[doc(FULL)], [doc(allow("s3:*")), doc(allow("cloudtrail:*"))]], "granted"),
        ([[doc(FULL), doc(deny("cloudtrail:StopLogging"))], [doc(FULL)]], "denied"),
        ([[doc(FULL), doc(deny("*", Condition=CONDITION))]], "scoped"),
        ([[doc(FULL)], []], "unknown"),
        ([[doc(FULL)], [unread("denied")]], "unknown"),
        ([[doc(allow("s3:*"))], [unread("denied")]], "denied"),
        ([[doc(FULL), doc(deny("cloudtrail:*"))], [unread("denied")]], "denied"),
        (None, "unknown"),
    ],
)
def test_every_level_of_scps_must_allow(levels: list[list[Document]] | None, verdict: str) -> None:
    assert read(allow("cloudtrail:StopLogging"), scps=levels).verdicts["log"] == verdict


def test_scps_do_not_touch_service_linked_roles() -> None:
    for scps in (None, [[doc(deny("*"))]]):
        found = read(allow("cloudtrail:StopLogging"), scps=scps, service_linked=True)
        assert found.verdicts["log"] == "granted"


def test_unread_scps_leave_a_guess_that_says_so() -> None:
    found = read(FULL, scps=None)
    assert (found.privilege, found.privilege_as_read) == ("unknown", "admin")
    admin = next(power for power in found.powers if power.action_class == "admin")
    assert (admin.verdict, admin.otherwise) == ("unknown", "granted")
    assert "was not read" in admin.reason
    assert "not everything could be read" in found.privilege_reason


def test_what_was_not_read_of_a_limit_may_admit_everything() -> None:
    found = read(allow("s3:Put*"), scps=[[unread("denied")]])
    assert (found.privilege, found.privilege_as_read) == ("unknown", "write")
    found = read(allow("s3:Put*"), scps=[[doc(deny("s3:*")), unread("denied")]])
    assert found.privilege_as_read == "none"


def test_nothing_allowed_is_nothing_whatever_the_scps_say() -> None:
    found = read(scps=None)
    assert found.privilege == "none"
    assert set(found.verdicts.values()) == {"denied"}
    assert found.powers == ()


def test_an_unread_policy_makes_all_that_it_could_say_unknown() -> None:
    policies = [
        policy(allow("backup:*"), deny("cloudtrail:*", "*"), name="read"),
        Policy("lost", "attached", unread("GetPolicyVersion was refused")),
    ]
    found = CapabilityReader(()).read(policies)
    assert found.privilege == "unknown"
    assert found.verdicts["backup"] == "unknown"  # the lost one may deny it
    assert found.verdicts["iam"] == "unknown"  # or allow it
    lost = {power.action_class for power in found.powers if power.policy == "lost"}
    assert lost == set(class_masks())
    assert all("refused" in power.reason for power in found.powers if power.policy == "lost")
    everything_denied = [policy(deny("*"), name="read"), policies[1]]
    assert set(CapabilityReader(()).read(everything_denied).verdicts.values()) == {"denied"}


def test_a_statement_without_resource_is_not_understood() -> None:
    found = read({"Effect": "Allow", "Action": "s3:*"})
    assert found.verdicts["data"] == "unknown"


ROLE = "arn:aws:iam::444455556666:role/deploy"


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ([allow("sts:AssumeRole", ROLE)], {(ROLE, "scoped")}),
        ([allow("sts:AssumeRole")], {("*", "granted")}),
        (
            [allow("sts:*", [ROLE, "arn:aws:iam::*:role/x"])],
            {(ROLE, "scoped"), ("arn:aws:iam::*:role/x", "scoped")},
        ),
        ([allow("sts:AssumeRole", Condition=CONDITION)], {("*", "scoped")}),
        ([allow("sts:AssumeRole", ROLE), deny("sts:AssumeRole", ROLE)], set()),
        ([allow("sts:AssumeRole", ROLE), deny("sts:*")], set()),
        # names of roles have a case, and a Deny of another one denies nothing
        ([allow("sts:AssumeRole", ROLE), deny("sts:*", f"{ROLE[:-6]}DEPLOY")], {(ROLE, "scoped")}),
        # what a variable holds is not known here: any role that could match
        ([allow("sts:AssumeRole", f"{ROLE}-${{aws:username}}")], {(f"{ROLE}-*", "scoped")}),
        ([allow("sts:AssumeRole"), deny("sts:AssumeRole", ROLE)], {("*", "scoped")}),
        (
            [allow("sts:AssumeRole", ROLE), deny("sts:AssumeRole", ROLE, Condition=CONDITION)],
            {(ROLE, "scoped")},
        ),
        (
            [allow("sts:AssumeRole", Condition=CONDITION), allow("sts:AssumeRole")],
            {("*", "granted")},
        ),
        ([{"Effect": "Allow", "Action": "sts:AssumeRole", "NotResource": ROLE}], {("*", "scoped")}),
        ([allow("sts:GetCallerIdentity")], set()),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": ROLE}], {(ROLE, "scoped")}),
    ],
)
def test_which_roles_it_may_become(
    statements: list[object], expected: set[tuple[str, str]]
) -> None:
    powers = [power for power in read(*statements).powers if power.acts_as]
    assert {(power.acts_as, power.verdict) for power in powers} == expected
    assert all(power.action_class == "iam" for power in powers)
    assert all(power.actions == ("sts:AssumeRole",) for power in powers)


def test_a_boundary_may_keep_it_from_every_role() -> None:
    found = read(allow("sts:AssumeRole"), boundary=doc(allow("s3:*")))
    assert [power for power in found.powers if power.acts_as] == []
