"""长文字：一条放不下的，QQ 上并成一份转发；实现不收，就画成一张图；图也不收，才按行拆成几条。"""

from collections.abc import Iterator, Sequence

from nonebot.adapters.onebot import v11

from bot.gateway.frames import number

#: 一条消息最多多少字
LONGEST = 1_500
#: 画成图的最多多少字；再长的图手机上打不开、看不清
DRAWN = 6_000
#: 转发里每一段署的名
NAME = "团团"


def paragraphs(text: str) -> Iterator[str]:
    """长文字按行切成几条，每条不超过 `LONGEST` 字；一行就超过的硬切。"""
    part = ""
    for line in text.splitlines() or [""]:
        for start in range(0, len(line) or 1, LONGEST):
            piece = line[start : start + LONGEST]
            if part and len(part) + len(piece) + 1 > LONGEST:
                yield part
                part = piece
            else:
                part = f"{part}\n{piece}" if part else piece
    yield part


async def forward(bot: v11.Bot, parts: Sequence[str], *, group_id: str | None, user_id: str | None) -> None:
    """并成一份转发，发到群里或私聊，恰给一个：私聊的从不带群号。出错照抛平台的异常。"""
    assert (group_id is None) != (user_id is None)
    # NapCat 与 OneBot 的写法是 user_id、nickname，go-cqhttp 与 Lagrange 的是 uin、name；都写上
    who = {"user_id": bot.self_id, "nickname": NAME, "uin": bot.self_id, "name": NAME}
    nodes = [{"type": "node", "data": {**who, "content": [v11.MessageSegment.text(part)]}} for part in parts]
    if group_id is not None:
        await bot.call_api("send_group_forward_msg", group_id=number(group_id), messages=nodes)
    else:
        await bot.call_api("send_private_forward_msg", user_id=number(str(user_id)), messages=nodes)
