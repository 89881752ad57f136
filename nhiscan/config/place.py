"""Says where a file of the configuration lies, in words that hold on every machine."""

import os
from pathlib import Path

from nhiscan.config.model import Config


def seen_from(config: Config, file: str) -> str:
    """Return a path as seen from the configuration's folder, with forward slashes."""
    root = config.path.resolve().parent
    return Path(os.path.relpath(Path(file).resolve(), root)).as_posix()


def found_from(config: Config, place: str) -> str:
    """Return where such a path is on this machine, as the configuration was named."""
    return str(config.path.parent / place)
