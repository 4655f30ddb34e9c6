"""一条心声、建议、投诉该谁答，谁看得见。"""

from datetime import datetime

from tortoise.expressions import Q

from bot.league import crises, roster
from bot.league.roster import Speaker
from bot.league.voice_steps import WAITING, missing
from db.models import Cadre, Contact, Role, RoleKind, Unit, Voice, VoiceKind


async def chain(voice: Voice, *, at: datetime) -> list[list[int]]:
    """依次该答的人（`Person.id`），没人的一级留空。

    心声：联系团干部、单位管理员、再上一级（组织部）。建议：单位管理员、再上一级。投诉：最近的督导、再上一级的督导。
    级数不够时由超级管理员补上一级。
    """
    officers = (await _officers(voice))[:2]
    if len(officers) < 2:
        officers.append([person for person in await crises.superusers(at) if person != voice.author_id])
    if voice.kind is not VoiceKind.HEART:
        return officers
    cadre = await Cadre.get_or_none(id=voice.cadre_id, left_at=None)
    return [[cadre.person_id] if cadre and cadre.person_id != voice.author_id else [], *officers]


async def _officers(voice: Voice) -> list[list[int]]:
    """管得到的管理员，投诉是督导；提的人自己不算，投诉还除去可能被投诉的。"""
    kind = RoleKind.INSPECTOR if voice.kind is VoiceKind.COMPLAINT else RoleKind.ADMIN
    barred = await _barred(voice)
    levels = await roster.officers_above(await path_of(voice), kind)
    kept = [[person for person in level if person not in barred] for level in levels]
    return [level for level in kept if level]


async def _barred(voice: Voice) -> set[int | None]:
    """不能看这一条的：提的人自己；投诉还有他的联系团干部、话里点到名字的督导，投诉的也许就是他们。"""
    if voice.kind is not VoiceKind.COMPLAINT:
        return {voice.author_id}
    cadres = await Contact.filter(youth_id=voice.author_id).values_list("cadre__person_id", flat=True)
    roles = await Role.filter(kind=RoleKind.INSPECTOR).select_related("person")
    named = [role.person_id for role in roles if role.person.name and role.person.name in (voice.text or "")]
    return {voice.author_id, *(int(str(person)) for person in cadres), *named}


async def sees(by: Speaker, voice: Voice, path: str) -> bool:
    """看得见（`path` 是它所属单位的），也就可以答。

    没有督导可交的投诉才给超级管理员；心声没往上报之前，管理员也不看。
    """
    if by.person_id is not None and by.person_id == voice.author_id:
        return False
    if voice.kind is VoiceKind.COMPLAINT:
        if by.inspects(path):
            return by.person_id not in await _barred(voice)
        return by.superuser and voice.level >= len((await _officers(voice))[:2])
    if voice.kind is VoiceKind.SUGGESTION:
        return by.administers(path)
    return (by.cadre_id is not None and by.cadre_id == voice.cadre_id) or (voice.level > 0 and by.administers(path))


async def look(by: Speaker, voice: Voice) -> None:
    """看不见与没有这个编号说一样的话。"""
    if not await sees(by, voice, await path_of(voice)):
        raise missing(voice.id)


async def inbox(by: Speaker) -> list[Voice]:
    """等着他答的（连同采纳了还没落实的建议），等得久的在前。"""
    mine = Q(cadre_id=by.cadre_id) if by.cadre_id else Q(id=0)
    ranges = [Q(unit__path__gte=duty.unit_path, unit__path__lt=duty.unit_path_end) for duty in by.duties]
    found = Voice.all() if by.superuser else Voice.filter(Q(mine, *ranges, join_type=Q.OR))
    rows = await found.filter(state__in=list(WAITING)).order_by("submitted_at", "id").select_related("unit")
    return [row for row in rows if await sees(by, row, row.unit.path or "" if row.unit else "")]


async def path_of(voice: Voice) -> str:
    """所属单位的 `path`；没有单位是空串。"""
    unit = await Unit.get_or_none(id=voice.unit_id) if voice.unit_id else None
    return unit.path or "" if unit else ""
