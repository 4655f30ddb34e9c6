"""`/雷达`、`/小伙伴`、`/标签`：自己的联系青年。"""

from nonebot.plugin import PluginMetadata

from plugins.contacts import commands, jobs

__all__ = ["commands", "jobs"]

__plugin_meta__ = PluginMetadata(
    name="联系", description="谁最久没真联系，名单与标签", usage="/雷达 /小伙伴 /标签", type="application"
)
