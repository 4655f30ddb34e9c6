"""微心愿：提、认领、办、答复、确认，以及每分钟看一遍期限。"""

from nonebot.plugin import PluginMetadata

from plugins.wishes import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="wishes",
    description="微心愿：从提出到青年本人确认",
    usage="/心愿 内容；/心愿墙；/认领 W12",
    type="application",
)
__all__ = ["commands", "jobs"]
