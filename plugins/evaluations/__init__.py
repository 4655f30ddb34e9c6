"""`/评估`：数由团团摆，意见由上级的人写、人签，可以提异议。"""

from nonebot.plugin import PluginMetadata

from plugins.evaluations import commands

__plugin_meta__ = PluginMetadata(
    name="评估",
    description="年中、年底一个单位一份评估",
    usage="/评估 2026上半年 [单位]；/评估 签 …；/评估 异议 理由；/评估 答复 …",
    type="application",
)
__all__ = ["commands"]
