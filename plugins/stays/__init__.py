"""`/下基层`：记天数、看自己的一年；管理员定要几天、看汇总。"""

from nonebot.plugin import PluginMetadata

from plugins.stays import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="下基层",
    description="8+4、4+1、蹲点：一天只记一次，每项里只数一遍",
    usage="/下基层；/下基层 2天 某县团委 8+4；/下基层 设 8+4 120天；/下基层 统计",
    type="application",
)
__all__ = ["commands", "jobs"]
