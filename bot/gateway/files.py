"""把一份文件私聊交给正在说话的人。"""

import base64

from nonebot import require
from nonebot.adapters.onebot import v11
from nonebot.exception import ActionFailed, ApiNotAvailable, NetworkError

from bot.gateway import capabilities
from bot.gateway.capabilities import Ability
from bot.gateway.speaker import Said

require("nonebot_plugin_alconna")

from nonebot_plugin_alconna import SerializeFailed, UniMessage  # noqa: E402

#: 平台不收文件时对人说的话
NO_FILES = "这个平台收不了文件，换 QQ 私聊我再要一次。"


async def hand_over(said: Said, data: bytes, *, name: str) -> bool:
    """只私聊给本人，不在硬盘上落一份；平台不会、明确不收就返回否。"""
    if not capabilities.able(said.bot, Ability.FILE):
        return False
    try:
        if isinstance(said.bot, v11.Bot):
            # QQ 的几种实现都收 base64
            file = f"base64://{base64.b64encode(data).decode()}"
            await said.bot.call_api("upload_private_file", user_id=int(said.by.user_id), file=file, name=name)
        else:
            await UniMessage.file(raw=data, name=name).send()
    except (ActionFailed, ApiNotAvailable, NetworkError, SerializeFailed) as error:
        capabilities.tried(said.bot, Ability.FILE, error)
        return False
    return True
