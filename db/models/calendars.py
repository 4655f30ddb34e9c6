"""校历：法定日历之外的例外。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import UTCDatetimeField
from db.models.units import Unit


class MarkKind(StrEnum):
    """这几天怎么算。"""

    OFF = "放假"
    WORKING = "上班"
    EXAMS = "考试周"


class CalendarMark(Model):
    """一个单位给自己和下级定的一段例外，首尾都算；删掉的留着行，只记 `cancelled_at`。"""

    id = fields.IntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="calendar_marks", on_delete=fields.CASCADE, db_index=True
    )
    unit_id: int
    kind = fields.CharEnumField(MarkKind, max_length=4)
    first_day = fields.DateField()
    last_day = fields.DateField()
    #: 操作人 Person.id；超级管理员不在名册上时为空
    set_by = fields.IntField(null=True)
    set_at = UTCDatetimeField()
    cancelled_at = UTCDatetimeField(null=True)

    class Meta:
        table = "calendar_mark"
