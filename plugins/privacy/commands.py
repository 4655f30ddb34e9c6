"""`/我的数据` `/删除我的数据` `/取消删除`。"""

from bot.gateway.files import hand_over
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import erasures, exports, privacy
from bot.league.errors import Refusal

from . import render

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
    text = render.export(await exports.everything(said.by, at=said.at))
    return None if await hand_over(said, text.encode(), name=render.FILE_NAME) else text


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
