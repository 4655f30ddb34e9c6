"""`/参评` `/申诉`：建议和理由由团团摆，定由人来定。"""

from nonebot.plugin import PluginMetadata

from plugins.eligibilities import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="参评",
    description="参评资格的建议、决定与申诉",
    usage="/参评；/参评 名单 [单位] [年]；/参评 定 张三 可参评；/申诉 理由",
    type="application",
)
__all__ = ["commands", "jobs"]
