"""deploy/ 里的东西：能验的都真验；镜像只在有 Docker 的机器上打。"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings
from tests.processes import environment, tuanbot

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
DOCS = (ROOT / "docs" / "deploy.md").read_text("utf-8")


def dockerfile() -> list[tuple[str, str]]:
    """(指令, 参数)，续行接成一行。"""
    text = re.sub(r"\\\n\s*", " ", (DEPLOY / "Dockerfile").read_text("utf-8"))
    return [
        (word, rest) for line in text.splitlines() if line and line[0] != "#" for word, _, rest in [line.partition(" ")]
    ]


def test_the_compose_file_is_a_compose_file() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml"],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_compose_offers_three_ways_and_only_listens_on_this_machine() -> None:
    services = COMPOSE["services"]
    assert {name: service.get("profiles") for name, service in services.items()} == {
        "tuanbot": None,
        "postgres": ["postgres"],
        "napcat": ["napcat"],
    }
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert not services["tuanbot"]["depends_on"]["postgres"]["required"]


def test_every_environment_name_is_a_setting() -> None:
    known = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}
    given = dict(re.findall(r"\b([A-Z_]+)=(\S+)", next(rest for word, rest in dockerfile() if word == "ENV")))
    ours = {name for name in given if not name.startswith(("PYTHON", "UV_"))} | set(
        COMPOSE["services"]["tuanbot"]["environment"]
    )
    unit = re.findall(r"^Environment=(\w+)=", (DEPLOY / "tuanbot.service").read_text("utf-8"), re.MULTILINE)
    assert ours | set(unit) <= known


def test_the_image_is_made_of_files_that_are_here_and_starts_a_real_command(tmp_path: Path) -> None:
    steps = dockerfile()
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    for rest in (rest for word, rest in steps if word == "COPY"):
        sources = [part for part in rest.split() if not part.startswith("--")][:-1]
        for source in sources:
            assert (ROOT / source).exists()
            assert source not in ignored
    assert ("USER", "tuanbot") in steps
    command = json.loads(next(rest for word, rest in steps if word == "CMD"))
    assert tuanbot(*command[1:], "--help", folder=tmp_path).returncode == 0


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="这台机器没有 systemd")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "tuanbot.service").read_text("utf-8")
    (tmp_path / "tuanbot.service").write_text(unit.replace("/opt/tuanbot/.venv/bin/tuanbot", sys.executable), "utf-8")
    checked = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "tuanbot.service"], capture_output=True, text=True
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_line_for_cron_runs(tmp_path: Path) -> None:
    line = next(line for line in DOCS.splitlines() if line.startswith("30 3 * * * "))
    command = line.removeprefix("30 3 * * * ").replace("/opt/tuanbot", str(tmp_path))
    command = command.replace(".venv/bin/tuanbot", f"{sys.executable} -m bot").replace("/var/backups", str(tmp_path))
    tuanbot("migrate", folder=tmp_path)
    done = subprocess.run(["sh", "-c", command], env=environment(tmp_path), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "tuanbot").glob("tuanbot-*.tar.gz"))) == 1


def _docker_works() -> bool:
    return bool(shutil.which("docker")) and subprocess.run(["docker", "info"], capture_output=True).returncode == 0


@pytest.mark.skipif(not _docker_works(), reason="这台机器没有在运行的 Docker，镜像没有打")
def test_the_image_builds_and_says_what_it_can_do() -> None:
    subprocess.run(
        ["docker", "build", "-q", "-f", "deploy/Dockerfile", "-t", "tuanbot-test", "."], cwd=ROOT, check=True
    )
    shown = subprocess.run(
        ["docker", "run", "--rm", "tuanbot-test", "tuanbot", "--help"], capture_output=True, text=True
    )
    assert "团团" in shown.stdout
