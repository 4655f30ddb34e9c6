"""基准程序自己也要可信：灌一小股，条数、人数逐群对得上，命令都有回答。"""

import json
import subprocess
import sys
from pathlib import Path

FLOOD = Path(__file__).parent.parent / "benchmarks" / "flood.py"


def test_a_small_flood_is_counted_exactly_and_every_command_answered(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, FLOOD, "--n", "1000", "--ping-every", "100"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.splitlines()[0])
    assert (found["stored"], found["exact"], found["pings"], found["pongs"]) == (3000, True, 110, 110)
    assert found["exit_status"] == 0
    assert "一条不差" in done.stdout
