"""抽查：随机抽、私下问、对不上的开案，和记录的核验。"""

from nonebot.plugin import PluginMetadata

from plugins.checks import commands, jobs

__plugin_meta__ = PluginMetadata(
    name="抽查",
    description="随机抽几件事悄悄问青年，对不上的请团干部说明、督导裁定；核验记录没改过",
    usage="/抽查 20；/说明 K7 …；/裁定 K7 属实 理由；/核验 A7",
    type="application",
)
__all__ = ["commands", "jobs"]
