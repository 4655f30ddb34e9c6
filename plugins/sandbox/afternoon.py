"""剧本：一个星期三下午，两个青年群，和之后的一个多月。每一句期望都核对说出来的话与库里的行。"""

from datetime import datetime, time

import xlsxwriter

from bot.league import imports, rating_rounds
from bot.league.periods import Quarter, on
from bot.settings import settings
from db.models import Consent, Ranking, RatingRound
from plugins.sandbox import causes, talks
from plugins.sandbox.people import roster_sheets
from plugins.sandbox.stage import Stage


async def perform(stage: Stage) -> None:
    """从头演到尾。"""
    await importing(stage)
    await binding(stage)
    await joining(stage)
    await talks.talking(stage)
    await talks.making_noise(stage)
    await causes.a_wish_comes_true(stage)
    await causes.a_wish_waits_for_an_answer(stage)
    await causes.a_voice_is_answered(stage)
    await causes.an_activity_fills_up(stage)
    await causes.a_talk_is_noted_down(stage)
    await causes.a_record_is_disputed(stage)
    await slipping(stage)
    await causes.crying_for_help(stage)
    await reminding(stage)
    await ranking(stage)
    await causes.a_wish_times_out(stage)
    await causes.ratings_are_asked_for(stage)
    await causes.nothing_is_lost(stage)


async def importing(stage: Stage) -> None:
    """名册由真的导入代码读进来，导两遍也只算一遍。"""
    stage.scene("导入名册")
    await _seed(stage)
    path = settings().data_dir / "名册.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for title, rows in roster_sheets(stage.town).items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    stage.screen.aside((await imports.import_roster(path, at=stage.now)).text)
    again = await imports.import_roster(path, at=stage.now)
    changed = [name for name, count in again.counts.items() if count.added or count.changed]
    stage.expect("再导一遍，什么也没变", not changed, "、".join(changed))


async def _seed(stage: Stage) -> None:
    """抽问的种子平时谁也不知道；演出里由演出的种子定，同一个种子才有同样的输出。"""
    opens_at = causes.OPENS
    await RatingRound.create(
        quarter=str(Quarter.of(opens_at)),
        number=2,
        seed=stage.chance.randbytes(16).hex(),
        opens_at=opens_at,
        closes_at=rating_rounds.closing(opens_at),
    )


async def binding(stage: Stage) -> None:
    """两个青年群由各自的团干部绑定，工作群由管理员绑定。"""
    stage.scene("绑定")
    first, second = stage.town.groups
    for cadre, group in ((stage.town.cadres[0], first), (stage.town.cadres[2], second)):
        await stage.chat(group, [(cadre, "大家好，我请来一位小帮手，先让它跟大家打个招呼", 20)])
        await stage.say(cadre, "/绑定本群", to=group, hears="/加入")
    await stage.say(stage.town.admin, "/绑定本群 工作群", to=stage.town.work_group, hears="工作群")
    stage.spoken.clear()  # 从这里起，青年群里的每一条都该数到


async def joining(stage: Stage) -> None:
    """名册上请了，也要他自己说 `/加入` 才算；两边都没有的人，库里没有他。"""
    stage.scene("加入")
    first, second = stage.town.groups
    for youth, cadre in stage.town.invited[:-1]:
        await stage.say(youth, "/加入", to=first if youth in first.members else second, hears=cadre.name)
    last, cadre = stage.town.invited[-1]
    await stage.say(last, f"/加入 [@{cadre.user_id}]", to=second, hears=cadre.name)
    joined = await Consent.filter(withdrawn_at=None).count()
    stage.expect("十五名青年的同意都记下了", joined == 15, f"记下了 {joined} 名")


async def slipping(stage: Stage) -> None:
    """手滑与走错门：一句话说清楚。"""
    stage.scene("手滑了")
    first, _ = stage.town.groups
    await stage.say(stage.town.youths[4], "/心原 想学摄影", to=first, hears="/心愿")
    await stage.say(stage.town.cadres[0], "/认领 W99", hears="W99")
    await stage.say(stage.town.youths[4], "/认领 W1", to=first, hears="团干部")
    await stage.say(stage.town.youths[4], "/排名", hears="排名是给团干部看的")


async def reminding(stage: Stage) -> None:
    """二十号上午九点半，只提醒还差一截的团干部，只提醒一次。"""
    stage.travel(on(datetime(2026, 11, 20).date(), time(9, 30)))
    stage.scene("二十号早上，提醒一次")
    cadres = {cadre.user_id for cadre in stage.town.cadres}
    sent = [one for one in await stage.look() if one.user_id in cadres]
    stage.expect("差一截的团干部收到了提醒", bool(sent))
    stage.later(minutes=1)
    again = await stage.look()
    stage.expect("再看一遍，一条也不多发", not again, "；".join(one.text[:30] for one in again))
    await stage.say(stage.town.cadres[0], "/进度", hears="")


async def ranking(stage: Stage) -> None:
    """`/排名` 答管理员；在青年群里不点名。"""
    stage.scene("排名")
    await stage.say(stage.town.admin, "/排名", hears="")
    await stage.say(stage.town.admin, "/排名 文字", to=stage.town.work_group, hears="全部的请私聊我发 /排名")
    answer = await stage.say(stage.town.cadres[0], "/排名 文字", to=stage.town.groups[0], hears="私聊我发 /排名")
    named = [cadre.name for cadre in stage.town.cadres if answer and cadre.name in answer.text]
    stage.expect("青年群里只说单位，不说谁第几", not named, "、".join(named))
    stage.expect("名次有快照", await Ranking.all().exists())
