"""Runs the sandbox beside the demo, as a process: the core never imports it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from nhiscan.errors import NhiscanError, UsageError

_MODULES = ("nhiscan_sandbox", "moto", "flask", "boto3", "msal", "grpc")
_STARTED_WITHIN = 60.0
_LIFETIME = 900
_STOPPED_WITHIN = 10.0


def require() -> None:
    """Raise UsageError if what the demo needs is not installed."""
    missing = [name for name in _MODULES if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the demo needs the sandbox, which is not installed (no module {missing[0]})",
            hint="pip install 'nhiscan[aws,azure,gcp,sandbox]'",
        )


@contextmanager
def running(project: Path, now: datetime) -> Iterator[dict[str, str]]:
    """Serve the sample estate and write its project into `project`, while the block lasts.

    Yields the environment variables that scans need. The sandbox also ends by itself when this
    process does, because its standard input is then closed.
    """
    with TemporaryDirectory(prefix="nhiscan-demo-") as scratch:
        ready, errors = Path(scratch, "ready.json"), Path(scratch, "errors")
        command = [sys.executable, "-m", "nhiscan_sandbox", "--ready", str(ready)]
        command += ["--project", str(project), "--now", now.isoformat()]
        command += ["--lifetime", str(_LIFETIME)]
        with errors.open("wb") as stream:
            process = subprocess.Popen(  # noqa: S603 our own module, no input from outside
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stream
            )
        try:
            _wait(process, ready, errors)
            told = json.loads(ready.read_text(encoding="utf-8"))
            yield told["environment"]
        finally:
            _stop(process)


def _wait(process: "subprocess.Popen[bytes]", ready: Path, errors: Path) -> None:
    until = time.monotonic() + _STARTED_WITHIN
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > until:
            said = errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            reason = said[-1] if said else f"not ready after {_STARTED_WITHIN:.0f} seconds"
            raise NhiscanError(f"the sandbox did not start: {reason}")
        time.sleep(0.05)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(timeout=_STOPPED_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
