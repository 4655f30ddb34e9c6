"""归谁：一个人提的心愿、说的心声，先交给哪位团干部。"""

from bot.league.roster import Speaker
from db.models import Cadre, Contact, ContactState, Group


async def home_of(by: Speaker, group: Group | None) -> Cadre | None:
    """该谁负责：提交人的联系团干部（本群的优先），没有就是群里的第一位团干部。"""
    if by.person_id is not None:
        rows = Contact.filter(youth_id=by.person_id, state=ContactState.ACTIVE, cadre__left_at=None)
        contacts = await rows.order_by("since", "id").select_related("cadre")
        here = [contact for contact in contacts if group and contact.group_id == group.id]
        if contacts:
            return (here or contacts)[0].cadre
    if group is None or group.cadre_id is None:
        return None
    return await Cadre.get(id=group.cadre_id)
