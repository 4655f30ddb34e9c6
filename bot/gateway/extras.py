"""另装的平台：公众号与 Satori。设置里写了才装，没装好就用一句话说怎么装。"""

import importlib
from importlib.util import find_spec

from nonebot.adapters import Adapter

from bot.league.errors import Refusal
from bot.settings import Extra, Settings

#: 各要哪些包；哪个模块的哪个适配器
_NEEDS = {Extra.WXMP: ("nonebot.adapters.wxmp",), Extra.SATORI: ("nonebot.adapters.satori", "aiohttp")}
_ADAPTERS = {
    Extra.WXMP: ("bot.gateway.official", "OfficialAdapter"),
    Extra.SATORI: ("bot.gateway.satori", "SatoriAdapter"),
}


def check(config: Settings) -> None:
    """写了却没装、没填账号的，`Refusal` 一句话。"""
    for extra in config.adapters:
        if not all(find_spec(name) for name in _NEEDS[extra]):
            raise Refusal(f"TUAN_ADAPTERS 里有 {extra}，可是没有装它。先运行 uv sync --extra {extra}，再启动。")
    if Extra.WXMP in config.adapters and not config.wxmp_bots:
        raise Refusal(
            'TUAN_ADAPTERS 里有 wxmp，请再填 WXMP_BOTS，如 [{"appid": "wx1234", "token": "后台里填的令牌"}]。'
        )
    if Extra.SATORI in config.adapters and not config.satori_clients:
        raise Refusal('TUAN_ADAPTERS 里有 satori，请再填 SATORI_CLIENTS，如 [{"port": 5600, "token": "令牌"}]。')


def adapters(config: Settings) -> list[type[Adapter]]:
    """要装的适配器；NoneBot 初始化之后才能要。"""
    return [
        getattr(importlib.import_module(module), name) for module, name in (_ADAPTERS[one] for one in config.adapters)
    ]


def driver(config: Settings) -> str:
    """NoneBot 的驱动；Satori 说话要一个 HTTP 客户端。"""
    return "~fastapi+~websockets" + ("+~aiohttp" if Extra.SATORI in config.adapters else "")
