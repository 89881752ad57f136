"""Our OSCAL documents against the models that compliance-trestle publishes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Project

pytestmark = pytest.mark.slow
CHECK = """
import json, sys
from trestle.oscal.assessment_results import AssessmentResults
from trestle.oscal.poam import PlanOfActionAndMilestones
kinds = {
    "assessment-results": AssessmentResults,
    "plan-of-action-and-milestones": PlanOfActionAndMilestones,
}
((kind, document),) = json.load(open(sys.argv[1])).items()
if len(sys.argv) > 2:
    document["metadata"]["nonsense"] = 1
kinds[kind].model_validate(document)
"""


@pytest.fixture
def models() -> Path:
    """The folder that `make test-slow` installs them into."""
    folder = os.environ.get("NHISCAN_TRESTLE")
    if folder is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "NHISCAN_TRESTLE: run make test-slow"
        )
    return Path(folder).resolve()


def is_valid(models: Path, document: Path, *more: str) -> str:
    done = subprocess.run(  # noqa: S603 our own check
        [sys.executable, "-c", CHECK, str(document), *more],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(models)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize("tenant", ["acme-dental", "granite", "juniper"])
@pytest.mark.parametrize("kind", ["assessment-results", "poam"])
def test_a_document_is_what_the_models_take(
    scanned: Project, models: Path, tmp_path: Path, tenant: str, kind: str
) -> None:
    target = tmp_path / "document.json"
    chosen = ("--kind", kind, "--tenant", tenant, "--period", "2026")
    done = scanned.run("export", "oscal", *chosen, "-o", str(target))
    assert done.returncode in (0, 3), done.stderr
    assert is_valid(models, target) == ""
    assert "nonsense" in is_valid(models, target, "broken")
