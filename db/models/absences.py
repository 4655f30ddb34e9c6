"""不在的日子：请假与静音。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import UTCDatetimeField
from db.models.persons import Person


class AbsenceKind(StrEnum):
    """为什么先不打扰他。"""

    LEAVE = "请假"
    MUTE = "静音"


class Absence(Model):
    """从 `since`（含）到 `until`（不含）不打扰他；提前结束的记 `cancelled_at`。"""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="absences", on_delete=fields.CASCADE
    )
    person_id: int
    kind = fields.CharEnumField(AbsenceKind, max_length=4)
    since = UTCDatetimeField()
    until = UTCDatetimeField()
    cancelled_at = UTCDatetimeField(null=True)

    class Meta:
        table = "absence"
        indexes = (("person_id", "until"),)
