"""`/帮助`：按身份说有哪些命令，或某一条怎么用。"""

from difflib import get_close_matches

from nonebot.plugin import PluginMetadata

from bot.gateway.router import COMMANDS, Answer, Audience, Command, answers, command
from bot.gateway.speaker import Saying
from bot.league.errors import Refusal
from bot.league.roster import Speaker

__plugin_meta__ = PluginMetadata(
    name="帮助", description="有哪些命令，怎么用", usage="/帮助 [命令]", type="application"
)

help_cmd = command(
    "帮助",
    about="有哪些命令，某一条怎么用",
    example="/帮助 心愿",
    audience=Audience.YOUTH,
    aliases=("help", "菜单"),
)


@help_cmd.handle()
@answers
async def handle_help(said: Saying) -> Answer:
    """不带词说全部，带词说那一条。"""
    return one(said.words[0].lstrip("/／"), said.by) if said.words else everything(said.by)


def everything(by: Speaker) -> str:
    """这个身份用得上的命令，一种身份一行；最多 12 行。"""
    lines = [
        f"【{audience}】{' '.join(f'/{known.head}' for known in COMMANDS.values() if known.audience is audience)}"
        for audience in audiences(by)
        if any(known.audience is audience for known in COMMANDS.values())
    ]
    return "\n".join(["我是团团，认得这些：", *lines, "某一条怎么用，发 /帮助 心愿 这样问我。"])


def audiences(by: Speaker) -> list[Audience]:
    """按身份看得到哪几组。"""
    allowed = {
        Audience.YOUTH: True,
        Audience.CADRE: by.is_cadre or by.is_admin,
        Audience.ADMIN: by.is_admin,
        Audience.SUPERUSER: by.superuser,
    }
    return [audience for audience in Audience if allowed[audience]]


def one(word: str, by: Speaker) -> str:
    """一条命令做什么、怎么写；没有这条就在他用得上的里面猜一猜。"""
    names = {name: known for known in COMMANDS.values() for name in (known.head, *known.aliases)}
    if word in names:
        return _line(names[word])
    names = {name: known for name, known in names.items() if known.audience in audiences(by)}
    near = get_close_matches(word, names, n=2, cutoff=0.4) or [name for name in names if word in name][:2]
    guess = f"是不是 {'、'.join(f'/{name}' for name in near)}？" if near else "发 /帮助 看看有哪些。"
    raise Refusal(f"没有 /{word[:12]} 这条命令。{guess}")


def _line(known: Command) -> str:
    also = f"（也可以写 {'、'.join(f'/{alias}' for alias in known.aliases)}）" if known.aliases else ""
    return f"/{known.head}：{known.about}{also}\n例子：{known.example}"
