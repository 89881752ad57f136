"""Laws of the verdicts: what gives never lowers, what takes never raises, order means nothing."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nhiscan_providers.aws.reading.capabilities import Capabilities, CapabilityReader, Policy
from nhiscan_providers.aws.reading.documents import Document, parse

ORDER = {"denied": 0, "unknown": 1, "scoped": 2, "granted": 3}
RANK = {"none": 0, "read": 1, "write": 2, "admin": 3}
CONDITION = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def doc(*statements: object) -> Document:
    return parse({"Statement": list(statements)})


def only(action: object) -> Document:
    return doc({"Effect": "Allow", "Action": action, "Resource": "*"})


def policy(*statements: object, name: str = "p") -> Policy:
    return Policy(name, "inline", doc(*statements))


def read(
    *statements: object,
    boundary: Document | None = None,
    scps: Sequence[Sequence[Document]] | None = (),
) -> Capabilities:
    return CapabilityReader(scps).read([policy(*statements)], boundary)


ACTIONS = st.sampled_from(
    [
        "*", "iam:*", "iam:Create*", "s3:Get*", "s3:*", "cloudtrail:StopLogging",
        "sts:AssumeRole", "ec2:Describe*", "kms:Decrypt", "*:Delete*",
    ]
)  # fmt: skip
STATEMENTS = st.builds(
    lambda effect, name, actions, resource, condition: {
        "Effect": effect,
        name: actions,
        "Resource": resource,
        **({"Condition": CONDITION} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(["Action", "Action", "NotAction"]),
    st.lists(ACTIONS, min_size=1, max_size=3),
    st.sampled_from(["*", "*", "arn:aws:s3:::acme/*"]),
    st.booleans(),
)
LAYERS = st.sampled_from(
    [
        (),
        ((doc(FULL),),),
        ((doc(FULL), doc({**FULL, "Effect": "Deny", "Action": "cloudtrail:*"})),),
        ((only("s3:*"),), (doc(FULL),)),
        None,
    ]
)


def not_lower(before: Capabilities, after: Capabilities) -> None:
    for action_class, verdict in before.verdicts.items():
        assert ORDER[after.verdicts[action_class]] >= ORDER[verdict]
    assert RANK[after.privilege_as_read] >= RANK[before.privilege_as_read]


@given(st.lists(STATEMENTS, max_size=4), STATEMENTS, LAYERS)
def test_another_allow_never_lowers(statements: list[Any], more: dict[str, Any], scps: Any) -> None:
    before = read(*statements, scps=scps)
    not_lower(before, read(*statements, {**more, "Effect": "Allow"}, scps=scps))


@given(st.lists(STATEMENTS, max_size=4), STATEMENTS, LAYERS)
def test_another_deny_never_raises(statements: list[Any], more: dict[str, Any], scps: Any) -> None:
    after = read(*statements, {**more, "Effect": "Deny"}, scps=scps)
    not_lower(after, read(*statements, scps=scps))


@given(st.lists(STATEMENTS, max_size=3), STATEMENTS, LAYERS)
def test_widening_never_lowers(statements: list[Any], last: dict[str, Any], scps: Any) -> None:
    narrow = {**last, "Effect": "Allow"}
    before = read(*statements, narrow, scps=scps)
    unconditional = {name: value for name, value in narrow.items() if name != "Condition"}
    not_lower(before, read(*statements, {**unconditional, "Resource": "*"}, scps=scps))
    if "Action" in narrow:
        wider = {**narrow, "Action": [*narrow["Action"], "s3:*"]}
        not_lower(before, read(*statements, wider, scps=scps))


@given(st.lists(STATEMENTS, min_size=1, max_size=5), LAYERS)
def test_order_and_split_into_policies_change_nothing(statements: list[Any], scps: Any) -> None:
    reader = CapabilityReader(scps)
    whole = reader.read([policy(*statements)])
    turned = CapabilityReader(scps).read([policy(*reversed(statements))])
    apart = reader.read([policy(one, name=f"p{n}") for n, one in enumerate(statements)])
    again = reader.read([policy(one, name=f"p{n}") for n, one in enumerate(statements)][::-1])
    assert whole.verdicts == turned.verdicts == apart.verdicts
    assert whole.privilege == turned.privilege == apart.privilege
    assert apart == again


@given(st.lists(STATEMENTS, max_size=4))
def test_a_boundary_never_raises(statements: list[Any]) -> None:
    bare = read(*statements)
    not_lower(read(*statements, boundary=only(["s3:*", "iam:Create*"])), bare)
    assert read(*statements, boundary=doc(FULL)).verdicts == bare.verdicts
