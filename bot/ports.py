"""端口：空不空，哪个空。"""

import errno
import socket

from bot.league.errors import Refusal

_NO_PLACE = "这台机器没有这个地址"
_WHY = {
    errno.EADDRINUSE: "被别的程序占着",
    errno.EACCES: "1024 以下的端口要管理员权限",
    errno.EADDRNOTAVAIL: _NO_PLACE,
}


def obstacle(host: str, port: int) -> str:
    """在那里听不了的原因；听得了就是空的。"""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except socket.gaierror:
            return _NO_PLACE
        except OSError as error:
            return _WHY.get(error.errno or 0, str(error.strerror))
    return ""


def must_be_free(host: str, port: int) -> None:
    """端口被占用时早说。"""
    why = obstacle(host, port)
    if why == _NO_PLACE:
        raise Refusal(f"HOST={host} 用不了（{why}）；只写地址，不带 ws://，只给本机用就写 127.0.0.1。")
    if why:
        raise Refusal(f"{host}:{port} 用不了（{why}）；换一个 PORT，或看看团团是不是已经在运行。")


def free_port() -> int:
    """本机一个此刻没人用的端口。"""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
