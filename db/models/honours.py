"""发布过的光荣榜与加油榜。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, UTCDatetimeField


class RollKind(StrEnum):
    """哪一张榜。"""

    HONOUR = "光荣榜"
    EFFORT = "加油榜"


class Roll(Model):
    """发布的一版；只添不改。榜上只有单位，没有人。"""

    id = fields.IntField(primary_key=True)
    kind = fields.CharEnumField(RollKind, max_length=4)
    #: 哪个单位的下级，它的 `Unit.path`；本机全部单位为空串
    path = fields.CharField(120)
    #: 那时叫什么
    name = CleanCharField(60)
    #: 如 2026Q4
    quarter = fields.CharField(6)
    #: 这一季的第几版
    version = fields.IntField()
    #: 榜上的单位，先后为序：path、unit、size、median、fresh
    entries: fields.Field[list[dict[str, object]]] = fields.JSONField()
    published_at = UTCDatetimeField()

    class Meta:
        table = "roll"
        unique_together = (("kind", "path", "quarter", "version"),)
