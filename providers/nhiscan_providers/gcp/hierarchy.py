"""Reads an organization's tree: its name, its folders, its projects and where each stands."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan_providers.gcp.access import Access
from nhiscan_providers.gcp.faults import Fault
from nhiscan_providers.gcp.lists import Listing, as_described, listed, read_pages
from nhiscan_providers.gcp.sources.inventory import labels
from nhiscan_providers.gcp.sources.shapes import described

# Without these at the organization itself, the searches hide what they may not show.
_SEEN_BY = ("resourcemanager.folders.get", "resourcemanager.projects.get")


class Project(Struct, frozen=True, kw_only=True):
    """One project; `parent` is a folder or organization by resource name, or null."""

    id: str
    number: str
    name: str
    state: str
    parent: str | None
    labels: dict[str, str] = {}


class Tree(Struct, kw_only=True):
    """What was read. `domain` is the organization's display name, which is its primary domain."""

    projects: list[Project] = []
    parents: dict[str, str] = {}
    domain: str | None = None

    def above(self, project: Project) -> tuple[str, ...]:
        """List what a project lies in, nearest first, as far as it is known."""
        found: list[str] = []
        at = project.parent
        while at and at not in found:
            found.append(at)
            at = self.parents.get(at)
        return tuple(found)

    def hangs(self, project: Project) -> bool:
        """Tell whether what a project lies in is not known up to an organization."""
        above = self.above(project)
        return bool(above) and not above[-1].startswith("organizations/")


def read_tree(access: Access, reading: Reading, organization: str | None) -> Tree:
    """Read the tree; a fault marks the reading, and what was read before it stands."""
    tree = Tree(projects=[], parents={})
    if organization:
        tree.domain = _domain(access, reading, f"organizations/{organization}")
        _admit_hidden(access, reading, f"organizations/{organization}")
    _search(access, reading, "SearchFolders", lambda row: _folder(tree, row), tree.parents.clear)
    _search(
        access,
        reading,
        "SearchProjects",
        lambda row: tree.projects.append(_project(row)),
        tree.projects.clear,
    )
    return tree


def _domain(access: Access, reading: Reading, name: str) -> str | None:
    try:
        page = access.call(reading, "cloudresourcemanager", "GetOrganization", {"name": name})
    except Fault as fault:
        reading.failed(fault)
        return None
    text = page.get("displayName")
    return text if isinstance(text, str) else None


def _admit_hidden(access: Access, reading: Reading, name: str) -> None:
    """Mark the reading where the searches may leave out projects without saying so."""
    body = {"permissions": list(_SEEN_BY)}
    try:
        page = access.call(
            reading, "cloudresourcemanager", "TestIamPermissions", {"resource": name}, body=body
        )
        with as_described("cloudresourcemanager:TestIamPermissions"):
            held = listed(page.get("permissions"))
    except Fault as fault:
        reading.failed(fault)
        return
    missing = [one for one in _SEEN_BY if one not in held]
    if missing:
        reading.mark(
            "partial",
            f"projects may be hidden: grant {' and '.join(missing)} on {name}"
            " (IAM_PERMISSION_DENIED)",
        )


def _search(access: Access, reading: Reading, name: str, take: Any, restart: Any) -> None:
    try:
        read_pages(access, reading, Listing(api="cloudresourcemanager", name=name), take, restart)
    except Fault as fault:
        reading.failed(fault)


def _folder(tree: Tree, row: Mapping[str, Any]) -> None:
    name, parent = row["name"], row["parent"]
    if not (isinstance(name, str) and isinstance(parent, str)):
        raise TypeError
    tree.parents[name] = parent


def _project(row: Mapping[str, Any]) -> Project:
    return described(
        Project(
            id=row["projectId"],
            number=row["name"].partition("/")[2],
            name=row.get("displayName") or row["projectId"],
            state=row.get("state", "STATE_UNSPECIFIED"),
            parent=row.get("parent"),
            labels=labels(row.get("labels")),
        )
    )
