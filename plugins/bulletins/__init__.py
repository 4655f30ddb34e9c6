"""`/通报`：按季的通报，看草稿、发布、更正、要文件。"""

from nonebot.plugin import PluginMetadata

from plugins.bulletins import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="季度通报",
    description="数字发布时定住，更正另出一版；图送到工作群，Word、表格、PDF 私聊给",
    usage="/通报 2026Q3；/通报 2026Q3 发布；/通报 2026Q3 更正 原因；/通报 2026Q3 文件",
    type="application",
)
__all__ = ["commands", "jobs"]
