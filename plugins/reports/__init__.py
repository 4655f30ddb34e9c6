"""季报：照事实起草，人来改、来签发；组织部看谁交了，不行退回。"""

from nonebot.plugin import PluginMetadata

from plugins.reports import commands

__plugin_meta__ = PluginMetadata(
    name="季报",
    description="季报的草稿、签发、谁交了",
    usage="/季报；/季报 改 二 话；/季报 签发；/季报 表；/季报 退回 某团总支 原因",
    type="application",
)
__all__ = ["commands"]
