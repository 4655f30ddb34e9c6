"""装配：设置 → 数据库 → 适配器 → 插件 → 调度器。从任何目录都能启动。"""

import asyncio
import gc
import logging
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import nonebot
from nonebot.plugin import _managers
from nonebot.plugin.manager import PluginManager

import db
from bot import clock
from bot.gateway import capabilities, extras, health, hearing, logs, welcome
from bot.gateway.admission import ACCOUNTS, REPEATS
from bot.gateway.links import FRAME_LIMIT
from bot.gateway.onebot import V11Adapter
from bot.gateway.onebot_v12 import V12Adapter
from bot.gateway.sockets import Sockets
from bot.gateway.workers import WORKERS
from bot.settings import settings
from bot.ticks import run_ticks

PLUGINS = Path(__file__).parent.parent / "plugins"

#: 多久看一眼到点的事，秒
TICK_EVERY = 60
#: 晚了这么久就在日志里说一声，秒
LATE = 2.0
#: 停机时等命令办完，秒；连同写完互动记录、断开数据库，一共不到 10 秒
STOPPING = 3.0

_log = logging.getLogger("tuanbot")
_watch: asyncio.Task[None] | None = None


def build() -> None:
    """初始化 NoneBot、适配器与全部插件；不连数据库、不监听。"""
    config = settings()
    logs.install()
    nonebot.init(
        driver=extras.driver(config),
        host=config.host,
        port=config.port,
        superusers=config.superusers,
        onebot_access_token=config.onebot_access_token,
        wxmp_bots=config.wxmp_bots,
        satori_clients=config.satori_clients,
        api_timeout=10.0,
        command_start={"/", "／"},
        alconna_use_command_start=True,
        alconna_conflict_resolver="raise",
        alconna_cache_message=False,
    )
    driver = nonebot.get_driver()
    logs.install(driver.config.log_level)
    # 停机与启动次序相反：数据库最先连、最后断
    driver.on_startup(start)
    driver.on_shutdown(stop)
    driver.register_adapter(V11Adapter)
    driver.register_adapter(V12Adapter)
    for adapter in extras.adapters(config):
        driver.register_adapter(adapter)
    driver.on_bot_connect(capabilities.learn)
    driver.on_bot_disconnect(capabilities.forget)
    _load_plugins()
    health.open_page()
    _schedule()


def _load_plugins() -> None:
    """按名字的次序装；`nonebot.load_plugins` 只认当前目录下面的，次序也每次不同（帮助与到点的事跟着乱）。"""
    names = sorted(f"plugins.{each.parent.name}" for each in PLUGINS.glob("*/__init__.py"))
    manager = PluginManager(names)
    _managers.append(manager)  # 插件互相 import 时，NoneBot 从这里认出对方也是插件
    for name in names:
        manager.load_plugin(name)


def _schedule() -> None:
    """一个调度器，一件事：每分钟看一眼。迟了也补，攒下的并成一次。"""
    nonebot.require("nonebot_plugin_apscheduler")
    from nonebot_plugin_apscheduler import scheduler

    due: float | None = None

    async def look() -> None:
        nonlocal due
        late = time.monotonic() - due if due is not None else 0.0
        if late > LATE:
            _log.warning("到点的检查晚了 %.0f 秒，现在补上：机器太忙，或者睡过一觉", late)
        due = time.monotonic() + TICK_EVERY
        await run_ticks(clock.now())

    scheduler.add_job(
        look,
        "interval",
        seconds=TICK_EVERY,
        id="ticks",
        misfire_grace_time=int(timedelta(hours=6).total_seconds()),
        coalesce=True,
        max_instances=1,
        replace_existing=True,
    )


async def start() -> None:
    """迁移并连上数据库，开始听、开始干活。"""
    global _watch
    logs.hush()
    for name in await db.migrate(settings().db_url):
        _log.info("数据库已升级：%s", name)
    await db.connect(settings().db_url)
    try:
        await hearing.start_listening()
        await asyncio.to_thread(REPEATS.load)
        await ACCOUNTS.refresh()
    except BaseException:
        await db.close()  # 不断开，进程就退不出去
        raise
    await WORKERS.start()
    _watch = asyncio.create_task(_keep_accounts_fresh())
    gc.collect()
    gc.freeze()
    _log.info("团团已启动，等 OneBot 连到 ws://%s:%d/onebot/v11/ws", settings().host, settings().port)


async def stop() -> None:
    """命令办完，听到的写完，再断开数据库。"""
    if _watch:
        _watch.cancel()
    await WORKERS.stop(patience=STOPPING)
    REPEATS.close()
    await hearing.stop_listening()
    await db.close()
    _log.info("团团已停下")


async def _keep_accounts_fresh() -> None:
    """群归哪个账号，一秒看一次变没变（多数时候只是比一个数）。"""
    while True:
        await asyncio.sleep(1)
        try:
            await ACCOUNTS.refresh()
        except Exception:
            _log.exception("读群的归属时出错，稍后再读")


def run(*, greeting: bool = False) -> None:
    """启动并一直运行；`greeting` 时账号第一次连上打个招呼。

    启动不了（`Refusal`、`db.DatabaseInUse`）在监听之前就抛出来，由命令行说成一句话。
    """
    settings().check()
    extras.check(settings())
    asyncio.run(db.migrate(settings().db_url))  # 顺便占住数据库文件
    build()
    if greeting:
        welcome.install()
    # uvicorn 收尾之后会把信号再发一次；到那时一切都已停好，按正常退出
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    nonebot.run(
        ws=Sockets,
        ws_max_size=FRAME_LIMIT,
        ws_per_message_deflate=False,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=int(STOPPING),
    )
