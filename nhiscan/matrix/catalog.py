"""The catalogs that come with nhiscan: ids of frameworks, under short titles of our own."""

from functools import cache
from importlib.resources import files

import msgspec

from nhiscan.matrix.model import Catalog

_CROSSWALK = "crosswalk.json"


@cache
def built_in() -> tuple[Catalog, ...]:
    """Read every catalog of the package, SOC 2 first."""
    folder = files("nhiscan.matrix").joinpath("catalogs")
    found = [
        msgspec.json.decode(file.read_bytes(), type=Catalog)
        for file in sorted(folder.iterdir(), key=lambda f: f.name)
        if file.name.endswith(".json") and file.name != _CROSSWALK
    ]
    return tuple(sorted(found, key=lambda catalog: catalog.framework != "soc2"))
