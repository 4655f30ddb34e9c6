"""一所示例大学的一季有多快：排名、积分、通报；再看二十一万名团干部排一回。

    uv run python benchmarks/school.py                    # 两种引擎，约三分钟
    uv run python benchmarks/school.py --engine sqlite    # 只量一种
    uv run python benchmarks/school.py --small            # 小小一所，只看跑不跑得通

二十个单位、二百名团干部、八千名青年、四十万行互动，连同心愿、心声、活动、评价，整批写进库里再量。
每样量几回取最好的一回，旁边写着当时机器有多忙；PostgreSQL 用测试的那一个（`fsync` 关着）。
先印一行 JSON，再印给人看的几行；结果不对（有人没分、没名次、答错了），退出状态是 1。
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.expressions import F
from tortoise.transactions import in_transaction

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import db  # noqa: E402
from benchmarks.asking import ASKED, best, measure_process, spread, took  # noqa: E402
from benchmarks.campus import Campus, country  # noqa: E402
from benchmarks.pouring import pour  # noqa: E402
from bot import app  # noqa: E402
from bot.cards import draw  # noqa: E402
from bot.league import boards, bulletins, rankings, roster, scores  # noqa: E402
from bot.league.periods import Quarter  # noqa: E402
from bot.league.roster import Speaker  # noqa: E402
from db import sql  # noqa: E402
from db.models import Ranking, Scope, Score, Unit  # noqa: E402
from tests import postgres  # noqa: E402
from tests.process import BOSS  # noqa: E402

#: 全国有多少名团干部，一同排一回
EVERYONE = 210_000
_BOSS = Speaker(Scope.QQ, str(BOSS), superuser=True)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[None]:
    """连上，用完断开。"""
    EXECUTOR_CACHE.clear()  # 这个缓存不分方言
    await db.connect(url)
    roster.touch()
    try:
        yield
    finally:
        await db.close()


async def measure_campus(url: str, campus: Campus, *, at: datetime) -> dict[str, Any]:
    """写进一季的事实，量算分与看榜。"""
    await db.migrate(url)
    await db.close()
    began = time.perf_counter()
    rows = await pour(url, campus.facts(at=at))
    found: dict[str, Any] = {"rows": rows, "poured_seconds": round(time.perf_counter() - began, 1)}
    async with connected(url):
        await sql.analyze()
        found["score_all_ms"] = await best(lambda: _score_all(at))
        found["rebuild_ms"] = await best(lambda: rankings.rebuild(at=at), 2)
        found["full_look_ms"] = round(await took(lambda: rankings.refresh(at=at)))
        found["look_ms"] = await best(lambda: rankings.refresh(at=at))
        found["board_ms"] = await spread(lambda: _board(at))
        found["own_ms"] = await spread(lambda: rankings.own_rank(1, at=at))
        found["probe_ms"] = await _probe()
        found["right"] = await _all_ranked(campus, at)
        found["bulletin_seconds"] = await measure_bulletin(at)
    return found


async def _score_all(at: datetime) -> None:
    await Score.filter(quarter=str(Quarter.of(at))).delete()
    await scores.recompute(Quarter.of(at), at=at)


async def _board(at: datetime) -> boards.Page:
    return await boards.page(_BOSS, unit="", quarter=Quarter.of(at), top=10, at=at, public=False)


async def _probe() -> float:
    """照主键取一行，是这台机器、这个库最快的一问。"""
    first = await Ranking.all().order_by("id").first()
    assert first
    return await best(lambda: sql.query("SELECT * FROM ranking WHERE id = $1", first.id), ASKED)


async def _all_ranked(campus: Campus, at: datetime) -> bool:
    """人人有分、有名次，每个单位都有中位数。"""
    page = await _board(at)
    sizes = sum(board.size for board in page.boards)
    return sizes == campus.cadres and len(page.units) == campus.units


async def measure_bulletin(at: datetime) -> float:
    """整份季度通报，秒：算数、画图、写公文、工作簿、PDF。"""
    from plugins.bulletins import render

    school = await Unit.get(parent_id=None)

    async def whole() -> None:
        issue = await bulletins.draw_up(school, Quarter.of(at), at=at)
        assert draw(render.card(issue))
        assert len(render.files(issue)) == 3

    return round(await best(whole, 3) / 1000, 2)


async def measure_country(url: str, cadres: int, *, at: datetime) -> dict[str, Any]:
    """`cadres` 名团干部排一回：只排、排了写下来、看自己的，都跟取一行比。"""
    await db.migrate(url)
    await db.close()
    await pour(url, country(cadres, at=at))
    async with connected(url):
        await sql.analyze()
        quarter = Quarter.of(at)
        placed = f"SELECT SUM(place + size + unit_place + unit_size) FROM ({rankings.PLACED}) AS placed"
        rank = await best(lambda: _rank(placed, quarter))
        first = round(await took(lambda: rankings.snapshot(quarter, at=at)))
        await sql.analyze()
        probe = await _probe()
        again = await best(lambda: _some_move_up(quarter, cadres, at), 3)
        own = await best(lambda: Ranking.get(quarter=str(quarter), cadre_id=cadres // 2), ASKED)
        right = await Ranking.filter(quarter=str(quarter)).count() == cadres
    return {
        "cadres": cadres,
        "rank_ms": rank,
        "first_store_ms": first,
        "again_ms": again,
        "own_place_ms": own,
        "probe_ms": probe,
        "rank_to_probe": round(rank / probe),
        "again_to_probe": round(again / probe),
        "right": right,
    }


async def _rank(placed: str, quarter: Quarter) -> None:
    """只排，不写；内存同取快照时一样多。"""
    async with in_transaction():
        await sql.execute("SET LOCAL work_mem = '64MB'")
        await sql.query(placed, str(quarter), quarter.end)


async def _some_move_up(quarter: Quarter, cadres: int, at: datetime) -> None:
    """一百人的分涨了，重排一回、写下变了的。"""
    moved = Score.filter(quarter=str(quarter), cadre_id__in=range(1, cadres, max(1, cadres // 100)))
    await moved.update(total=F("total") + 0.1)
    await rankings.snapshot(quarter, at=at)


async def measure_picture(url: str, *, at: datetime) -> float:
    """二十行的榜画一张图，毫秒。"""
    from plugins.scores import render

    async with connected(url):
        page = await boards.page(_BOSS, unit="", quarter=Quarter.of(at), top=20, at=at, public=False)
    [_, board] = page.boards
    card = render.board(boards.Page(page.quarter, page.span, True, [], [board], False, at), top=20, notes=[])

    async def paint() -> None:
        draw(card)

    return await best(paint)


async def run(engines: list[str], campus: Campus, everyone: int) -> dict[str, Any]:
    """挨个引擎量一遍。"""
    at = datetime.now(UTC)
    found: dict[str, Any] = {"load_before": round(os.getloadavg()[0], 1)}
    with tempfile.TemporaryDirectory(prefix="school-") as root:
        folder = Path(root)
        os.environ.update(TUAN_DATA_DIR=str(folder / "here"), LOG_LEVEL="ERROR")
        app.build()  # 插件的样子要用
        if "sqlite" in engines:
            url = f"sqlite://{folder / 'school.db'}"
            found["sqlite"] = await measure_campus(url, campus, at=at)
            found["picture_ms"] = await measure_picture(url, at=at)
            found["sqlite"] |= await measure_process(folder, url)
        if "postgres" in engines:
            with postgres.serve() as server:
                for name in ("school", "country"):
                    await server.create(name)
                found["postgres"] = await measure_campus(server.url("school"), campus, at=at)
                found["postgres"] |= await measure_process(folder, server.url("school"))
                found["country"] = await measure_country(server.url("country"), everyone, at=at)
    return found | {"load_after": round(os.getloadavg()[0], 1)}


def tell(found: dict[str, Any]) -> str:
    """给人看的几行。"""
    lines = [f"机器有多忙（一分钟平均负载）：开始 {found['load_before']}，结束 {found['load_after']}"]
    for engine in ("sqlite", "postgres"):
        if one := found.get(engine):
            reply, board = one["reply_ms"], one["board_ms"]
            lines.append(
                f"{engine}：{one['rows']} 行 {one['poured_seconds']} 秒写完；全部重算 {one['score_all_ms']} 毫秒，"
                f"看一遍谁动过 {one['look_ms']} 毫秒；/排名 取数 {board['p50']} / {board['p99']}，"
                f"真进程问答 {reply['p50']} / {reply['p99']} 毫秒（/ping {one['ping_ms']['p50']}），"
                f"刚启动头一问 {one['first_ms']}；看自己的 {one['own_ms']['p50']}；取一行 {one['probe_ms']}"
                f"；整份通报 {one['bulletin_seconds']} 秒"
            )
    if "picture_ms" in found:
        lines.append(f"二十行的图 {found['picture_ms']} 毫秒")
    if one := found.get("country"):
        lines.append(
            f"{one['cadres']} 名团干部排一回 {one['rank_ms']} 毫秒，是取一行（{one['probe_ms']} 毫秒）的 "
            f"{one['rank_to_probe']} 倍；头一回写下来 {one['first_store_ms']} 毫秒，"
            f"一百人的分变了再排、写下变了的 {one['again_ms']} 毫秒，{one['again_to_probe']} 倍；"
            f"看自己的名次 {one['own_place_ms']} 毫秒"
        )
    return "\n".join(lines)


def main() -> None:
    """命令行。"""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], help="只量一种")
    parser.add_argument("--small", action="store_true", help="小小一所，只看跑不跑得通")
    chosen = parser.parse_args()
    campus = Campus(units=2, cadres=20, youths=200, interactions=2_000) if chosen.small else Campus()
    engines = [chosen.engine] if chosen.engine else ["sqlite", "postgres"]
    found = asyncio.run(run(engines, campus, 1_000 if chosen.small else EVERYONE))
    sys.stdout.write(f"{json.dumps(found, ensure_ascii=False)}\n{tell(found)}\n")
    measured = [found[name] for name in ("sqlite", "postgres", "country") if name in found]
    sys.exit(0 if all(one["right"] for one in measured) else 1)


if __name__ == "__main__":
    main()
