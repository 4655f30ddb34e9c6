"""把一份文件私聊交给正在说话的人。"""

import base64

from nonebot.adapters.onebot import v11, v12
from nonebot.exception import ActionFailed, ApiNotAvailable, NetworkError

from bot.gateway import capabilities
from bot.gateway.capabilities import Ability
from bot.gateway.sending import upload
from bot.gateway.speaker import Said

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
            return await _send(said.bot, said.by.user_id, data, name)
    except (ActionFailed, ApiNotAvailable, NetworkError) as error:
        capabilities.tried(said.bot, Ability.FILE, error)
        return False
    return True


async def _send(bot: v12.Bot, user_id: str, data: bytes, name: str) -> bool:
    file_id = await upload(bot, data, name=name, ability=Ability.FILE)
    if file_id is None:
        return False
    message = v12.Message(v12.MessageSegment.file(file_id))
    await bot.send_message(detail_type="private", user_id=user_id, message=message)
    return True
