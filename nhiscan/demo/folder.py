"""The folder that the demo writes: a new one, an empty one, or one that it wrote before."""

from datetime import datetime
from pathlib import Path

from nhiscan import clock
from nhiscan.errors import UsageError

_MARK = ".nhiscan-demo"


def claim(folder: Path) -> datetime:
    """Make `folder` ours and return the moment that its sample estate lives in.

    A folder that holds anything else is refused. A later demo in the same folder shows the same
    estate at the same moment, so a second scan finds nothing changed.
    """
    mark = folder / _MARK
    try:
        if mark.is_file():
            return clock.parse(mark.read_text(encoding="utf-8").strip(), str(mark))
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UsageError(
                f"{folder}: not empty, and not written by `nhiscan demo`",
                hint="name a new folder: `nhiscan demo --dir FOLDER`",
            )
        now = clock.now().replace(microsecond=0)
        mark.write_text(f"{now.isoformat()}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from error
    return now
