"""青年评价：随机问到的几位，悄悄打个分。"""

from nonebot.plugin import PluginMetadata

from plugins.ratings import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="青年评价", description="青年给联系团干部打分，合起来只说个大概", usage="/评价 4 [话]", type="application"
)
__all__ = ["commands", "jobs"]
