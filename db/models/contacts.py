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


class ContactPast(Model):
    """从前的一段联系：退出后又加入，算新的一段，前一段的起止留在这里，过去的季度再算还是那个数。"""

    id = fields.IntField(primary_key=True)
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", related_name="past", on_delete=fields.CASCADE, db_index=True
    )
    contact_id: int
    since = UTCDatetimeField()
    ended_at = UTCDatetimeField()
    #: 那一段的结束是团干部移出的
    removed_by_cadre = fields.BooleanField(default=False)

    class Meta:
        table = "contact_past"


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


class TagBatchState(StrEnum):
    """成批贴标签的一次改动走到哪一步。"""

    PREVIEWED = "previewed"  # 只说了会改几位，还没写
    DONE = "done"
    UNDONE = "undone"


class TagBatch(Model):
    """一次标签改动；只为了十分钟内能确认、能撤销，过后删去。"""

    id = fields.IntField(primary_key=True)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="tag_batches", on_delete=fields.CASCADE, db_index=True
    )
    cadre_id: int
    state = fields.CharEnumField(TagBatchState, max_length=10)
    #: 这一步的时间
    at = UTCDatetimeField(db_index=True)

    changes: fields.ReverseRelation["TagChange"]

    class Meta:
        table = "tag_batch"


class TagChange(Model):
    """一次改动里的一处：给谁贴上、揭下了哪个标签。"""

    id = fields.IntField(primary_key=True)
    batch: fields.ForeignKeyRelation[TagBatch] = fields.ForeignKeyField(
        "models.TagBatch", related_name="changes", on_delete=fields.CASCADE, db_index=True
    )
    batch_id: int
    contact: fields.ForeignKeyRelation[Contact] = fields.ForeignKeyField(
        "models.Contact", related_name="tag_changes", on_delete=fields.CASCADE, db_index=True
    )
    contact_id: int
    tag = CleanCharField(20)
    #: 揭下的那一行原来的编号，撤销时放回原处；贴上的为空
    removed_id = fields.IntField(null=True)

    class Meta:
        table = "tag_change"
