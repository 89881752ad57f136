"""Openings against AWS's rules worked out by brute force: each identity, action and service."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nhiscan_providers.aws.reading.becoming import OpeningReader
from nhiscan_providers.aws.reading.capabilities import Policy
from nhiscan_providers.aws.reading.documents import parse
from nhiscan_providers.aws.reading.pieces import Home
from nhiscan_providers.aws.reading.ways import CHANGED_TRUST, NEW_CREDENTIAL, PASS_ROLE, starts

ACCOUNT = "111122223333"
IAM = f"arn:aws:iam::{ACCOUNT}"
USERS = [f"{IAM}:user/{name}" for name in ("ann", "bob", "app/ann", "App")]
ROLES = [f"{IAM}:role/{name}" for name in ("ann", "bob", "app/ann", "deploy")]
SERVICES = ("lambda.amazonaws.com", "ec2.amazonaws.com", "states.amazonaws.com")
OTHER = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
Statement = dict[str, Any]

ACTIONS = st.sampled_from(
    [
        "*", "iam:*", "iam:Create*", "iam:CreateAccessKey", "iam:CreateLoginProfile",
        "iam:UpdateAssumeRolePolicy", "iam:PassRole", "iam:PassRole", "lambda:*", "ec2:Run*",
        "lambda:CreateFunction", "lambda:InvokeFunction", "states:*", "*:Describe*", "s3:*",
    ]
)  # fmt: skip
RESOURCES = st.sampled_from(
    [
        "*", "*", "*", f"{IAM}:user/*", f"{IAM}:role/*", f"{IAM}:*", f"{IAM}:user/ann",
        "arn:aws:iam::*:role/b?b", f"{IAM}:role/app/*", "arn:aws:iam::*:*/ann", "*ann", "*app*",
        "arn:aws:iam::444455556666:*", "arn:aws:s3:::x/*", "arn:aws:iam::*:*/a*n",
    ]
)  # fmt: skip
CONDITIONS = st.sampled_from(
    [
        {}, {}, {}, OTHER,
        {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        {"StringLike": {"iam:PassedToService": ["ec2.*", "states.amazonaws.com"]}},
        {"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}, **OTHER},
    ]
)  # fmt: skip
STATEMENTS = st.builds(
    lambda effect, verb, actions, noun, resources, condition: {
        "Effect": effect,
        verb: actions,
        noun: resources,
        "Condition": condition,
    },
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    st.sampled_from(["Action", "Action", "Action", "NotAction"]),
    st.lists(ACTIONS, min_size=1, max_size=3),
    st.sampled_from(["Resource", "Resource", "Resource", "NotResource"]),
    st.lists(RESOURCES, min_size=1, max_size=3),
    CONDITIONS,
)
DOCUMENTS = st.lists(STATEMENTS, max_size=4)
LAYERS = st.lists(st.lists(DOCUMENTS, min_size=1, max_size=2), max_size=2)


def applies(one: Statement, action: str, resource: str, service: str, *, other: bool) -> bool:
    """Tell whether a statement applies to one request; `other` is what the MFA condition gives.

    So does a condition on the service in other requests, where the key is absent.
    """
    actions = one["Action"] if "Action" in one else one["NotAction"]
    resources = one["Resource"] if "Resource" in one else one["NotResource"]
    acts = any(fnmatchcase(action.lower(), pattern.lower()) for pattern in actions)
    on = any(fnmatchcase(resource, pattern) for pattern in resources)
    if acts == ("NotAction" in one) or on == ("NotResource" in one):
        return False
    for operator, tests in one["Condition"].items():
        if operator == "Bool" or action != PASS_ROLE:
            met = other
        else:
            values = tests["iam:PassedToService"]
            values = [values] if isinstance(values, str) else values
            met = any(fnmatchcase(service, value) for value in values)
            met = met != (operator == "StringNotEquals")
        if not met:
            return False
    return True


def allowed(
    layers: Sequence[Sequence[Statement]],
    action: str,
    resource: str,
    service: str = "",
    *,
    kindly: bool,
) -> bool:
    """Decide one request: no Deny applies, and in every layer an Allow does.

    `kindly`: conditions other than on the service favour the caller, else they go against it.
    """
    for layer in layers:
        allows = [one for one in layer if one["Effect"] == "Allow"]
        denies = [one for one in layer if one["Effect"] == "Deny"]
        if any(applies(one, action, resource, service, other=not kindly) for one in denies):
            return False
        if not any(applies(one, action, resource, service, other=kindly) for one in allows):
            return False
    return True


def startable(layers: Sequence[Sequence[Statement]], service: str, *, kindly: bool) -> bool:
    """Tell whether a workload may be started, on a resource that only `*` and its like match."""
    for start in starts():
        if start.service == service and all(
            allowed(
                layers, action, f"arn:aws:{action.split(':')[0]}:eu-west-1:1:thing", kindly=kindly
            )
            for action in start.actions
        ):
            return True
    return False


def by_force(
    layers: Sequence[Sequence[Statement]], *, kindly: bool
) -> Iterable[tuple[str, str, str]]:
    """List every (way, identity, service) that holds."""
    for way, actions, identities in (
        ("new_credential", NEW_CREDENTIAL, USERS),
        ("changed_trust", CHANGED_TRUST, ROLES),
    ):
        for action, identity in product(actions, identities):
            if allowed(layers, action, identity, kindly=kindly):
                yield way, identity, ""
    for service, role in product(SERVICES, ROLES):
        if allowed(layers, PASS_ROLE, role, service, kindly=kindly) and startable(
            layers, service, kindly=kindly
        ):
            yield "passed_role", role, service


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(DOCUMENTS, min_size=1, max_size=3), LAYERS)
def test_never_less_than_could_be_and_granted_never_more_than_surely_is(
    own: list[list[Statement]], limits: list[list[list[Statement]]]
) -> None:
    policies = [Policy(f"p{n}", "inline", parse({"Statement": one})) for n, one in enumerate(own)]
    scps = [[parse({"Statement": one}) for one in level] for level in limits]
    found = OpeningReader(scps, Home("aws", ACCOUNT)).read(policies)
    layers = [[one for document in layer for one in document] for layer in (own, *limits)]
    surely = set(by_force(layers, kindly=False))
    possibly = set(by_force(layers, kindly=True))
    for way, identity, service in possibly:
        assert any(
            one.way == way
            and fnmatchcase(identity, one.acts_as)
            and (not service or service in one.services)
            for one in found
        ), (way, identity, service)
    for one, identity in product(found, (*USERS, *ROLES)):
        for service in set(one.services) & set(SERVICES) if one.services else {""}:
            if one.verdict == "granted" and fnmatchcase(identity, one.acts_as):
                assert (one.way, identity, service) in surely
            elif identity == one.acts_as and service:  # whatever it may start
                assert allowed(layers, PASS_ROLE, identity, service, kindly=True)
            elif identity == one.acts_as:
                assert (one.way, identity, "") in possibly
