"""话题与投票：开个头，数数有几位青年说了实在的话，听听大家选哪样。"""

from nonebot.plugin import PluginMetadata

from plugins.topics import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="话题与投票",
    description="开话题、不记名投票，到点贴结果",
    usage="/话题 标题；/投票 题目 甲/乙/丙；/投 2",
    type="application",
)
__all__ = ["commands", "jobs"]
