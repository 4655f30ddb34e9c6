"""沙盒：`tuanbot try` 用的示例大学与一个小小的 OneBot 实现。平时只是躺在这里，什么也不做。"""

from nonebot.plugin import PluginMetadata

__plugin_meta__ = PluginMetadata(
    name="sandbox", description="tuanbot try：演一个下午给你看", usage="tuanbot try", type="application"
)
