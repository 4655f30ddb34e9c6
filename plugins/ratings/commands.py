"""`/评价`：青年打分；团干部不带分数就是看自己的大概。"""

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying, speaker
from bot.league import ratings
from bot.league.errors import Refusal
from bot.league.wishes import Submission
from plugins.ratings import render
from plugins.wishes import render as wish_render

rating_cmd = command(
    "评价",
    about="给联系团干部打个分，1 到 5（私聊）",
    example=ratings.EXAMPLE,
    audience=Audience.YOUTH,
    glued=True,
)


@rating_cmd.handle()
@answers
async def handle_rating(said: Saying) -> Answer:
    """只在私聊里；群里说的不收也不留。"""
    if not said.private:
        raise Refusal("评价只说给我一个人听，请私聊我发 /评价。群里这句我没有记，你可以自己撤回那条消息。")
    if not said.text and said.by.cadre_id is not None:
        return render.results(await ratings.results(said.by.cadre_id, at=said.at))
    mentioned = [await speaker(said.scope, user_id) for user_id in said.mentions]
    given = await ratings.rate(said.by, said.text, mentioned=mentioned, at=said.at)
    if isinstance(given, Submission):
        return wish_render.submitted(given, joined=said.by.joined, private=True)
    return render.given(given)
