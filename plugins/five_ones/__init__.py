"""`/五个一`、`/单位五个一`：自己的、单位的五件事做到哪；管理员定是哪五件。"""

from nonebot.plugin import PluginMetadata

from plugins.five_ones import commands

__plugin_meta__ = PluginMetadata(
    name="五个一",
    description="每季五件事，各有什么证据",
    usage="/五个一；/单位五个一；/五个一 设 2026Q4 实事/团课/谈心/志愿/文体",
    type="application",
)
__all__ = ["commands"]
