"""最美青春故事：青年推荐，本人点头，评审看名单。"""

from nonebot.plugin import PluginMetadata

from plugins.nominations import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="推荐",
    description="青年推荐团干部参加最美青春故事",
    usage="/推荐 @干部 事迹；/推荐 同意；/推荐 名单",
    type="application",
)
__all__ = ["commands", "jobs"]
