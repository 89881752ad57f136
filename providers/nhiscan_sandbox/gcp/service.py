"""The running stand-in for Google Cloud, and the switches that tests turn."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from nhiscan_sandbox.calls import CallLog
from nhiscan_sandbox.canaries import Canaries
from nhiscan_sandbox.estate.gcp_model import GoogleOrganization, Project
from nhiscan_sandbox.faults import Faults
from nhiscan_sandbox.gcp.gateway import Gateway
from nhiscan_sandbox.gcp.rest import Rest
from nhiscan_sandbox.gcp.rpc import Rpc
from nhiscan_sandbox.gcp.world import World
from nhiscan_sandbox.http import Server


class Google:
    """IAM by gRPC and all other APIs by REST, for an estate's organizations and lone projects.

    `base` is the member that calls come from which carry no token; `permissions` are the lists that
    custom roles may name.
    """

    def __init__(
        self,
        organizations: tuple[GoogleOrganization, ...],
        projects: tuple[Project, ...],
        base: str | None,
        now: datetime,
        *,
        permissions: Mapping[str, tuple[str, ...]],
        canaries: Canaries,
        log: CallLog,
        faults: Faults,
    ) -> None:
        world = World(organizations, projects, now, permissions)
        self._gateway = Gateway(world, base, canaries=canaries, log=log, faults=faults)
        self._rest = Server(Rest(self._gateway).answer)
        self._rpc = Rpc(self._gateway)

    @property
    def endpoint(self) -> dict[str, str]:
        """Return where both surfaces are, as an entry of nhiscan.yaml writes it."""
        return {"grpc": self._rpc.address, "rest": self._rest.url}

    @property
    def crashes(self) -> list[str]:
        """Return the stand-in's own failures so far."""
        return [*self._rest.crashes, *self._rpc.crashes]

    def start(self) -> None:
        """Begin to answer."""
        self._rest.start()
        self._rpc.start()

    def stop(self) -> None:
        """Stop both servers and wait for their threads."""
        self._rpc.stop()
        self._rest.stop()

    def token(self, member: str) -> str:
        """Return an access token of any member, as `serviceAccount:…` or `user:…`."""
        return self._gateway.callers.issue(member)

    def grant(self, role: str, permissions: Iterable[str]) -> None:
        """Make `permissions` all that a custom role, by its full name, includes."""
        self._gateway.access.redefine(role, permissions)

    def held(self, member: str, place: str) -> set[str]:
        """Return what a member may do at a place, named as `organizations/1` or `projects/x`."""
        found = self._gateway.world.place(place)
        if found is None:
            raise KeyError(f"no place {place}")
        return self._gateway.access.held(member, found)

    def reset(self) -> None:
        """Put roles back as the estate has them."""
        self._gateway.access.restore()
