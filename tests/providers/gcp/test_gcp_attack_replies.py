"""Replies that no Google would write: a gap that is told, never a crash and never an absence."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from nhiscan.errors import ProviderError
from nhiscan.records import AnyRecord, Credential, Identity
from tests.providers.gcp.conftest import CI, WEB, Acme, fill
from tests.providers.gcp.google import Call, Google
from tests.providers.gcp.servers import Servers

Change = Callable[[Call, Any], Any]
_ALL: dict[str, Any] = {"key_details": "all", "hmac_keys": "all"}
_STRANGE: tuple[Any, ...] = (5, [5], {"a": 1})
_DEEP = b"[" * 100_000


class Hostile(Google):
    """A Google whose replies a test rewrites: `change` gives another reply, or null for its own."""

    change: Change | None = None

    def answer(self, verb: str, target: str, body: Any) -> tuple[int, Any]:
        """Answer, then let the test have its way."""
        status, reply = super().answer(verb, target, body)
        changed = self.change(self.log[-1], reply) if self.change and status == 200 else None
        return status, reply if changed is None else changed


@pytest.fixture
def hostile() -> Iterator[Acme]:
    google = Hostile()
    fill(google)
    servers = Servers(google)
    yield Acme(google, servers.endpoint)
    servers.close()


def _set(acme: Acme, change: Change | None) -> Acme:
    """Have the server change its replies, and begin with a new adapter."""
    google = acme.google
    assert isinstance(google, Hostile)
    google.change = change
    return Acme(google, {"grpc": acme.endpoint.grpc, "rest": acme.endpoint.rest})


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    inner = dict(enumerate(value[:1])) if isinstance(value, list) else value
    for name, one in inner.items() if isinstance(inner, dict) else ():
        yield from _paths(one, (*path, name))


def _with(reply: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(reply)
    at = changed
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return changed


def _valid(rows: list[AnyRecord]) -> None:
    for row in rows:
        msgspec.convert(msgspec.to_builtins(row), type(row))


@pytest.mark.slow
@pytest.mark.parametrize("off", [set(), {"cloudasset"}], ids=["bulk", "one by one"])
def test_no_value_of_another_type_crashes_a_unit(hostile: Acme, off: set[str]) -> None:
    hostile.google.off = off
    replies: dict[tuple[str, str], tuple[str, Any]] = {}

    def record(call: Call, reply: Any) -> None:
        replies.setdefault((call.api, call.method), (call.target, reply))

    _set(hostile, record).collect(**_ALL)
    for (api, method), (target, reply) in replies.items():
        for path in _paths(reply):
            for value in _STRANGE:
                bad = _with(reply, path, value)
                acme = _set(hostile, lambda c, _, k=(api, method, target), b=bad: b  # type: ignore[misc]  # bound now
                            if (c.api, c.method, c.target) == k else None)  # fmt: skip
                try:
                    found = acme.collect(**_ALL)
                except ProviderError:
                    continue  # planning says that it cannot be entered
                for rows in found.rows.values():
                    _valid(rows)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>please sign in</html>", b'{"assets": "\xff"}', _DEEP, b"null", b'{"assets": 5}',
     b'{"assets": "none"}', b'{"assets": {}}', b'{"assets": [], "nextPageToken": ["a"]}'],
    ids=["nothing", "html", "no utf-8", "deep", "null", "number", "text", "object", "token"],
)  # fmt: skip
def test_a_reply_that_is_no_list_is_not_an_empty_one(hostile: Acme, body: bytes) -> None:
    acme = _set(hostile, lambda call, _: body if call.method == "assets" else None)
    found = acme.collect()
    assert found.coverage["acme-prod", "cloudasset.inventory"].state == "unreachable"
    # read from IAM itself then
    assert found.of("acme-prod", Identity, native_id=WEB)
    assert found.of("acme-prod", Credential, kind="service_account_key")


@pytest.mark.parametrize("body", [b"", _DEEP, b'{"keys": 5}', b'{"keys": [{}]}'])
def test_keys_that_cannot_be_read_are_not_no_keys(hostile: Acme, body: bytes) -> None:
    hostile.google.off = {"cloudasset"}
    acme = _set(hostile, lambda call, _: body if (call.api, call.method) == ("iam", "keys")
                and WEB in call.target else None)  # fmt: skip
    found = acme.collect()
    assert found.coverage["acme-prod", "iam.keys"].state in ("partial", "unreachable")
    assert found.coverage["acme-build", "iam.keys"].state == "complete"


def test_one_odd_asset_costs_its_own_source_alone(hostile: Acme) -> None:
    expected = hostile.collect()
    odd = next(a for a in hostile.google.assets if a["assetType"] == "apikeys.googleapis.com/Key")
    odd["resource"]["data"]["displayName"] = {"$": 1}
    found = _set(hostile, None).collect()
    row = found.coverage["acme-prod", "apikeys.keys"]
    assert (row.state, "not as described" in str(row.reason)) == ("partial", True)
    assert found.coverage["acme-prod", "iam.service_accounts"].state == "complete"
    assert found.coverage["acme-prod", "aiplatform.agents"].state == "complete"
    keys = [c.key for c in expected.of("acme-prod", Credential, kind="service_account_key")]
    assert keys == [c.key for c in found.of("acme-prod", Credential, kind="service_account_key")]


def test_keys_of_an_account_that_is_not_listed_are_told(hostile: Acme) -> None:
    account = next(a for a in hostile.google.assets if a["resource"]["data"].get("email") == CI)
    hostile.google.assets.remove(account)
    row = hostile.collect().coverage["acme-build", "iam.keys"]
    assert row.state == "partial"
    assert "without the one that it belongs to" in str(row.reason)


def test_what_pages_repeat_counts_once(hostile: Acme) -> None:
    expected = hostile.collect(**_ALL)
    for rows in (hostile.google.assets, hostile.google.policies, hostile.google.resources):
        rows.extend(copy.deepcopy(rows))
    found = _set(hostile, None).collect(**_ALL)
    for account, told in expected.rows.items():
        assert {msgspec.json.encode(r) for r in found.rows[account]} == {
            msgspec.json.encode(r) for r in told
        }


def test_a_list_without_an_end_ends(hostile: Acme) -> None:
    acme = _set(
        hostile,
        lambda call, _: (
            {"nextPageToken": str(len(hostile.google.log))}
            if call.method == "searchAllIamPolicies"
            else None
        ),
    )
    found = acme.collect()
    assert found.coverage["acme-prod", "iam.policies"].state == "partial"
    assert acme.google.counted("searchAllIamPolicies") < 1100
