"""What an export that was killed leaves, the next one removes."""

import json
import os
import subprocess
import sys
from pathlib import Path

from nhiscan.export.folder import FORMAT, publish, writing

_KILLED = """
import os, sys
from pathlib import Path
from nhiscan.export.folder import writing
with writing(Path(sys.argv[1])) as folder:
    folder.write("eli/acme.csv", b"half an export")
    Path(sys.argv[1], "eli", f".beta.csv.{os.getpid()}.part").write_bytes(b"half a file")
    os.kill(os.getpid(), 9)
"""


def tree(target: Path) -> set[str]:
    return {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}


def test_files_of_a_killed_export_go_with_the_next(tmp_path: Path) -> None:
    publish(tmp_path, {"dana/acme.csv": b"x"}, {"format": FORMAT, "files": []})
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False)  # noqa: S603
    assert done.returncode == -9
    assert len(tree(tmp_path)) == 5
    publish(tmp_path, {"dana/acme.csv": b"x"}, {"format": FORMAT, "files": []})
    assert tree(tmp_path) == {"dana/acme.csv", "manifest.json"}
    assert not (tmp_path / "eli").exists()


def test_a_file_that_was_noted_and_not_written_is_still_known(tmp_path: Path) -> None:
    with writing(tmp_path) as folder:
        files = [{"path": "dana/acme.csv", "sha256": folder.write("dana/acme.csv", b"x")}]
        folder.finish({"format": FORMAT, "files": files})
    note = {"path": "dana/acme.csv", "sha256": "0" * 64}
    (tmp_path / ".unfinished").write_text(json.dumps(note) + "\n" + '{"path": "da')
    assert publish(tmp_path, {}, {"format": FORMAT, "files": []}) == []
    assert tree(tmp_path) == {"manifest.json"}


def test_files_that_another_export_is_writing_stay(tmp_path: Path) -> None:
    (tmp_path / "dana").mkdir()
    partial = tmp_path / f"dana/.beta.csv.{os.getppid()}.part"
    partial.write_bytes(b"being written")
    publish(tmp_path, {"dana/acme.csv": b"x"}, {"format": FORMAT, "files": []})
    assert partial.exists()
