"""重复推送的命令只办一次：断线重连、重启之后，OneBot 实现可能把最近的消息再推一遍。"""

import contextlib
import hashlib
import time
from typing import IO

from bot.settings import settings

#: 隔多久的重复还认得，秒
_MEMORY = 600.0
#: 内存里一代最多记多少条，满了就换代
_GENERATION = 20_000


class Repeats:
    """见过的命令。内存里两代轮换；办完的另记一行到文件，重启后仍认得。文件里只有带钥匙的摘要。"""

    def __init__(self) -> None:
        self._young: set[bytes] = set()
        self._old: set[bytes] = set()
        self._turned_at = time.monotonic()
        self._file: IO[bytes] | None = None

    def seen(self, *parts: str) -> bool:
        """见过没有；没见过就记住。"""
        key = _digest(parts)
        if key in self._young or key in self._old:
            return True
        if len(self._young) >= _GENERATION or time.monotonic() - self._turned_at > _MEMORY:
            self._young, self._old = set(), self._young
            self._turned_at = time.monotonic()
        self._young.add(key)
        return False

    def done(self, *parts: str) -> None:
        """办完了，重启后也别再办。"""
        if self._file:
            self._file.write(f"{time.time():.0f} {_digest(parts).hex()}\n".encode())

    def load(self) -> None:
        """启动时读回最近办完的，并把文件里过期的删掉。"""
        path = settings().data_dir.absolute() / "handled"
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = []
        with contextlib.suppress(FileNotFoundError):
            fresh = [line for line in path.read_text("ascii", "replace").splitlines() if _is_fresh(line)]
        self._young.update(bytes.fromhex(line.split()[1]) for line in fresh)
        path.write_text("".join(f"{line}\n" for line in fresh), "ascii")
        self.close()
        self._file = path.open("ab", buffering=0)

    def close(self) -> None:
        """不再往文件里记。"""
        if self._file:
            self._file.close()
            self._file = None


def _digest(parts: tuple[str, ...]) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12, key=settings().digest_key[:64]).digest()


def _is_fresh(line: str) -> bool:
    stamp, _, digest = line.partition(" ")
    return stamp.isdecimal() and len(digest) == 24 and time.time() - int(stamp) < _MEMORY
