"""通报测试用的一所大学一季：三个学院，人数够公布的、不够公布的都有。"""

from datetime import date, datetime, timedelta

from tortoise.transactions import in_transaction

from bot.league import roster
from bot.league.periods import on
from db.models import (
    Activity,
    ActivityKind,
    ActivityState,
    Cadre,
    CadreKind,
    EvidenceGrade,
    GroupKind,
    Participation,
    PartState,
    Person,
    Slot,
    Unit,
    UnitKind,
    Voice,
    VoiceKind,
    VoiceState,
    Wish,
    WishEnding,
    WishLane,
    WishState,
)
from tests import factories

#: 通报说的那一季里的一天，和起草的时刻
DAY = date(2026, 9, 9)
AT = on(date(2026, 10, 8)).replace(hour=10)
SCHOOL = "示例大学团委"
#: 学院 → 几位团干部；外语只有两位，数不能公布
COLLEGES = {"软件学院团总支": 6, "法学院团总支": 5, "外语学院团总支": 2}
#: 学院 → 每位团干部联系几位青年，五件事里做了几件
YOUTHS = {"软件学院团总支": 6, "法学院团总支": 3, "外语学院团总支": 2}
FIVES = {"软件学院团总支": 5, "法学院团总支": 2, "外语学院团总支": 0}
SECRET = "想学修自行车"


async def build(boss: int | None = 900) -> Unit:
    """账号：`boss` 管着全校（空为不要）；601、501、201 起是软件、法学、外语的团干部；61 是全校的工作群，62 软件的。"""
    async with in_transaction():  # 一次落盘，几百行也快
        school = await factories.school()
        if boss is not None:
            await factories.admin(boss, "孙管理员", school)
        for place, (name, count) in enumerate(COLLEGES.items()):
            unit = await factories.branch(name, school)
            await roster.add_unit(f"{name[:2]}一班团支部", UnitKind.BRANCH, unit)
            cadres = [
                await factories.cadre(COLLEGES[name] * 100 + n + 1, f"钱某{place}{n}", unit, CadreKind.PART_TIME)
                for n in range(count)
            ]
            youths = []
            for n, cadre in enumerate(cadres):
                group = await factories.group((place + 1) * 100 + n, cadre)
                users = [f"{place + 7}{n}{seat:03}" for seat in range(YOUTHS[name])]
                youths.append([await factories.youth(user, cadre, group) for user in users])
            for cadre, his in zip(cadres, youths, strict=True):
                await _quarter_of(unit, cadre, his)
            if place == 0:
                work = await factories.group(61, cadres[0], GroupKind.WORK)
                work.unit_id = school.id
                await work.save()
                await factories.group(62, cadres[0], GroupKind.WORK)
        return school


async def _quarter_of(unit: Unit, cadre: Cadre, youths: list[Person]) -> None:
    """人人聊过两天；一场比赛来了一半人；头一位提的心愿圆了梦，第二位的办不成，第三位的还在办；人人说过心声。"""
    for youth in youths:
        for week in range(2):
            await factories.interaction(cadre, youth, DAY + timedelta(days=7 * week))
    for slot in list(Slot)[: FIVES[unit.name]]:
        await factories.record(cadre, DAY, slot, EvidenceGrade.L2)
    await game(unit, cadre, youths[: len(youths) // 2])
    for youth, ending in zip(youths, (WishEnding.FULFILLED, WishEnding.IMPOSSIBLE, None), strict=False):
        await wish(unit, cadre, youth, ending)
    await voice(unit, youths, VoiceKind.HEART)


async def game(unit: Unit, cadre: Cadre, came: list[Person], day: date = DAY) -> None:
    """一场篮球赛，`came` 到了场。"""
    held = await Activity.create(
        kind=ActivityKind.ACTIVITY,
        organiser=cadre,
        unit=unit,
        title="篮球赛",
        slot=Slot.OTHER,
        place="东操场",
        starts_at=on(day),
        state=ActivityState.CLOSED,
        grade=EvidenceGrade.L2,
        graded_at=on(day),
        created_at=on(day),
        asked_from=on(day),
    )
    for turn, youth in enumerate(came):
        await Participation.create(activity=held, person=youth, state=PartState.ARRIVED, turn=turn, at=on(day))


async def wish(unit: Unit, cadre: Cadre, author: Person, ending: WishEnding | None, day: date = DAY) -> Wish:
    """一条心愿；`ending` 空就是还在办。"""
    return await Wish.create(
        author=author,
        unit=unit,
        cadre=cadre,
        claimer=cadre,
        text=SECRET,
        digest="x",
        lane=WishLane.WALL,
        state=WishState.ENDED if ending else WishState.CLAIMED,
        ending=ending,
        accepted=ending is WishEnding.IMPOSSIBLE,
        submitted_at=on(day),
        answered_at=on(day),
        claimed_at=on(day),
        ended_at=on(day) if ending else None,
    )


async def voice(unit: Unit, authors: list[Person], kind: VoiceKind, at: datetime | None = None) -> None:
    """每人一条，都有回音。"""
    when = at or on(DAY)
    for author in authors:
        await Voice.create(
            kind=kind,
            author=author,
            unit=unit,
            text=SECRET,
            state=VoiceState.ANSWERED,
            submitted_at=when,
            answered_at=when,
            ended_at=when,
        )
