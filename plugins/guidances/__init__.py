"""`/指导`：学习教育的五项，做了一项勾一项；管理员看哪些单位有人指导。"""

from nonebot.plugin import PluginMetadata

from plugins.guidances import commands

__plugin_meta__ = PluginMetadata(
    name="学习教育指导",
    description="指导一个团总支、参加一个团支部，五项做了一项勾一项",
    usage="/指导；/指导 软件学院团总支 组织生活会；/指导 撤回 软件学院团总支 组织生活会；/指导 统计",
    type="application",
)
__all__ = ["commands"]
