"""Azure Resource Graph: questions over all that the caller may read."""

from collections.abc import Iterator
from typing import Any

import msgspec

from nhiscan_sandbox.azure.credentials import federated
from nhiscan_sandbox.azure.delegations import NameOf, registration_definition, registrations
from nhiscan_sandbox.azure.inventory import Inventory, Row, resources
from nhiscan_sandbox.azure.kusto import Parsed
from nhiscan_sandbox.azure.odata import offset, page_token
from nhiscan_sandbox.azure.principals import identity_path
from nhiscan_sandbox.azure.rights import Rights, denial
from nhiscan_sandbox.azure.wire import Json, Refusal
from nhiscan_sandbox.estate.azure_model import Subscription

_MOST = 1000
_ABOVE = ("AtScopeAboveAndBelow", "AtScopeAndAbove")


class ResourceGraph:
    """Answers one query at a time; what the caller may not read is not there."""

    def __init__(self, inventories: dict[str, Inventory]) -> None:
        self._inventories = inventories
        self._name_of = NameOf({one.tenant.id: one.tenant for one in inventories.values()})

    def answer(self, body: bytes, rights: Rights, cap: int | None) -> Json:
        """Answer a query."""
        asked = _read(body)
        options = asked.get("options") or {}
        chosen = self._scopes(asked, rights)
        parsed = Parsed(str(asked.get("query") or ""))
        rows = parsed.run(
            dict(row.body)
            for row in self._rows(chosen, str(options.get("authorizationScopeFilter", "")))
            if row.table == parsed.table and _readable(row, rights)
        )
        return _page(rows, options, cap, pageable=_pageable(parsed, rows))

    def _scopes(self, asked: Json, rights: Rights) -> list[tuple[Inventory, Subscription]]:
        """Return the subscriptions in question; none that is readable is an error."""
        wanted = {str(one).lower() for one in asked.get("subscriptions") or ()}
        groups = {str(one).lower() for one in asked.get("managementGroups") or ()}
        if len(wanted) > _MOST:
            raise Refusal(400, "BadRequest", "Too many subscriptions in one query.")
        found = [
            (inventory, one)
            for inventory, one in rights.subscriptions
            if (not wanted and not groups)
            or one.id in wanted
            or groups & {path.rpartition("/")[2].lower() for path in inventory.chain(one.id)}
        ]
        if not found:
            raise denial("Microsoft.ResourceGraph/resources/read", "/")
        return found

    def _rows(
        self, chosen: list[tuple[Inventory, Subscription]], scope_filter: str
    ) -> Iterator[Row]:
        for inventory, one in chosen:
            yield from self._of_subscription(inventory, one)
        for inventory in {id(inventory): inventory for inventory, _ in chosen}.values():
            mine = [one for owner, one in chosen if owner is inventory]
            yield from _authorization(inventory, mine, above=scope_filter in _ABOVE)

    def _of_subscription(self, inventory: Inventory, one: Subscription) -> Iterator[Row]:
        here = f"/subscriptions/{one.id}"
        container = inventory.subscription(one) | {
            "type": "microsoft.resources/subscriptions",
            "name": one.name,
        }
        yield Row("resourcecontainers", here, container)
        for body in resources(inventory.tenant, one):
            yield Row("resources", body["id"], body)
        for identity in one.identities:
            path = identity_path(one, identity.group, identity.name)
            for each in federated(path, identity.federated):
                yield Row("resources", path, _federated(path, each))
        for body in registrations(one, self._name_of, expand=True):
            scope = body["id"].partition("/providers/")[0]
            yield Row("managedservicesresources", scope, _lowered(body))
        for line in one.lighthouse:
            body = registration_definition(one, line, self._name_of)
            yield Row("managedservicesresources", here, _lowered(body))


def _authorization(inventory: Inventory, mine: list[Subscription], *, above: bool) -> Iterator[Row]:
    """Yield role assignments at and below the subscriptions, and above them only if asked."""
    places = tuple(f"/subscriptions/{one.id}" for one in mine)
    higher = {path for one in mine for path in inventory.chain(one.id)}
    for body in inventory.role_assignments():
        scope = body["properties"]["scope"]
        inside = any(scope == place or scope.startswith(f"{place}/") for place in places)
        if inside or (above and scope in higher):
            # an inherited assignment can be read wherever it counts
            yield Row("authorizationresources", scope if inside else places[0], _lowered(body))
    for body in inventory.role_definitions():
        yield Row("authorizationresources", places[0], _lowered(body))


def _federated(path: str, each: Json) -> Json:
    return {
        "id": f"{path}/federatedIdentityCredentials/{each['name']}",
        "name": each["name"],
        "type": "microsoft.managedidentity/userassignedidentities/federatedidentitycredentials",
        "subscriptionId": path.split("/")[2],
        "properties": {key: each[key] for key in ("issuer", "subject", "audiences")},
    }


def _lowered(body: Json) -> Json:
    return body | {"type": body["type"].lower()}


def _readable(row: Row, rights: Rights) -> bool:
    kind = str(row.body.get("type", "")).removesuffix("/federatedidentitycredentials")
    return rights.may(f"{kind}/read", row.scope)


def _pageable(parsed: Parsed, rows: list[Json]) -> bool:
    columns = parsed.columns or (tuple(rows[0]) if rows else ("id",))
    return "id" in columns


def _page(rows: list[Json], options: Json, cap: int | None, *, pageable: bool) -> Json:
    start = offset(options.get("$skipToken"))
    if start is None:
        raise bad_token()
    top = options.get("$top")
    size = min(top if isinstance(top, int) and top > 0 else 100, _MOST, cap or _MOST)
    shown = rows[start : start + size]
    more = start + size < len(rows)
    body: Json = {
        "totalRecords": len(rows),
        "count": len(shown),
        "data": shown,
        "facets": [],
        "resultTruncated": "true" if more and not pageable else "false",
    }
    if more and pageable:
        body["$skipToken"] = page_token(start + size)
    return body


def bad_token() -> Refusal:
    """Make the refusal of a page token that is too old."""
    return Refusal(400, "BadRequest", "InvalidSkipToken: the skip token is invalid or expired.")


def throttled() -> Refusal:
    """Make Resource Graph's 429, which says when in a header of its own."""
    return Refusal(
        429,
        "RateLimiting",
        "Please provide below info when asking for support: timestamp, correlationId.",
        x_ms_user_quota_remaining="0",
        x_ms_user_quota_resets_after="00:00:01",
    )


def _read(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.DecodeError:
        raise Refusal(400, "BadRequest", "The request body is not valid JSON.") from None
