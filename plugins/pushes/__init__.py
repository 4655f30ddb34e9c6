"""好物：推给群里，也可以自己来看、来订；有没有用由人说。"""

from nonebot.plugin import PluginMetadata

from plugins.pushes import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="好物",
    description="推送排队、好物与看法、按标签订阅",
    usage="/推送 标题 链接 [标签]；/好物；/订阅 标签",
    type="application",
)
__all__ = ["commands", "jobs"]
