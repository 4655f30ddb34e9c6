"""`/素材`：宣传部取素材，本人说同不同意。"""

import asyncio
import re

from nonebot.plugin import PluginMetadata

from bot.gateway.files import NO_FILES, hand_over
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying
from bot.league import material_consents, materials
from bot.league.errors import Refusal
from bot.league.materials import EXAMPLE
from plugins.materials import render

__plugin_meta__ = PluginMetadata(
    name="素材",
    description="宣传部用的素材，只有本人同意的",
    usage="/素材 [年] [单位]；/素材 同意；/素材 不同意",
    type="application",
)

material_cmd = command(
    "素材", about="宣传部取素材；本人说 同意 或 不同意（私聊）", example=EXAMPLE, audience=Audience.ADMIN
)

_YEAR = re.compile(r"(20\d\d)年?")


@material_cmd.handle()
@answers
async def handle_material(said: Saying) -> Answer:
    """同意、不同意是本人的话；其余是管理员取一个单位一年的。"""
    if not said.private:
        raise Refusal("素材的事不在群里说，私聊我再发一次就好。")
    if said.words == ["同意"]:
        await material_consents.agree(said.by, at=said.at)
        return render.agreed(said.by)
    if said.words in (["不同意"], ["撤回"]):
        await material_consents.decline(said.by)
        return "好，以后取的素材里没有你的。已经发出去的收不回来，要撤请找宣传部。"
    years = [found for word in said.words if (found := _YEAR.fullmatch(word))]
    names = [word for word in said.words if not _YEAR.fullmatch(word)]
    if len(years) > 1 or len(names) > 1:
        raise Refusal(f"单位和年份各写一个，例如：{EXAMPLE}")
    year = int(years[0][1]) if years else None
    pack = await materials.pack(said.by, names[0] if names else None, year, at=said.at)
    return (
        None
        if await hand_over(said, await asyncio.to_thread(render.file, pack, at=said.at), name=render.file_name(pack))
        else NO_FILES
    )
