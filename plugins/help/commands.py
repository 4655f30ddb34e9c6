"""`/帮助`，和有人打招呼时的一声答应。"""

from difflib import get_close_matches

from nonebot import on_message
from nonebot.rule import Rule

from bot.gateway.greetings import is_greeting, may_answer
from bot.gateway.router import COMMANDS, Answer, Audience, answers, audiences, command
from bot.gateway.speaker import MessageEvent, Saying, reading_of
from bot.league.errors import Refusal
from bot.league.roster import Speaker

from . import render

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
    """不带词是常用的一页，`全部` 是全部，带命令词说那一条。"""
    word = said.words[0].lstrip("/／") if said.words else ""
    if not word:
        return render.front(said.by)
    if word == render.EVERYTHING:
        return render.everything(audiences(said.by))
    if word in audiences(said.by):
        return render.shelf(Audience(word), said.by)
    return _one(word, said.by)


def _one(word: str, by: Speaker) -> str:
    """一条命令做什么、怎么写；没有这条就在他用得上的里面猜一猜。"""
    names = {name: known for known in COMMANDS.values() for name in (known.head, *known.aliases)}
    if word in names:
        return render.one(names[word])
    names = {name: known for name, known in names.items() if known.within(audiences(by))}
    near = get_close_matches(word, names, n=2, cutoff=0.4) or [name for name in names if word in name][:2]
    guess = f"是不是 {'、'.join(f'/{name}' for name in near)}？" if near else "发 /帮助 看看有哪些。"
    raise Refusal(f"没有 /{word[:12]} 这条命令。{guess}")


async def _greeted(event: MessageEvent) -> bool:
    return is_greeting(reading_of(event), private=not getattr(event, "group_id", None))


greeted_cmd = on_message(rule=Rule(_greeted), priority=10, block=False)


@greeted_cmd.handle()
@answers
async def handle_greeted(said: Saying) -> Answer:
    """应一声；群里一天一次，免得一人一句刷屏。"""
    if not may_answer(said.scope, said.group_id or said.by.user_id, said.at):
        return None
    return render.hello(said.by, group=said.group, private=said.private)
