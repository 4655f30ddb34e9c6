"""`/积分`、`/排名`：一季的积分从哪来，排在哪里。"""

from nonebot.plugin import PluginMetadata

from plugins.scores import commands, jobs

__all__ = ["commands", "jobs"]

__plugin_meta__ = PluginMetadata(
    name="积分与排名", description="按季度的积分与名次，由事实算出", usage="/积分 /排名", type="application"
)
