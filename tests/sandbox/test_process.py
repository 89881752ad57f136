"""The sandbox as a process: it says where it is, and stops when nobody needs it any more."""

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, Any

import pytest

STARTED_WITHIN = 40.0
DIRECTORY = "91000000-0000-4000-8000-000000000001"


def start(ready: Path, *extra: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-W", "error", "-m", "nhiscan_sandbox", "--ready", str(ready)]
    return subprocess.Popen([*command, *extra], stdin=subprocess.PIPE)  # noqa: S603 our own program


def wait_for(ready: Path, process: subprocess.Popen[bytes]) -> dict[str, Any]:
    until = time.monotonic() + STARTED_WITHIN
    while not ready.exists():
        assert process.poll() is None, "it ended before it was ready"
        assert time.monotonic() < until
        time.sleep(0.05)
    told: dict[str, Any] = json.loads(ready.read_text())
    return told


def test_serves_until_its_standard_input_closes(tmp_path: Path) -> None:
    with start(tmp_path / "ready", "--project", str(tmp_path / "project")) as process:
        told = wait_for(tmp_path / "ready", process)
        url = told["aws"]
        assert url.startswith("http://127.0.0.1:")
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(url, timeout=5)  # noqa: S310 loopback
        assert told["azure"].startswith("https://127.0.0.1:")
        trust = ssl.create_default_context(cafile=told["ca"])
        with urllib.request.urlopen(  # noqa: S310 loopback
            f"{told['azure']}/{DIRECTORY}/v2.0/.well-known/openid-configuration",
            timeout=5,
            context=trust,
        ) as answer:
            assert DIRECTORY in json.load(answer)["issuer"]
        written = (tmp_path / "project" / "nhiscan.yaml").read_text()
        assert url in written
        assert told["azure"] in written
        google = told["gcp"]
        search = f"{google['rest']}/v3/organizations:search"
        with urllib.request.urlopen(search, timeout=5) as answer:  # noqa: S310 loopback
            assert json.load(answer)["organizations"]
        assert google["grpc"] in written
        assert google["rest"] in written
        stdin: IO[bytes] | None = process.stdin
        assert stdin is not None
        stdin.close()
        assert process.wait(timeout=10) == 0


def test_stops_when_its_lifetime_is_over(tmp_path: Path) -> None:
    with start(tmp_path / "ready", "--lifetime", "0.5") as process:
        assert process.wait(timeout=STARTED_WITHIN) == 0


def test_stops_when_its_parent_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-m', 'nhiscan_sandbox', '--ready', "
        f"{str(ready)!r}], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:  # noqa: S603 as above
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        wait_for(ready, parent)
        parent.kill()
        until = time.monotonic() + 10
        while Path(f"/proc/{child}").exists() and not _is_zombie(child):
            assert time.monotonic() < until, "the sandbox outlived its parent"
            time.sleep(0.1)


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return not os.path.exists(f"/proc/{pid}")  # noqa: PTH110 a race, not a path
