"""What a second scan says of what it could not read, or reads in another order."""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from nhiscan.records import Account, Claim, Credential, Grant, GrantVerdict, Identity, Trust
from nhiscan_providers.azure.calls import sources
from nhiscan_providers.azure.rows.grants import Holding, widest
from nhiscan_providers.azure.rows.trusts import federated
from nhiscan_providers.azure.shapes.graph import Federated
from nhiscan_sandbox.faults import Fault
from nhiscan_sandbox.http import Reply, Request
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import HASTY, QUICK, Collected
from tests.providers.azure.hostile import hostile, with_body

Collect = Callable[..., Collected]

SOURCES = {one.name: one for one in sources()}


def _keys(found: Collected) -> dict[tuple[object, ...], str]:
    """Name what the store keeps versions of, as it does, with the source each rests on."""
    keys: dict[tuple[object, ...], str] = {}
    for one in found.rows:
        match one:
            case Identity() | Credential():
                keys[type(one), one.key] = one.source
            case Grant():
                keys[one.identity, one.scope, one.role, one.action_class, one.via] = one.source
            case Trust():
                keys[one.identity, one.principal, one.principal_kind] = one.source
            case Claim():
                keys[one.subject, one.key, one.reference, one.signal, one.role] = one.source
            case Account():
                keys[Account, one.native_id] = one.source
    return keys


@pytest.mark.slow
def test_what_a_denied_call_hides_is_never_taken_for_gone(
    sandbox: Sandbox, collect: Collect
) -> None:
    """The store closes what a wholly read source shows no more; so none may lose a row unread."""
    whole = _keys(collect())
    operations = sorted({(call.service, call.operation) for call in sandbox.log})
    lost: dict[str, list[object]] = {}
    for service, operation in operations:
        sandbox.faults.set([Fault(kind="denied", service=service, operation=operation)])
        found = collect(patience=HASTY)
        left = _keys(found)
        whole_sources = {
            name
            for name, one in found.coverage.items()
            if one.state in ("complete", "not_available") and not SOURCES[name].sliding
        }
        gone = [(source, key) for key, source in whole.items() if key not in left]
        closed = [(source, key) for source, key in gone if source in whole_sources]
        if closed:
            lost[operation] = [len(closed), *closed[:2]]
    assert lost == {}, "\n".join(f"{name}: {some}" for name, some in lost.items())


def _shuffled(value: Any, random: Random) -> Any:
    if isinstance(value, dict):
        return {name: _shuffled(inner, random) for name, inner in value.items()}
    if isinstance(value, list):
        return random.sample([_shuffled(inner, random) for inner in value], len(value))
    return value


@pytest.mark.parametrize("seed", [1, 2])
def test_lists_in_another_order_are_the_same_rows(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, seed: int
) -> None:
    random = Random(seed)  # noqa: S311 - an order to try, no secret
    whole = collect()

    def change(request: Request, reply: Reply) -> Reply:
        if reply.status != 200 or "oauth2" in request.target.partition("/v2.0")[2]:
            return reply
        body = msgspec.json.decode(reply.body)
        return with_body(reply, msgspec.json.encode(_shuffled(body, random)))

    with hostile(sandbox, tmp_path, change) as service:
        found = collect(patience=QUICK, **service.options)
    assert found.gaps() == {}
    old, new = _told(whole), _told(found)
    assert [one for one in new if one not in old][:3] == []
    assert len(new) == len(old)


def _told(found: Collected) -> list[bytes]:
    return sorted(msgspec.json.encode(row, order="deterministic") for row in found.rows)


def test_a_federation_that_goes_leaves_the_others_as_they_were() -> None:
    some = [
        Federated(id=f"{n}", issuer="https://issuer.example", subject=f"repo:a/{n}", audiences=[])
        for n in range(3)
    ]
    before = list(federated("app", some, "s"))
    after = list(federated("app", [some[2], some[1]], "s"))
    assert len(after) == 4
    assert [one for one in after if one not in before] == []


def test_a_right_that_is_held_twice_is_as_wide_as_the_wider() -> None:
    def held(verdict: GrantVerdict) -> Holding:
        grant = Grant(
            identity="i",
            scope="/",
            role="Reader",
            action_class="read",
            verdict=verdict,
            via="role assignment",
            source="s",
        )
        return Holding(grant, "read", "reads")

    orders: list[tuple[GrantVerdict, ...]] = [("scoped", "granted"), ("granted", "scoped")]
    for order in orders:
        assert [one.verdict for one in widest(held(verdict) for verdict in order)] == ["granted"]
