"""基准程序自己也要可信：小小一所学校，人人有分、有名次，问得到回答。"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCHOOL = Path(__file__).parent.parent / "benchmarks" / "school.py"

pytestmark = pytest.mark.slow


def test_a_small_school_is_ranked_whole_and_asked_over_a_real_socket(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, SCHOOL, "--small", "--engine", "sqlite"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[-4])["sqlite"]
    assert found["right"]
    assert found["rows"] == 6225
    assert {"board_ms", "reply_ms", "first_ms", "score_all_ms", "bulletin_seconds"} <= found.keys()
