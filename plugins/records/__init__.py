"""记录：记一笔、更正、查；青年说有没有、提异议。"""

from nonebot.plugin import PluginMetadata

from plugins.records import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="记录",
    description="把办过的事记一笔，由青年本人确认",
    usage="/记 @小王 谈心；/纠错 A7 原因；/查记录",
    type="application",
)
__all__ = ["commands", "jobs"]
