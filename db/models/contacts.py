"""联系关系。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, UTCDatetimeField
from db.models.groups import Group
from db.models.persons import Cadre, Person


class ContactState(StrEnum):
    """联系关系的状态。只有 `active` 会记互动。"""

    INVITED = "invited"  # 名册里请来的，本人还没 `/加入`
    ACTIVE = "active"
    PAUSED = "paused"  # 退了群，七天内可回来
    ENDED = "ended"  # 本人退出、换联系人，或团干部移出


class Contact(Model):
    """一位团干部与一位青年；青年可以有几位联系人。"""

    id = fields.IntField(primary_key=True)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="contacts", on_delete=fields.RESTRICT
    )
    cadre_id: int
    youth: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="contacts", on_delete=fields.CASCADE, db_index=True
    )
    youth_id: int
    #: 在哪个群里加入的
    group: fields.ForeignKeyNullableRelation[Group] = fields.ForeignKeyField(
        "models.Group", related_name="contacts", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    group_id: int | None
    state = fields.CharEnumField(ContactState, max_length=8)
    since = UTCDatetimeField()
    paused_at = UTCDatetimeField(null=True)
    ended_at = UTCDatetimeField(null=True)
    #: 结束是团干部移出的；本季仍算在名册基数里（见积分）
    removed_by_cadre = fields.BooleanField(default=False)

    tags: fields.ReverseRelation["ContactTag"]

    class Meta:
        table = "contact"
        unique_together = (("cadre", "youth"),)


class ContactTag(Model):
    """团干部给自己的联系青年贴的标签。"""

    id = fields.IntField(primary_key=True)
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", related_name="tags", on_delete=fields.CASCADE
    )
    contact_id: int
    tag = CleanCharField(20)

    class Meta:
        table = "contact_tag"
        unique_together = (("contact", "tag"),)
