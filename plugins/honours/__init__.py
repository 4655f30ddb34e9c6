"""`/光荣榜`、`/加油榜`：单位的榜，管理员看好了发布。"""

from nonebot.plugin import PluginMetadata

from plugins.honours import commands, jobs

__all__ = ["commands", "jobs"]

__plugin_meta__ = PluginMetadata(
    name="光荣榜与加油榜",
    description="光荣榜送到工作群；加油的话只说给那个单位自己的管理员",
    usage="/光荣榜；/光荣榜 发布；/加油榜；/加油榜 发布",
    type="application",
)
