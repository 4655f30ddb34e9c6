"""起真的进程：和使用者敲命令一样，只是数据放在临时目录里。"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

SUPERUSER = "10001"


def tuanbot(*arguments: str, folder: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """在 `folder` 里执行一条 `tuanbot …`，等它结束；卡住 60 秒算失败。"""
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """数据放在 `folder/data`，别的设置一概不从外面带进来。"""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUAN_", "ONEBOT_"))}
    given = {"TUAN_DATA_DIR": str(folder / "data"), "PYTHONIOENCODING": "utf-8", "SUPERUSERS": f'["{SUPERUSER}"]'}
    return kept | given | settings


@contextmanager
def bot_running(folder: Path, **settings: str) -> Iterator[int]:
    """一个正在运行的机器人，给出端口；退出时必须自己好好停下。"""
    port = free_port()
    log = folder / "bot.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env=environment(folder, PORT=str(port), **settings),
            stdout=output,
            stderr=output,
        )
        try:
            _wait_for(port, process, log)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                status = process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                status = process.wait()
    assert status == 0, f"没有好好停下（{status}）：{log.read_text('utf-8')[-2000:]}"


def free_port() -> int:
    """一个此刻没人用的端口。"""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def midday_zone() -> str:
    """一个此刻是中午前后的时区：几点跑测试都碰不上静默时段，也不会跨过零点。"""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def last_noon() -> datetime:
    """最近过去的一个中午（北京时间）：那时放下的通知，几点跑测试都不必等静默时段过去。"""
    now = datetime.now(UTC)
    noon = now.replace(hour=4, minute=0, second=0, microsecond=0)
    return noon if noon <= now else noon - timedelta(days=1)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        assert process.poll() is None, log.read_text("utf-8")[-2000:]
        assert time.monotonic() < deadline, "30 秒还没起来"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
