"""The clouds of Microsoft: where each signs in, and where Graph and Resource Manager answer."""

from urllib.parse import urlsplit

from msgspec import Struct


class Cloud(Struct, frozen=True, kw_only=True):
    """Base URLs without a trailing slash, and the audiences that tokens are asked for.

    `reports` is false where Graph offers no sign-in activity (azure.md A1).
    """

    authority: str
    graph: str
    arm: str
    graph_audience: str
    arm_audience: str
    reports: bool = True

    @property
    def graph_scope(self) -> str:
        """The scope of a token for Microsoft Graph."""
        return f"{self.graph_audience}/.default"

    @property
    def arm_scope(self) -> str:
        """The scope of a token for Resource Manager."""
        return f"{self.arm_audience}/.default"


def _cloud(authority: str, graph: str, arm: str, *, reports: bool = True) -> Cloud:
    return Cloud(
        authority=f"https://{authority}",
        graph=f"https://{graph}",
        arm=f"https://{arm}",
        graph_audience=f"https://{graph}",
        arm_audience=f"https://{arm}",
        reports=reports,
    )


PUBLIC = _cloud("login.microsoftonline.com", "graph.microsoft.com", "management.azure.com")
# Microsoft Graph, "National cloud deployments"; Azure, "Compare Azure Government and global Azure"
_CLOUDS = (
    PUBLIC,
    _cloud(
        "login.microsoftonline.us",
        "graph.microsoft.us",
        "management.usgovcloudapi.net",
        reports=False,
    ),
    _cloud(
        "login.microsoftonline.us",
        "dod-graph.microsoft.us",
        "management.usgovcloudapi.net",
        reports=False,
    ),
    _cloud(
        "login.partner.microsoftonline.cn",
        "microsoftgraph.chinacloudapi.cn",
        "management.chinacloudapi.cn",
        reports=False,
    ),
)


class Endpoints(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One base URL per API; what is not given is the cloud's own."""

    authority: str | None = None
    graph: str | None = None
    arm: str | None = None


def cloud(endpoint: str | Endpoints | None) -> Cloud:
    """Find the cloud behind an entry's `endpoint`.

    A host of a national cloud brings that cloud's other hosts and audiences with it. Any other
    host (a proxy, a private endpoint, the sandbox) stands in for the public cloud.
    """
    if endpoint is None:
        return PUBLIC
    given = (
        Endpoints(authority=endpoint, graph=endpoint, arm=endpoint)
        if isinstance(endpoint, str)
        else endpoint
    )
    known = next((one for one in _CLOUDS if _named(one, given)), PUBLIC)
    return Cloud(
        authority=(given.authority or known.authority).rstrip("/"),
        graph=(given.graph or known.graph).rstrip("/"),
        arm=(given.arm or known.arm).rstrip("/"),
        graph_audience=known.graph_audience,
        arm_audience=known.arm_audience,
        reports=known.reports,
    )


def _named(known: Cloud, given: Endpoints) -> bool:
    pairs = ((given.graph, known.graph), (given.arm, known.arm), (given.authority, known.authority))
    return any(url and urlsplit(url).hostname == urlsplit(own).hostname for url, own in pairs)
