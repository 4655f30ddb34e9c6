"""`/课题`：一人一年一个课题；管理员看下面都定了什么。"""

from nonebot.plugin import PluginMetadata

from plugins.studies import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="年度课题",
    description="一年一个课题：定题、进展、结题",
    usage="/课题；/课题 题目；/课题 进展 话；/课题 结题 链接或话；/课题 统计",
    type="application",
)
__all__ = ["commands", "jobs"]
