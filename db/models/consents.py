"""同意与删除。"""

from tortoise import Model, fields

from db.fields import UTCDatetimeField
from db.models.groups import Group
from db.models.persons import Person


class Consent(Model):
    """青年本人的一次 `/加入`。撤回后再加入另起一行。"""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="consents", on_delete=fields.CASCADE, db_index=True
    )
    person_id: int
    #: 同意的是哪一版告知
    version = fields.CharField(12)
    group: fields.ForeignKeyNullableRelation[Group] = fields.ForeignKeyField(
        "models.Group", related_name="consents", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    group_id: int | None
    given_at = UTCDatetimeField()
    withdrawn_at = UTCDatetimeField(null=True)
    #: 为什么结束：本人退出、退群七天、删除数据
    reason = fields.CharField(20, null=True)

    class Meta:
        table = "consent"


class Erasure(Model):
    """`/删除我的数据`：24 小时冷静期后执行。"""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="erasures", on_delete=fields.CASCADE, db_index=True
    )
    person_id: int
    asked_at = UTCDatetimeField()
    due_at = UTCDatetimeField(db_index=True)
    cancelled_at = UTCDatetimeField(null=True)
    done_at = UTCDatetimeField(null=True)

    class Meta:
        table = "erasure"
