"""抽查：封好的种子、每一回、抽到的每一件，和由它们（或异常）开的案。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanTextField, UTCDatetimeField
from db.models.activities import Activity
from db.models.persons import Cadre, Person
from db.models.units import Unit
from db.models.wishes import Wish


class CheckKind(StrEnum):
    """抽到的一件，还是几种异常。"""

    CLAIM = "抽查"
    FLOOD = "刷屏"
    CHORUS = "齐声"  # 同一天加入、只跟一位团干部说话，还总在同样的日子
    RELAY = "接龙"


class CheckState(StrEnum):
    """走到哪一步：前五个是问青年的，后四个是案子的。"""

    RESERVE = "备选"
    ASKED = "已问"
    ANSWERED = "已答"  # 这一回收完才见分晓
    LAPSED = "没等到"
    VOID = "不作数"  # 不记得、不想说、认错了题，或这一件已经改掉了
    EXPLAINING = "待说明"
    RULING = "待裁定"
    HELD = "属实"
    CONTRADICTED = "不实"


class CheckAnswer(StrEnum):
    """青年的四种回答。"""

    YES = "有"
    NO = "没有"
    FORGOT = "不记得"
    SILENT = "不想说"


class CheckSeal(Model):
    """一季的总种子：季初就封好，哈希谁都查得到，各回的种子由它和回数算出。"""

    id = fields.IntField(primary_key=True)
    quarter = fields.CharField(6, unique=True)
    seed = fields.CharField(64)
    sealed_at = UTCDatetimeField()

    class Meta:
        table = "check_seal"


class CheckRound(Model):
    """一回抽查。"""

    id = fields.IntField(primary_key=True)
    #: 抽哪个单位（及下级）
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="check_rounds", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    #: 抽哪一季的事
    quarter = fields.CharField(6)
    #: 要问几件
    size = fields.IntField()
    #: 收完才公布
    seed = fields.CharField(64)
    #: 能抽的全部，每件 8 个字节，按字节排；看不出是谁的什么事
    claims = fields.BinaryField()
    #: 谁开的（Person.id）
    by = fields.IntField(null=True)
    opened_at = UTCDatetimeField()
    closes_at = UTCDatetimeField()
    closed_at = UTCDatetimeField(null=True)

    class Meta:
        table = "check_round"


class SpotCheck(Model):
    """抽到的一件，或看到的一处异常；编号 `K{id}`。青年答了什么，团干部和单位都看不到是谁。"""

    id = fields.IntField(primary_key=True)
    #: 同一件只有一行：第几回的哪一件，或哪一季谁的哪种异常
    key = fields.CharField(40, unique=True)
    kind = fields.CharEnumField(CheckKind, max_length=4)
    state = fields.CharEnumField(CheckState, max_length=4)
    round: fields.ForeignKeyNullableRelation[CheckRound] = fields.ForeignKeyField(
        "models.CheckRound", related_name="checks", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    round_id: int | None
    #: 哪一季的事
    quarter = fields.CharField(6)
    #: 谁的事，和他那时的单位
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="spot_checks", on_delete=fields.RESTRICT, db_index=True
    )
    cadre_id: int
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="spot_checks", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    #: 问的是谁；了结满 90 天留空，答案成了没有名字的事实
    youth: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="spot_checks", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    youth_id: int | None
    activity: fields.ForeignKeyNullableRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="spot_checks", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    activity_id: int | None
    wish: fields.ForeignKeyNullableRelation[Wish] = fields.ForeignKeyField(
        "models.Wish", related_name="spot_checks", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    wish_id: int | None
    #: 在名单里的代号，16 位十六进制
    claim = fields.CharField(16, null=True)
    #: 抽到的次序，从 1 起；同一位青年已经抽到的跳过
    rank = fields.IntField(null=True)
    #: 第二句给他认的几件
    options: fields.Field[list[str]] = fields.JSONField(default=list)
    #: 其中第几件（从 0 起）从没有过
    decoy = fields.SmallIntField(null=True)
    answer = fields.CharEnumField(CheckAnswer, max_length=3, null=True)
    #: 异常看到的几个数，没有名字
    evidence: fields.Field[dict[str, object]] = fields.JSONField(default=dict)
    #: 这一案让记录先不算数了（已经因异议停下的不算）
    suspended = fields.BooleanField(default=False)
    #: 团干部的说明、督导的理由；了结 90 天后清空
    explanation = CleanTextField(null=True)
    ruling = CleanTextField(null=True)
    #: 谁裁定的（Person.id）
    ruled_by = fields.IntField(null=True)
    asked_at = UTCDatetimeField(null=True)
    #: 开案
    opened_at = UTCDatetimeField(null=True)
    #: 说明了，或七天过去了
    explained_at = UTCDatetimeField(null=True)
    #: 了结
    settled_at = UTCDatetimeField(null=True, db_index=True)

    class Meta:
        table = "spot_check"
        indexes = (("state", "asked_at"),)

    @property
    def number(self) -> str:
        """给人看的编号。"""
        return f"K{self.id}"
