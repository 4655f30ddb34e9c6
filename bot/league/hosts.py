"""谁能在一个群里替大家开个头：话题、投票、推送。"""

from bot.league.errors import Refusal
from bot.league.roster import Speaker
from db.models import Contact, ContactState, Group, GroupKind, Unit


async def check_host(by: Speaker, group: Group, what: str) -> None:
    """青年群里的团干部（绑定的那位，或有联系青年在群里的），或管得到这个单位的管理员；别人 `Refusal`。"""
    if group.kind is not GroupKind.YOUTH:
        raise Refusal(f"{what}是给青年群的，工作群里不用。")
    if not await _is_host(by, group):
        raise Refusal(f"这个群的{what}由群里的团干部来开。")


async def _is_host(by: Speaker, group: Group) -> bool:
    if by.cadre_id is not None:
        mine = Contact.filter(cadre_id=by.cadre_id, group_id=group.id, state=ContactState.ACTIVE)
        if by.cadre_id == group.cadre_id or await mine.exists():
            return True
    return by.is_admin and by.administers((await Unit.get(id=group.unit_id)).path or "")
