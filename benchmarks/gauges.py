"""量：进程用了多少 CPU 与内存，库里落了多少条、对不对。"""

import asyncio
import os
import resource
import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import linear_regression

from crowd import Flood


class Watch:
    """看着落库的条数与进程的内存。"""

    def __init__(self, pid: int, database: Path, patience: float) -> None:
        self.pid, self.database, self.patience = pid, database, patience
        #: 落库到四分之一、一半、四分之三、全部时的内存，MB
        self.rss: list[float] = []

    async def until(self, wanted: int) -> float:
        """等到库里数得出 `wanted` 条，返回那一刻；一直不动就不等了。"""
        reader = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            seen, moved = -1, time.perf_counter()
            while True:
                now = time.perf_counter()
                (total,) = reader.execute("select coalesce(sum(messages), 0) from group_day").fetchone()
                while len(self.rss) < 4 and total * 4 >= wanted * (len(self.rss) + 1):
                    self.rss.append(round(rss_mb(self.pid), 1))
                if total >= wanted or now - moved > self.patience:
                    return now
                if total != seen:
                    seen, moved = total, now
                await asyncio.sleep(0.02)
        finally:
            reader.close()


class Samples:
    """隔一会儿记一次进程的内存与打开的文件。"""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        #: 第几秒、MB、个
        self.taken: list[tuple[float, float, int]] = []

    async def take(self, *, every: float) -> None:
        """一直记，到被取消为止。"""
        began = time.perf_counter()
        while True:
            self.taken.append((time.perf_counter() - began, rss_mb(self.pid), _open_files(self.pid)))
            await asyncio.sleep(every)

    def found(self) -> dict[str, object]:
        """后一半里内存的斜率（最小二乘），与各时的文件数。"""
        late = self.taken[len(self.taken) // 2 :]
        slope = linear_regression([at for at, _, _ in late], [mb for _, mb, _ in late]).slope if len(late) > 1 else 0.0
        return {
            "rss_mb": [round(mb, 1) for _, mb, _ in self.taken[:: max(1, len(self.taken) // 8)]],
            "mb_per_10_minutes": round(slope * 600, 2),
            "files": [files for _, _, files in self.taken],
        }


def _open_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def check(floods: Sequence[Flood], database: Path) -> dict[str, object]:
    """逐群逐日与我们自己数的对一遍。"""
    reader = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        rows = reader.execute(
            "select g.group_id, d.day, d.messages, d.speakers from group_day d join chat_group g on g.id = d.group_id"
        ).fetchall()
        (pairs,) = reader.execute("select count(*) from interaction").fetchone()
        (effective,) = reader.execute("select count(*) from interaction where sessions > 0").fetchone()
    finally:
        reader.close()
    messages = {(group, str(day)[:10]): count for group, day, count, _ in rows}
    speakers = {(group, str(day)[:10]): count for group, day, _, count in rows}
    said: Counter[tuple[str, str]] = Counter()
    spoke: dict[tuple[str, str], set[int]] = {}
    for flood in floods:
        said += flood.messages
        for key, users in flood.speakers.items():
            spoke.setdefault(key, set()).update(users)
    return {
        "stored": sum(messages.values()),
        "exact": messages == dict(said) and speakers == {key: len(users) for key, users in spoke.items()},
        "pings": sum(len(flood.pings) for flood in floods),
        "interaction_rows": pairs,
        "effective_rows": effective,
    }


def cpu_seconds(pid: int) -> float:
    """进程用掉的 CPU 秒。"""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rss_mb(pid: int) -> float:
    """进程占的内存，MB。"""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6
