"""心声、建议、投诉：说给该听的人，等一声回音。"""

from nonebot.plugin import PluginMetadata

from plugins.voices import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="voices",
    description="心声、建议、投诉：从说出来到有回音",
    usage="/心声 内容；/建议 内容；/投诉 内容；/回复 V5 话",
    type="application",
)
__all__ = ["commands", "jobs"]
