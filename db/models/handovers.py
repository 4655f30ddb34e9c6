"""交接：一位团干部把联系的青年交给另一位，一位一位问本人。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import UTCDatetimeField
from db.models.persons import Cadre, Person


class HandoverState(StrEnum):
    """一次交接走到哪一步。"""

    OPEN = "进行中"
    CLOSED = "已结束"
    CANCELLED = "已取消"


class AskState(StrEnum):
    """问一位青年的结果。"""

    ASKED = "等回话"
    AGREED = "愿意"
    DECLINED = "不换"
    LAPSED = "没回话"  # 不回就是不换
    DROPPED = "不算了"  # 交接取消，或他自己先退出、换了人


class Handover(Model):
    """一次交接；结束 90 天后整个删去，留痕里还有。"""

    id = fields.IntField(primary_key=True)
    giver: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="handovers_out", on_delete=fields.CASCADE, db_index=True
    )
    giver_id: int
    taker: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="handovers_in", on_delete=fields.CASCADE, db_index=True
    )
    taker_id: int
    state = fields.CharEnumField(HandoverState, max_length=4, db_index=True)
    opened_at = UTCDatetimeField()
    #: 到这时还没回话的，当作不换
    closes_at = UTCDatetimeField()
    ended_at = UTCDatetimeField(null=True)

    asks: fields.ReverseRelation["HandoverAsk"]

    class Meta:
        table = "handover"


class HandoverAsk(Model):
    """问过哪位青年，他怎么回的。"""

    id = fields.IntField(primary_key=True)
    handover: fields.ForeignKeyRelation[Handover] = fields.ForeignKeyField(
        "models.Handover", related_name="asks", on_delete=fields.CASCADE
    )
    handover_id: int
    youth: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="handover_asks", on_delete=fields.CASCADE, db_index=True
    )
    youth_id: int
    state = fields.CharEnumField(AskState, max_length=4)
    #: 这一步的时间
    at = UTCDatetimeField()

    class Meta:
        table = "handover_ask"
        unique_together = (("handover", "youth"),)
