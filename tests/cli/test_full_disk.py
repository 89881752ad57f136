"""A full disk is told as what it is, not as a fault of nhiscan."""

import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("words", [["providers"], ["permissions", "aws"]])
def test_a_full_disk_is_the_users_to_mend(words: list[str]) -> None:
    call = "import sys; from nhiscan.cli import main; sys.argv[0] = 'nhiscan'; sys.exit(main())"
    with FULL.open("wb") as full:
        result = subprocess.run(  # noqa: S603 our own command
            [sys.executable, "-c", call, *words], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert result.returncode == 2
    assert b"error: output: No space left on device" in result.stderr
    assert b"Traceback" not in result.stderr
