"""第一次连上时打个招呼：`tuanbot setup` 装上它，终端里说一声，再私聊超级管理员一句。"""

import sys

import nonebot
from nonebot.adapters.onebot import v11, v12
from nonebot.exception import ActionFailed, ApiNotAvailable, NetworkError

from bot.gateway import capabilities
from bot.gateway.speaker import Bot, scope_of
from bot.league.crises import account
from bot.settings import settings

HELLO = (
    "你好，我是团团，已经连上了。\n"
    "下一步：发 /导入，我给你一张空表，填好发回来就行；再请团干部到自己的青年群里发 /绑定本群。\n"
    "想看我会什么，发 /帮助。"
)

_greeted = set[str]()


def install() -> None:
    """从这次启动起，每个账号第一次连上时打招呼。"""
    nonebot.get_driver().on_bot_connect(_greet)


async def _greet(bot: Bot) -> None:
    if bot.self_id in _greeted:
        return
    _greeted.add(bot.self_id)
    found = await capabilities.learn(bot)
    _tell(f"✓ {bot.self_id} 连上了（{found.name} {found.version}）".rstrip())
    if found.missing:
        _tell(f"  它不会：{'、'.join(found.missing)}")
    known = map(account, sorted(settings().superusers))
    for user in [user for scope, user in known if scope is scope_of(bot)]:
        try:
            await _hello(bot, user)
        except (ActionFailed, ApiNotAvailable, NetworkError, ValueError):
            _tell(f"! 给 {user} 的问候没发出去：看看号码对不对，让他和机器人加好友，再私聊机器人 /ping 在吗")
        else:
            _tell(f"✓ 已私聊 {user} 打招呼，去看看。团团就这样一直开着；要停按 Ctrl+C，下次用 tuanbot run 启动。")


async def _hello(bot: Bot, user: str) -> None:
    if isinstance(bot, v11.Bot):
        await bot.send_private_msg(user_id=int(user), message=v11.Message(v11.MessageSegment.text(HELLO)))
    else:
        await bot.send_message(detail_type="private", user_id=user, message=v12.Message(v12.MessageSegment.text(HELLO)))


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
