"""`/交接`，与青年的 `/愿意` `/不了`。"""

from nonebot.plugin import PluginMetadata

from plugins.handovers import commands, jobs

__all__ = ["commands", "jobs"]

__plugin_meta__ = PluginMetadata(
    name="交接", description="换一位团干部接着联系，一位一位问本人", usage="/交接 /愿意 /不了", type="application"
)
