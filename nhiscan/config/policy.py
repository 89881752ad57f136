"""Policy thresholds by name, also for commands that can do without a configuration."""

from pathlib import Path
from typing import Any

from nhiscan.config.model import Policy


def thresholds(config_path: Path) -> dict[str, Any]:
    """Return the configured thresholds, or the defaults where there is no configuration file."""
    if not config_path.exists():
        return Policy().numbers()
    from nhiscan.config.load import load

    return load(config_path).policy.numbers()
