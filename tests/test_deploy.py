"""deploy/ 里的东西：能验的都真验；镜像只在有 Docker 的机器上打。"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import yaml

from bot.settings import Settings
from tests.processes import environment, free_port, tuanbot

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
    ours = {name for name in given if not name.startswith(("PYTHON", "UV_", "TZ"))}
    assert ours | set(COMPOSE["services"]["tuanbot"]["environment"]) <= known


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


#: 用哪个引擎打镜像；如 CONTAINER_ENGINE="podman --runtime runc"
ENGINE = shlex.split(os.environ.get("CONTAINER_ENGINE", "docker"))


def engine(*arguments: str, check: bool = True) -> str:
    done = subprocess.run([*ENGINE, *arguments], cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0 or not check, done.stderr[-2000:]
    return done.stdout.strip()


def _can_build() -> bool:
    """有引擎在运行，打底的镜像也在（或者拉得下来）。"""
    if not shutil.which(ENGINE[0]) or subprocess.run([*ENGINE, "info"], capture_output=True).returncode:
        return False
    base = next(rest for word, rest in dockerfile() if word == "FROM")
    return any(
        subprocess.run([*ENGINE, *words, base], capture_output=True).returncode == 0
        for words in (("image", "inspect"), ("pull", "-q"))
    )


def healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def wait_until_healthy(port: int) -> None:
    deadline = time.monotonic() + 90
    while not healthy(port):
        assert time.monotonic() < deadline, engine("logs", "tuanbot-test", check=False)
        time.sleep(0.2)


@pytest.mark.slow
@pytest.mark.skipif(not _can_build(), reason="这台机器打不了镜像：没有在运行的 Docker，或拉不到打底的镜像")
def test_the_image_runs_without_root_draws_pictures_stops_in_time_and_keeps_its_data() -> None:
    engine("build", "-q", "-f", "deploy/Dockerfile", "-t", "tuanbot-test", ".")
    port = free_port()
    given = ("-e", f"PORT={port}", "-e", "ONEBOT_ACCESS_TOKEN=abcdef-abcdef", "-e", 'SUPERUSERS=["10001"]')
    start = ("run", "-d", "--name", "tuanbot-test", "--init", "--network", "host", *given)
    start = (*start, "-v", "tuanbot-test:/data", "tuanbot-test")
    inside = ("exec", "tuanbot-test")
    try:
        engine(*start)
        wait_until_healthy(port)
        assert engine(*inside, "id", "-un") == "tuanbot"
        assert engine(*inside, "date", "+%Z") == "CST"
        assert "pg_dump (PostgreSQL) 17." in engine(*inside, "pg_dump", "--version")
        seen = engine(*inside, "tuanbot", "doctor", check=False)
        assert "✓ 字体：画得出图" in seen
        assert "✓ 团团：在运行" in seen
        assert "备份好了" in engine(*inside, "tuanbot", "backup")
        began = time.monotonic()
        engine("stop", "-t", "15", "tuanbot-test")
        assert time.monotonic() - began < 12
        assert engine("inspect", "-f", "{{.State.ExitCode}}", "tuanbot-test") == "0"
        engine("rm", "tuanbot-test")
        engine(*start)
        wait_until_healthy(port)
        assert "tuanbot-" in engine(*inside, "ls", "/data/backups")
    finally:
        engine("rm", "-f", "tuanbot-test", check=False)
        engine("volume", "rm", "tuanbot-test", check=False)


def test_every_docker_line_in_the_docs_names_files_profiles_and_services_that_are_there() -> None:
    lines = re.findall(r"docker compose (-f .+?)(?:$|`)", DOCS, re.MULTILINE)
    assert len(lines) >= 5
    profiles = {name for service in COMPOSE["services"].values() for name in service.get("profiles", [])}
    for line in lines:
        words = shlex.split(line)
        assert (ROOT / words[1]).exists()
        assert {words[n + 1] for n, word in enumerate(words) if word == "--profile"} <= profiles
        verb = next(place for place, word in enumerate(words) if word in ("up", "exec", "cp", "stop", "run"))
        target = [word.partition(":")[0] for word in words[verb + 1 :] if not word.startswith("-")][:1]
        assert set(target) <= set(COMPOSE["services"]), line


def test_the_unit_the_docs_install_is_where_they_say_and_reads_the_same_settings_as_the_backup() -> None:
    unit = (DEPLOY / "tuanbot.service").read_text("utf-8")
    home = re.findall(r"^WorkingDirectory=(.+)$", unit, re.MULTILINE)[0]
    assert f"ExecStart={home}/.venv/bin/tuanbot run" in unit
    assert "Environment=" not in unit  # 只有这里知道的设置，备份与体检看不到
    assert f"--home-dir {home} " in DOCS
    assert f"30 3 * * * cd {home} && .venv/bin/tuanbot backup" in DOCS
