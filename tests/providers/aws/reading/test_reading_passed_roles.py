"""Passing a role is a way in only where one may start something under it, in which service."""

import pytest

from nhiscan_providers.aws.reading.becoming import Federated, Opening
from nhiscan_providers.aws.reading.ways import TAKES, Start, starts
from tests.providers.aws.reading.openings import EC2, IAM, LAMBDA, ROLES, openings, told
from tests.providers.aws.reading.policies import CONDITION, FULL, allow, deny, doc

PASS = allow("iam:PassRole")
START = allow(["lambda:CreateFunction", "lambda:InvokeFunction", "ec2:RunInstances"])


def to(*services: str, operator: str = "StringEquals") -> dict[str, object]:
    return {"Condition": {operator: {"iam:PassedToService": list(services)}}}


def only(found: tuple[Opening, ...]) -> Opening:
    (one,) = found
    assert one.way == "passed_role"
    return one


def test_either_half_alone_is_nothing() -> None:
    assert openings(PASS) == ()
    assert openings(START) == ()
    assert openings(PASS, allow("lambda:CreateFunction")) == ()
    assert openings(PASS, allow(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"])) == ()
    assert openings(PASS, allow("s3:*"), allow("ec2:Describe*")) == ()


@pytest.mark.parametrize("start", starts())
def test_every_way_to_start_is_one_alone_and_takes_all_its_actions(start: Start) -> None:
    actions = list(start.actions)
    assert only(openings(PASS, allow(actions))).services == (start.service,)
    for missing in actions:
        rest = [one for one in actions if one != missing]
        found = openings(PASS, allow(rest)) if rest else openings(PASS)
        assert not found
    assert not set(actions) & set(TAKES)


def test_both_halves_say_which_roles_in_which_services_by_which_actions() -> None:
    found = only(openings(PASS, START))
    assert (found.acts_as, found.verdict) == (ROLES, "granted")
    assert found.services == (LAMBDA, EC2)
    assert found.actions == (
        "iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction", "ec2:RunInstances",
    )  # fmt: skip
    narrow = only(openings(allow("iam:PassRole", "arn:aws:iam::*:role/fn-*"), START))
    assert (narrow.acts_as, narrow.verdict) == (f"{IAM}:role/fn-*", "scoped")


@pytest.mark.parametrize(
    ("condition", "services", "verdict"),
    [
        (to(LAMBDA), (LAMBDA,), "granted"),
        (to(LAMBDA, EC2), (LAMBDA, EC2), "granted"),
        (to("lambda.*", operator="StringLike"), (LAMBDA,), "granted"),
        (to("*", operator="StringLike"), (LAMBDA, EC2), "granted"),
        (to("LAMBDA.amazonaws.com", operator="StringEqualsIgnoreCase"), (LAMBDA,), "granted"),
        (to(LAMBDA, operator="StringEqualsIfExists"), (LAMBDA,), "granted"),
        (to(LAMBDA, operator="ForAnyValue:StringEquals"), (LAMBDA,), "granted"),
        (to(LAMBDA, operator="StringNotEquals"), (EC2,), "granted"),
        (to("l*", operator="StringNotLike"), (EC2,), "granted"),
        (to("${aws:PrincipalTag/service}"), (LAMBDA, EC2), "scoped"),
        (to("lambda.eu-west-1.amazonaws.com"), (LAMBDA,), "scoped"),
        (
            {"Condition": {**to(LAMBDA)["Condition"], **CONDITION}},  # type: ignore[dict-item]
            (LAMBDA,),
            "scoped",
        ),
    ],
)
def test_the_service_that_a_role_may_be_passed_to(
    condition: dict[str, object], services: tuple[str, ...], verdict: str
) -> None:
    found = only(openings(allow("iam:PassRole", **condition), START))
    assert (found.services, found.verdict) == (services, verdict)


def test_a_service_is_told_by_every_name_that_roles_trust_it_by() -> None:
    start = [allow("iam:PassRole"), allow(["states:*", "ec2:RunInstances"])]
    names = ["states.eu-west-1.amazonaws.com", "ec2.amazonaws.com.cn", "rds.amazonaws.com", "x"]
    found = only(openings(*start, trusted=names))
    assert found.services == (
        EC2, "ec2.amazonaws.com.cn", "states.amazonaws.com", "states.eu-west-1.amazonaws.com",
    )  # fmt: skip


def test_no_service_that_it_may_be_passed_to_can_be_started() -> None:
    assert openings(allow("iam:PassRole", **to("rds.amazonaws.com")), START) == ()
    assert openings(allow("iam:PassRole", **to("lambda.*")), START) == ()  # no wildcard there


@pytest.mark.parametrize(
    ("denial", "services", "verdict"),
    [
        (deny("iam:PassRole", **to(EC2)), (LAMBDA,), "granted"),
        (deny("iam:PassRole", **to(LAMBDA, operator="StringNotEquals")), (LAMBDA,), "granted"),
        (deny("iam:PassRole", f"{IAM}:role/x", **to(EC2)), (LAMBDA, EC2), "scoped"),
        (deny("iam:PassRole", Condition=CONDITION), (LAMBDA, EC2), "scoped"),
        (deny("ec2:RunInstances"), (LAMBDA,), "granted"),
        (deny("ec2:RunInstances", "arn:aws:ec2:*:*:subnet/x"), (LAMBDA, EC2), "scoped"),
        (deny("ec2:RunInstances", Condition=CONDITION), (LAMBDA, EC2), "scoped"),
    ],
)
def test_a_deny_of_either_half_in_any_layer(
    denial: dict[str, object], services: tuple[str, ...], verdict: str
) -> None:
    for found in (
        openings(PASS, START, denial),
        openings(PASS, START, boundary=doc(FULL, denial)),
        openings(PASS, START, scps=[[doc(FULL), doc(denial)]]),
    ):
        assert (only(found).services, only(found).verdict) == (services, verdict)


def test_limits_must_admit_both_halves() -> None:
    assert openings(PASS, START, boundary=doc(PASS)) == ()
    assert openings(PASS, START, boundary=doc(START)) == ()
    both = only(openings(PASS, START, boundary=doc(PASS, allow("ec2:*"))))
    assert (both.services, both.verdict) == ((EC2,), "granted")


def test_starting_on_some_resources_is_scoped_and_on_those_of_others_nothing() -> None:
    some = allow("ec2:RunInstances", "arn:aws:ec2:*:*:instance/*")
    assert only(openings(PASS, some)).verdict == "scoped"
    assert openings(PASS, allow("*", "arn:aws:s3:::bucket/*")) == ()


def test_a_role_that_may_be_passed_to_some_services_stands_beside_all_roles_to_others() -> None:
    found = openings(
        allow("iam:PassRole", f"{IAM}:role/x"),
        allow("iam:PassRole", **to(LAMBDA)),
        START,
    )
    assert {(one.acts_as, one.services) for one in found} == {
        (f"{IAM}:role/x", (EC2,)),
        (ROLES, (LAMBDA,)),
    }


SAML = [
    Federated(f"{IAM}:saml-provider/Corp", f"{IAM}:role/staff"),
    Federated(f"{IAM}:saml-provider/Corp", f"{IAM}:role/boss"),
    Federated(f"{IAM}:saml-provider/Other", f"{IAM}:role/guest"),
]


def test_whoever_writes_a_saml_provider_could_become_the_roles_that_trust_it() -> None:
    every = openings(allow("iam:UpdateSAMLProvider"), federated=SAML)
    assert told(every) == {
        ("added_federation", f"{IAM}:role/{name}", "granted") for name in ("staff", "boss", "guest")
    }
    one = openings(allow("iam:*", f"{IAM}:saml-provider/Other"), federated=SAML)
    assert told(one) == {("added_federation", f"{IAM}:role/guest", "scoped")}
    assert openings(allow("iam:UpdateSAMLProvider")) == ()
    oidc = ["iam:CreateOpenIDConnectProvider", "iam:AddClientIDToOpenIDConnectProvider"]
    assert openings(allow(oidc), federated=SAML) == ()


def test_a_provider_is_not_told_where_the_trust_itself_may_be_changed() -> None:
    assert {one.way for one in openings(allow("iam:*"), federated=SAML)} == {
        "new_credential",
        "changed_trust",
    }
