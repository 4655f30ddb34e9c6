"""活动：发起、报名、签到、小结。"""

from nonebot.plugin import PluginMetadata

from plugins.activities import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="活动",
    description="发起活动、报名、签到",
    usage="/活动 发起 …；/报名 A3；/到场 4821",
    type="application",
)
__all__ = ["commands", "jobs"]
