"""`tuanbot try` 用的地方、端口与设置：盖过使用者自己的 `.env`，不碰他的库。"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.league.errors import Refusal
from bot.ports import free_port, must_be_free

#: 网页平时开在这个端口
PORT = 8080
LOCAL = "127.0.0.1"


@contextmanager
def room() -> Iterator[Path]:
    """库放在哪：说了 `TUAN_DATA_DIR` 就用它里面的 `try`，每次从头来，不碰真的库；没说就用完即扔。"""
    if given := os.environ.get("TUAN_DATA_DIR"):
        yield _emptied(Path(given).absolute() / "try")
        return
    with tempfile.TemporaryDirectory(prefix="tuanbot-", ignore_cleanup_errors=True) as thrown_away:
        yield Path(thrown_away)


def _emptied(folder: Path) -> Path:
    if folder.exists() and any(folder.iterdir()) and not (folder / "try.db").exists():
        raise Refusal(f"{folder} 里放着别的东西，不敢动；换一个 TUAN_DATA_DIR 再来。")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def port(*, preferred: int | None) -> int:
    """说了 `PORT` 就用它，占着就 `Refusal`；没说，`preferred` 空着就用它，不然随便找一个。"""
    if given := os.environ.get("PORT"):
        if not given.isdecimal() or not 0 < int(given) < 65536:
            raise Refusal(f"PORT={given} 不是端口；写 1 到 65535 的一个数，如 {PORT}。")
        must_be_free(LOCAL, int(given))
        return int(given)
    if preferred is not None:
        try:
            must_be_free(LOCAL, preferred)
        except Refusal:
            return free_port()
        return preferred
    return free_port()


def throwaway(data: Path, port: int) -> dict[str, str]:
    """演出用的设置；只有本机连得上。"""
    return {
        "HOST": LOCAL,
        "LOG_LEVEL": "ERROR",
        "PORT": str(port),
        "SUPERUSERS": '["10001"]',
        "ONEBOT_ACCESS_TOKEN": secrets.token_urlsafe(16),
        "ONEBOT_WS_URLS": "[]",
        "ONEBOT_V12_WS_URLS": "[]",
        "TUAN_ADAPTERS": ",",
        "TUAN_DATA_DIR": str(data),
        "TUAN_DATABASE_URL": f"sqlite://{data / 'try.db'}",
        "TUAN_TIMEZONE": "Asia/Shanghai",
        "TUAN_ORGANISATION": "示例大学团委",
        "TUAN_CONTACT": "团委办公室",
        "TUAN_DUTY": "qq:10001",
        "TUAN_SHADOW_QUARTERS": ",",  # 空着的会被当作没写
        "TUAN_PASS_THROUGH": "false",
    }
