"""单位树。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField


class UnitKind(StrEnum):
    """单位的层级。"""

    CENTRAL = "团中央"
    PROVINCE = "省"
    CITY = "市"
    COUNTY = "县"
    SCHOOL = "校"
    BRANCH_COMMITTEE = "团总支"
    BRANCH = "团支部"


class Unit(Model):
    """一个团组织。子树是 `path` 上的一段区间：`path >= 本级.path 且 path < 本级.path_end`。"""

    id = fields.IntField(primary_key=True)
    #: 全库唯一，导入表里就用它称呼上级
    name = CleanCharField(60, unique=True)
    kind = fields.CharEnumField(UnitKind, max_length=8)
    parent: fields.ForeignKeyNullableRelation["Unit"] = fields.ForeignKeyField(
        "models.Unit", related_name="children", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    parent_id: int | None
    #: 从根到本级每层 6 位定长编号，无标点，任何排序规则下次序一致
    path = fields.CharField(120, unique=True, null=True)

    class Meta:
        table = "unit"

    @property
    def path_end(self) -> str:
        """子树区间的上界（不含）。"""
        assert self.path
        return self.path[:-6] + f"{int(self.path[-6:]) + 1:06d}"
