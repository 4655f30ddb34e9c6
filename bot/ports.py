"""端口：空不空，哪个空。"""

import socket

from bot.league.errors import Refusal


def must_be_free(host: str, port: int) -> None:
    """端口被占用时早说。"""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refusal(
                f"{host}:{port} 用不了（{error.strerror}）；换一个 PORT，或看看团团是不是已经在运行。"
            ) from None


def free_port() -> int:
    """本机一个此刻没人用的端口。"""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
