"""归谁：一个人提的心愿、说的心声，先交给哪位团干部。"""

from bot.league.roster import Speaker
from db.models import Cadre, Contact, ContactState, Group


async def home_of(by: Speaker, group: Group | None) -> Cadre | None:
    """该谁负责：提交人的联系团干部（本群的优先），没有就是群里的第一位团干部。

    联系他的离任了、还没交接的，离任的那位至少说得出归哪个单位。
    """
    rows = Contact.filter(youth_id=by.person_id or 0, state=ContactState.ACTIVE)
    contacts = await rows.order_by("since", "id").select_related("cadre")
    serving = [contact for contact in contacts if contact.cadre.left_at is None]
    here = [contact for contact in serving if group and contact.group_id == group.id]
    if serving:
        return (here or serving)[0].cadre
    if group is not None and group.cadre_id is not None:
        return await Cadre.get(id=group.cadre_id)
    return contacts[0].cadre if contacts else None
