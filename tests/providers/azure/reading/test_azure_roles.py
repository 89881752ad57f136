"""Azure's roles: what they allow, what is taken away, and hostile patterns."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nhiscan_providers.azure.reading.azure_roles import RoleDefinition, allows, builtin, judge_role
from nhiscan_providers.azure.reading.permissions import Judgement

OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
USER_ACCESS_ADMINISTRATOR = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
RBAC_ADMINISTRATOR = "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
KEY_VAULT_ADMINISTRATOR = "00482a5a-887f-4fb3-b363-3b7fe8e74483"
KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"
BLOB_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
VM_CONTRIBUTOR = "9980e02c-c2be-4d73-94e8-173b1dc7cf3c"
LOG_CONTRIBUTOR = "92aaf0da-9dab-42b6-94a3-d43ce8d16293"
NETWORK_CONTRIBUTOR = "4d97b98b-1d4f-4787-a291-c67834d212e7"
BACKUP_CONTRIBUTOR = "5e467623-bb1f-42f4-a55d-6e525e11384b"
GIVES_ROLES = "Microsoft.Authorization/roleAssignments/write"
_RANKS = {"unknown": -1, "none": 0, "read": 1, "write": 2, "admin": 3}

_SEGMENT = st.text(alphabet="abcXYZ09.", min_size=1, max_size=8)
_ACTION = st.lists(_SEGMENT, min_size=1, max_size=5).map("/".join)
_REAL = st.sampled_from(
    (
        "*",
        "*/read",
        "*/write",
        "Microsoft.Authorization/*",
        "Microsoft.Authorization/*/write",
        GIVES_ROLES,
        "Microsoft.Compute/virtualMachines/*",
        "Microsoft.Storage/storageAccounts/listKeys/action",
        "Microsoft.KeyVault/vaults/*",
        "Microsoft.Insights/diagnosticSettings/write",
    )
)
_ACTIONS = st.lists(st.one_of(_REAL, _ACTION), max_size=6).map(tuple)


def _custom(*actions: str, **more: tuple[str, ...]) -> RoleDefinition:
    return RoleDefinition(id="custom", name="Ours", custom=True, actions=actions, **more)


def _powers(role: RoleDefinition | None) -> dict[str, str]:
    assert role is not None
    judged = judge_role(role)
    assert len({one.action_class for one in judged}) == len(judged)
    return {one.action_class: one.privilege for one in judged}


def test_built_in_roles_that_give_roles_are_admin() -> None:
    assert _powers(builtin(OWNER)) == {"admin": "admin"}
    for role in (USER_ACCESS_ADMINISTRATOR, RBAC_ADMINISTRATOR):
        assert _powers(builtin(role))["iam"] == "admin"
    contributor = _powers(builtin(CONTRIBUTOR))
    assert "admin" not in contributor
    assert contributor.get("iam") != "admin"
    assert contributor["key"] == "write"
    assert contributor["deploy"] == "write"


@pytest.mark.parametrize(
    ("role", "action_class", "privilege"),
    [
        (READER, "read", "read"),
        (KEY_VAULT_ADMINISTRATOR, "key", "write"),
        (KEY_VAULT_SECRETS_USER, "key", "write"),
        (BLOB_OWNER, "data", "write"),
        (BLOB_READER, "data", "read"),
        (VM_CONTRIBUTOR, "deploy", "write"),
        (LOG_CONTRIBUTOR, "log", "write"),
        (LOG_CONTRIBUTOR, "key", "write"),
        (NETWORK_CONTRIBUTOR, "network", "write"),
        (BACKUP_CONTRIBUTOR, "backup", "write"),
    ],
)
def test_built_in_roles_are_judged_by_their_actions(
    role: str, action_class: str, privilege: str
) -> None:
    assert _powers(builtin(role))[action_class] == privilege


def test_reader_only_reads() -> None:
    assert set(_powers(builtin(READER)).values()) == {"read"}


@pytest.mark.parametrize(
    ("role", "name"),
    [
        (KEY_VAULT_SECRETS_USER, "Key Vault Secrets User"),
        ("b78c5d69-af96-48a3-bf8d-a8b4d589de94", "Azure AI Administrator"),
        ("ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Storage Blob Data Contributor"),
        (
            "91c1777a-f3dc-4fae-b103-61d183457e46",
            "Managed Services Registration assignment Delete Role",
        ),
        ("7f951dda-4ed3-4680-a7ca-43fe172d538d", "AcrPull"),
    ],
)
def test_built_in_roles_have_the_ids_that_microsoft_publishes(role: str, name: str) -> None:
    found = builtin(role)
    assert found is not None
    assert (found.name, found.custom) == (name, False)


def test_a_built_in_role_is_found_in_any_case_and_no_other_is_made_up() -> None:
    assert builtin(OWNER.upper()) == builtin(OWNER)
    assert builtin("00000000-0000-0000-0000-000000000000") is None


def test_a_role_whose_actions_are_not_known_is_unknown_and_never_nothing() -> None:
    [judged] = judge_role(_custom())
    assert judged == Judgement("write", "unknown", False, judged.why)


@pytest.mark.parametrize(
    ("action", "action_class", "privilege"),
    [
        ("Microsoft.Authorization/*/write", "iam", "admin"),
        ("MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE", "iam", "admin"),
        ("Microsoft.DocumentDB/databaseAccounts/listKeys/action", "key", "write"),
        ("Microsoft.ContainerRegistry/registries/listCredentials/action", "key", "write"),
        ("Microsoft.Storage/storageAccounts/listServiceSas/action", "key", "write"),
        ("Microsoft.OperationalInsights/workspaces/sharedKeys/action", "key", "write"),
        ("Microsoft.Web/sites/config/list/Action", "key", "write"),
        ("Microsoft.Web/sites/restart/action", "write", "write"),
        ("Microsoft.Contoso/things/read", "read", "read"),
        ("Microsoft.Contoso/things/delete", "write", "write"),
        ("*/read", "read", "read"),
    ],
)
def test_custom_roles_are_judged_as_written(action: str, action_class: str, privilege: str) -> None:
    assert _powers(_custom(action))[action_class] == privilege


def test_what_is_taken_away_is_gone() -> None:
    whole = _custom("*", not_actions=("Microsoft.Authorization/*/Write",))
    assert "admin" not in _powers(whole)
    assert not allows(whole, GIVES_ROLES)
    assert allows(whole, "Microsoft.Compute/virtualMachines/write")
    data = RoleDefinition(
        id="custom",
        name="Ours",
        custom=True,
        data_actions=("Microsoft.KeyVault/vaults/secrets/*",),
        not_data_actions=("Microsoft.KeyVault/vaults/secrets/getSecret/action",),
    )
    assert not allows(data, "Microsoft.KeyVault/vaults/secrets/getSecret/action", data=True)
    assert not allows(data, "Microsoft.KeyVault/vaults/secrets/setSecret/action")
    assert allows(data, "Microsoft.KeyVault/vaults/secrets/setSecret/action", data=True)


@given(_ACTIONS, _ACTIONS, _ACTION)
def test_taking_actions_away_never_gives_any(
    given_actions: tuple[str, ...], taken: tuple[str, ...], asked: str
) -> None:
    less, more = _custom(*given_actions, not_actions=taken), _custom(*given_actions)
    for action in (asked, GIVES_ROLES, *(one.replace("*", "x") for one in given_actions)):
        assert allows(more, action) or not allows(less, action)
    strongest = [max(_RANKS[one.privilege] for one in judge_role(role)) for role in (less, more)]
    assert strongest[0] <= strongest[1]


@given(_ACTION, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4))
def test_a_wildcard_allows_everything_that_it_covers(
    action: str, holes: list[tuple[int, int]]
) -> None:
    pattern = action
    for start, length in holes:
        pattern = pattern[:start] + "*" + pattern[start + length :]
    assert allows(_custom(pattern), action.upper())
    assert not allows(_custom(pattern, not_actions=(pattern,)), action)
    assert not allows(_custom("x" + pattern), action.replace("x", "y").replace("X", "Y"))


@given(
    st.text(alphabet="ab*", min_size=1, max_size=8), st.text(alphabet="ab", min_size=1, max_size=8)
)
@example("ab*ba", "aba")
@example("*a*a*", "a")
def test_wildcards_stand_for_anything_and_nothing_else(pattern: str, text: str) -> None:
    meant = re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text)
    assert allows(_custom(pattern), text) == bool(meant)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*a" * 20_000, "a" * 40_000 + "b"),
        ("*" * 40_000, "a" * 40_000),
        ("*" + "a" * 20_000 + "b*", "a" * 40_000),
        ("a*" * 20_000 + "b", "a" * 40_000),
        ("m/list" + "listkey" * 10_000 + "/action", "m/listkeys/action"),
        ("/list" * 10_000, "m/listkeys/action"),
    ],
)
def test_hostile_patterns_are_matched_in_linear_time(pattern: str, text: str) -> None:
    started = time.process_time()
    allows(_custom(pattern), text)
    judge_role(_custom(pattern))
    assert time.process_time() - started < 1
