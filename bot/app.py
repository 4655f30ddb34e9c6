"""装配：设置 → 数据库 → 适配器 → 插件 → 调度器。从任何目录都能启动。"""

import logging
from pathlib import Path

import nonebot
from nonebot.adapters.onebot import V11Adapter, V12Adapter

import db
from bot.settings import settings

PLUGINS = Path(__file__).parent.parent / "plugins"


def build() -> None:
    """初始化 NoneBot、适配器与全部插件；不连数据库、不监听。"""
    config = settings()
    nonebot.init(
        driver="~fastapi+~websockets",
        host=config.host,
        port=config.port,
        superusers=config.superusers,
        onebot_access_token=config.onebot_access_token,
        command_start={"/", "／"},
        alconna_use_command_start=True,
        alconna_conflict_resolver="raise",
        alconna_cache_message=False,
    )
    driver = nonebot.get_driver()
    driver.register_adapter(V11Adapter)
    driver.register_adapter(V12Adapter)
    nonebot.load_plugins(str(PLUGINS))
    driver.on_startup(start)
    driver.on_shutdown(stop)


async def start() -> None:
    """迁移并连上数据库。"""
    for name in await db.migrate(settings().db_url):
        logging.getLogger("tuanbot").info("数据库已升级：%s", name)
    await db.connect(settings().db_url)


async def stop() -> None:
    """断开数据库。"""
    await db.close()


def run() -> None:
    """启动并一直运行。"""
    build()
    nonebot.run()
