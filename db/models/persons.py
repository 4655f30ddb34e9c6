"""人、账号、团干部与职责。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, UTCDatetimeField
from db.models.units import Unit


class Scope(StrEnum):
    """账号属于哪个平台：同一个平台里，账号不重。"""

    QQ = "qq"
    WECHAT = "wechat"
    OFFICIAL = "wxmp"  # 微信公众号：同一个人在每个公众号里的号都不同，也不是他的微信号
    SATORI = "satori"  # 经 Satori 来的其余平台，账号写作 平台/号

    @property
    def label(self) -> str:
        """说给人听的名字，名册里也这样写。"""
        return {Scope.QQ: "QQ", Scope.WECHAT: "微信", Scope.OFFICIAL: "公众号", Scope.SATORI: "Satori"}[self]


class CadreKind(StrEnum):
    """团干部类别，决定联系人数。"""

    FULL_TIME = "专职"
    SECONDED = "挂职"
    PART_TIME_COUNTY = "县级以上机关兼职"
    PART_TIME = "其他兼职"


class RoleKind(StrEnum):
    """职责。"""

    ADMIN = "管理员"
    INSPECTOR = "督导"


class Person(Model):
    """一个人一行，可有多个账号。删除数据后本行留空壳，让合计不变。"""

    id = fields.IntField(primary_key=True)
    #: 名册上的姓名；青年自己加入时没有
    name = CleanCharField(40, null=True)
    created_at = UTCDatetimeField()
    erased_at = UTCDatetimeField(null=True)

    accounts: fields.ReverseRelation["Account"]

    class Meta:
        table = "person"


class Account(Model):
    """一个平台账号。"""

    id = fields.IntField(primary_key=True)
    scope = fields.CharEnumField(Scope, max_length=12)
    user_id = CleanCharField(80)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="accounts", on_delete=fields.CASCADE, db_index=True
    )
    person_id: int
    #: 最近一次对话用的是我们哪个机器人账号，私聊时先用它
    self_id = CleanCharField(80, null=True)

    class Meta:
        table = "account"
        unique_together = (("scope", "user_id"),)


class Cadre(Model):
    """名册上的团干部。"""

    id = fields.IntField(primary_key=True)
    person: fields.OneToOneRelation[Person] = fields.OneToOneField(
        "models.Person", related_name="cadre", on_delete=fields.RESTRICT
    )
    person_id: int
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="cadres", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    kind = fields.CharEnumField(CadreKind, max_length=12)
    #: 应联系多少名青年（全团要讯2017第2期：专职、挂职、县级以上机关兼职 100，其他兼职 10）
    quota = fields.IntField()
    # 哪天起在任；换单位、换类别不动它（见 `CadrePast`），离任后又任职从那时起
    since = UTCDatetimeField()
    #: 离任时间；离任后不排名、不提醒
    left_at = UTCDatetimeField(null=True)

    class Meta:
        table = "cadre"


class CadrePast(Model):
    """从前的一段任职：换了单位、类别，或离任后又任职，前一段留在这里，过去的季度再算还是那个数。"""

    id = fields.IntField(primary_key=True)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="past", on_delete=fields.CASCADE
    )
    cadre_id: int
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="past_cadres", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    kind = fields.CharEnumField(CadreKind, max_length=12)
    quota = fields.IntField()
    since = UTCDatetimeField()
    until = UTCDatetimeField()

    class Meta:
        table = "cadre_past"
        unique_together = (("cadre", "since"),)


class Role(Model):
    """某人在某单位（及其下级）的职责。"""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="roles", on_delete=fields.CASCADE
    )
    person_id: int
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="roles", on_delete=fields.CASCADE, db_index=True
    )
    unit_id: int
    kind = fields.CharEnumField(RoleKind, max_length=8)

    class Meta:
        table = "role"
        unique_together = (("person", "unit", "kind"),)


class BindCode(Model):
    """`/绑定 六位码`：把另一个平台账号并到同一个人名下，一次有效。"""

    id = fields.IntField(primary_key=True)
    #: 只存摘要，不存六位码本身
    digest = fields.CharField(64, unique=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="bind_codes", on_delete=fields.CASCADE, db_index=True
    )
    person_id: int
    expires_at = UTCDatetimeField()
    used_at = UTCDatetimeField(null=True)

    class Meta:
        table = "bind_code"
