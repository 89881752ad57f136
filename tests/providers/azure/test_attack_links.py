"""Links to next pages that lead nowhere, in circles, or elsewhere than they seem to."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import pytest

from nhiscan_providers.azure.faults import ForeignHostError
from nhiscan_providers.azure.links import place
from nhiscan_sandbox.http import Reply, Request
from nhiscan_sandbox.sandbox import Sandbox
from tests.providers.azure.conftest import ACME, HASTY, Collected
from tests.providers.azure.hostile import hostile, only, with_body

Collect = Callable[..., Collected]

PRINCIPALS = "/v1.0/servicePrincipals?$top=999&$select=id,appId"


@pytest.mark.parametrize(
    "link",
    [
        "https://127.0.0.1:99999999/v1.0/servicePrincipals",
        "https://[::1/v1.0/servicePrincipals",
        "https://elsewhere.example\\@127.0.0.1/v1.0/servicePrincipals",
        "https://127.0.0.1@elsewhere.example/v1.0",
        ".elsewhere.example/v1.0/servicePrincipals",
        "file:///etc/passwd",
        "/v1.0/servicePrincipals?u=https://elsewhere.example",
        "/v1.0/\n\r x",
        7,
        {},
    ],
)
def test_a_link_that_is_none_is_a_gap(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, link: Any
) -> None:
    change = only(PRINCIPALS, lambda body: body | {"@odata.nextLink": link})
    with hostile(sandbox, tmp_path, change) as service:
        found = collect(patience=HASTY, **service.options)
    assert "graph.service_principals" in found.gaps()


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example\\@graph.microsoft.com/v1.0/users",
        "https://elsewhere.example\t@graph.microsoft.com/v1.0/users",
        "https://user@graph.microsoft.com/v1.0/users",
        " https://graph.microsoft.com/v1.0/users",
        "https://graph.microsoft.com:x/v1.0/users",
    ],
)
def test_a_link_that_two_readers_read_differently_gets_no_token(url: str) -> None:
    """`requests` takes a backslash for the end of the host, the standard library does not."""
    with pytest.raises(ForeignHostError):
        place(url)


def test_the_same_host_is_the_same_with_its_port() -> None:
    plain = place("https://management.azure.com/subscriptions")
    assert plain == place("https://Management.Azure.com:443/subscriptions?x=1")


@pytest.mark.parametrize(
    ("part", "member", "source"),
    [
        (PRINCIPALS, "@odata.nextLink", "graph.service_principals"),
        ("/v1.0/oauth2PermissionGrants", "@odata.nextLink", "graph.delegated_grants"),
        ("/roleEligibilityScheduleInstances?", "nextLink", "arm.eligible_roles"),
        ("/denyAssignments", "nextLink", "arm.deny_assignments"),
    ],
)
def test_a_list_that_leads_to_itself_ends(
    sandbox: Sandbox, collect: Collect, tmp_path: Path, part: str, member: str, source: str
) -> None:
    def change(request: Request, reply: Reply) -> Reply:
        graph = source.startswith("graph")
        wanted = part in _plain(request) and ("/v1.0/" in request.target) == graph
        if not wanted or reply.status != 200:
            return reply
        link = f"https://{request.headers['Host']}{request.target}"
        body = msgspec.json.decode(reply.body) | {member: link}
        return with_body(reply, msgspec.json.encode(body))

    started = monotonic()
    with hostile(sandbox, tmp_path, change) as service:
        found = collect(patience=HASTY, **service.options)
    assert monotonic() - started < 20
    assert found.gaps()[source] == "partial"
    assert "in a circle" in (found.coverage[source].reason or "")


def test_a_table_that_leads_to_itself_ends(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    change = only("Microsoft.ResourceGraph", lambda body: body | {"$skipToken": "again"})
    with hostile(sandbox, tmp_path, change) as service:
        found = collect(ACME, patience=HASTY, **service.options)
    assert found.gaps()["arm.identities"] == "partial"
    assert len(service.asked) < 300


def test_a_table_that_was_cut_without_a_next_page_is_a_gap(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    change = only("Microsoft.ResourceGraph", lambda body: body | {"resultTruncated": "true"})
    with hostile(sandbox, tmp_path, change) as service:
        found = collect(patience=HASTY, **service.options)
    assert found.gaps()["arm.stored"] == "partial"


def test_empty_pages_in_the_middle_are_passed(
    sandbox: Sandbox, collect: Collect, tmp_path: Path
) -> None:
    whole = collect()

    def change(request: Request, reply: Reply) -> Reply:
        if PRINCIPALS not in _plain(request) or "filler" in request.target:
            return reply
        link = f"https://{request.headers['Host']}{request.target}&filler=1"
        empty = {"value": [], "@odata.nextLink": link}
        return with_body(reply, msgspec.json.encode(empty))

    with hostile(sandbox, tmp_path, change) as service:
        found = collect(**service.options)
    assert found.gaps() == whole.gaps() == {}
    assert len(found.rows) == len(whole.rows)


def _plain(request: Request) -> str:
    from urllib.parse import unquote

    return unquote(request.target)
