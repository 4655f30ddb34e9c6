"""加入与离开的话术。"""

from bot.league.consents import Joined


def first_contact() -> str:
    """还没绑定的群里第一次说话。"""
    return "大家好，我是团团，帮团干部和青年保持联系。现在什么都不记；请团干部发 /绑定本群，我先说清楚记什么，再开始。"


def joined(done: Joined) -> str:
    """加入了，或本来就在。"""
    names = "、".join(done.names)
    if not done.new:
        return f"你已经加入了，联系团干部是{names}。"
    return f"欢迎！{names}是你的联系团干部。我只记你们哪天聊过、各几条，不记内容；/退出 随时停，/我的数据 随时看。"


def left(anything: bool) -> str:
    """退出了，或本来就没加入。"""
    if not anything:
        return "你没有加入，我这里没有在记你。"
    return "好，从现在起不再记了。以前的可以私聊我 /我的数据 看、/删除我的数据 删。想回来再发 /加入。"


def switched(name: str | None) -> str:
    """换好了，或本来就是 TA。"""
    return f"好，{name}现在是你的联系团干部了。" if name else "这位本来就是你的联系团干部。"
