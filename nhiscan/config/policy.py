"""Policy thresholds by name, also for commands that can do without a configuration."""

from pathlib import Path
from typing import Any

import msgspec

from nhiscan.config.model import Policy


def thresholds(config_path: Path) -> dict[str, Any]:
    """Return the configured thresholds, or the defaults where there is no configuration file."""
    if not config_path.exists():
        return msgspec.structs.asdict(Policy())
    from nhiscan.config.load import load

    return msgspec.structs.asdict(load(config_path).policy)
