"""`python -m nhiscan_sandbox`: serves an estate until whoever started it goes away."""

import argparse
import json
import os
import select
import signal
import sys
from pathlib import Path
from time import monotonic
from types import FrameType

from nhiscan_sandbox.estate.load import load, sample
from nhiscan_sandbox.faults import read
from nhiscan_sandbox.project.write import write
from nhiscan_sandbox.sandbox import Sandbox, moment

_POLL_SECONDS = 0.5


def main() -> int:
    """Serve, say where in the --ready file, and stop by itself."""
    options = _options()
    estate = sample() if options.estate == "sample" else load([Path(options.estate)])
    parent = os.getppid()
    signal.signal(signal.SIGTERM, _leave)
    with Sandbox(
        estate,
        now=options.now,
        canaries=options.canaries,
        frozen=options.frozen,
        log_file=options.log,
    ) as sandbox:
        if options.faults:
            sandbox.faults.set(read(options.faults))
        if options.project:
            write(
                options.project,
                sandbox.url,
                sandbox.environment,
                sandbox.now,
                sandbox.microsoft_access(),
                sandbox.gcp_endpoint,
            )
        _announce(options.ready, _places(sandbox))
        _wait(parent, monotonic() + options.lifetime)
    return 0


def _places(sandbox: Sandbox) -> dict[str, object]:
    places: dict[str, object] = {"aws": sandbox.url, "environment": sandbox.environment}
    if sandbox.azure_url is not None:
        places |= {"azure": sandbox.azure_url, "ca": str(sandbox.ca_file)}
    if sandbox.gcp_endpoint is not None:
        places |= {"gcp": sandbox.gcp_endpoint}
    return places


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m nhiscan_sandbox",
        description="Serve stand-in clouds on loopback. Stops when its parent process ends, when "
        "its standard input is closed, or when its lifetime is over.",
    )
    parser.add_argument("--ready", type=Path, help="write the URLs into this file, as JSON")
    parser.add_argument("--faults", type=Path, help="faults to inject, a YAML or JSON file")
    parser.add_argument("--estate", default="sample", help="`sample`, or an estate's YAML file")
    parser.add_argument("--project", type=Path, help="write the sample project into this folder")
    parser.add_argument("--now", type=moment, help="ISO 8601: the moment the estate lives in")
    parser.add_argument("--lifetime", type=float, default=900.0, metavar="SECONDS")
    parser.add_argument("--canaries", action="store_true", help="plant secrets in replies")
    parser.add_argument("--log", type=Path, help="append each call to this file, as JSON lines")
    parser.add_argument("--frozen", action="store_true", help="make each reply only once")
    return parser.parse_args()


def _announce(ready: Path | None, urls: dict[str, object]) -> None:
    """Write the file under another name and rename it, so that who sees it sees it whole."""
    text = json.dumps(urls)
    if ready is None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
        return
    partial = ready.with_name(f".{ready.name}.part")
    partial.write_text(text, encoding="utf-8")
    partial.replace(ready)


def _wait(parent: int, until: float) -> None:
    """Wait until the parent is gone, standard input is closed, or time is up."""
    while os.getppid() == parent and monotonic() < until:
        readable, _, _ = select.select([sys.stdin], [], [], _POLL_SECONDS)
        if readable and not os.read(sys.stdin.fileno(), 4096):
            return


def _leave(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
