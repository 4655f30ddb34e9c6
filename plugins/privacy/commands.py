"""`/我的数据` `/删除我的数据` `/取消删除`。"""

import base64

from nonebot import require
from nonebot.adapters.onebot import v11
from nonebot.exception import ActionFailed, ApiNotAvailable, NetworkError

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Said, Saying
from bot.league import erasures, privacy
from bot.league.errors import Refusal

from . import render

require("nonebot_plugin_alconna")

from nonebot_plugin_alconna import SerializeFailed, UniMessage  # noqa: E402

data_cmd = command(
    "我的数据", about="看存了我什么；加“导出”拿整份文件", example="/我的数据 导出", audience=Audience.YOUTH
)


@data_cmd.handle()
@answers
async def handle_data(said: Saying) -> Answer:
    """只私聊本人。"""
    if not said.private:
        raise Refusal("请私聊我发 /我的数据，只说给你一个人听。")
    if said.words and said.words != ["导出"]:
        raise Refusal("看一眼发 /我的数据，要整份文件发 /我的数据 导出。")
    if not said.words:
        return render.holdings(await privacy.holdings(said.by))
    text = render.export(await privacy.export(said.by, at=said.at))
    return None if await _hand_over(said, text.encode()) else text


async def _hand_over(said: Said, data: bytes) -> bool:
    """当文件发给本人；平台发不了文件就返回否。"""
    try:
        if isinstance(said.bot, v11.Bot):
            # QQ 的几种实现都收 base64，不用在硬盘上落一份
            file = f"base64://{base64.b64encode(data).decode()}"
            user_id = int(said.by.user_id)
            await said.bot.call_api("upload_private_file", user_id=user_id, file=file, name=render.FILE_NAME)
        else:
            await UniMessage.file(raw=data, name=render.FILE_NAME).send()
    except (ActionFailed, ApiNotAvailable, NetworkError, SerializeFailed):
        return False
    return True


erase_cmd = command("删除我的数据", about="24 小时后删掉关于我的一切", example="/删除我的数据", audience=Audience.YOUTH)


@erase_cmd.handle()
@answers
async def handle_erase(said: Saying) -> Answer:
    """排上删除，留 24 小时反悔。"""
    return render.erasing(await erasures.ask(said.by, at=said.at))


keep_cmd = command("取消删除", about="反悔了，数据不删了", example="/取消删除", audience=Audience.YOUTH)


@keep_cmd.handle()
@answers
async def handle_keep(said: Saying) -> Answer:
    """在冷静期里反悔。"""
    return render.kept(await erasures.cancel(said.by, at=said.at))
