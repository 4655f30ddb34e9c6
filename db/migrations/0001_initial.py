from tortoise import migrations
from tortoise.migrations import operations as ops
from db.fields import CleanCharField, CleanTextField, UTCDatetimeField
from db.models.contacts import ContactState
from db.models.groups import GroupKind
from db.models.notices import NoticeState
from db.models.persons import CadreKind, RoleKind, Scope
from db.models.units import UnitKind
from db.models.wishes import WishEnding, WishLane, WishState
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Audit",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", UTCDatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                (
                    "actor_id",
                    fields.IntField(null=True, db_index=True, description="操作人 Person.id；命令行或系统为空"),
                ),
                (
                    "action",
                    fields.CharField(
                        description="如 role.appoint、roster.import、group.bind、person.erase", max_length=32
                    ),
                ),
                ("subject", fields.CharField(description="如 p12、u3、W7", max_length=32)),
                ("detail", fields.CharField(default="", description="给人看的一句话", max_length=200)),
            ],
            options={
                "table": "audit",
                "app": "models",
                "pk_attr": "id",
                "table_description": "谁在什么时候动了什么；不含聊天内容，也不含心愿内容。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Person",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", CleanCharField(null=True, description="名册上的姓名；青年自己加入时没有", max_length=40)),
                ("created_at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ("erased_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "person",
                "app": "models",
                "pk_attr": "id",
                "table_description": "一个人一行，可有多个账号。删除数据后本行留空壳，让合计不变。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Account",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("scope", fields.CharEnumField(description="QQ: qq\nWECHAT: wechat", enum_type=Scope, max_length=12)),
                ("user_id", CleanCharField(max_length=80)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="accounts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "self_id",
                    CleanCharField(
                        null=True, description="最近一次对话用的是我们哪个机器人账号，私聊时先用它", max_length=80
                    ),
                ),
            ],
            options={
                "table": "account",
                "app": "models",
                "unique_together": (("scope", "user_id"),),
                "pk_attr": "id",
                "table_description": "一个平台账号。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BindCode",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("digest", fields.CharField(unique=True, description="只存摘要，不存六位码本身", max_length=64)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="bind_codes",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("expires_at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "bind_code",
                "app": "models",
                "pk_attr": "id",
                "table_description": "`/绑定 六位码`：把另一个平台账号并到同一个人名下，一次有效。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Erasure",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="erasures",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("asked_at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", UTCDatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("cancelled_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("done_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "erasure",
                "app": "models",
                "pk_attr": "id",
                "table_description": "`/删除我的数据`：24 小时冷静期后执行。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Unit",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", CleanCharField(unique=True, description="全库唯一，导入表里就用它称呼上级", max_length=60)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="CENTRAL: 团中央\nPROVINCE: 省\nCITY: 市\nCOUNTY: 县\nSCHOOL: 校\nBRANCH_COMMITTEE: 团总支\nBRANCH: 团支部",
                        enum_type=UnitKind,
                        max_length=8,
                    ),
                ),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "models.Unit",
                        source_field="parent_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="children",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "path",
                    fields.CharField(
                        null=True,
                        unique=True,
                        description="从根到本级每层 6 位定长编号，无标点，任何排序规则下次序一致",
                        max_length=120,
                    ),
                ),
            ],
            options={
                "table": "unit",
                "app": "models",
                "pk_attr": "id",
                "table_description": "一个团组织。子树是 `path` 上的一段区间：`path >= 本级.path 且 path < 本级.path_end`。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Cadre",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "person",
                    fields.OneToOneField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="cadre",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "models.Unit",
                        source_field="unit_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="cadres",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="FULL_TIME: 专职\nSECONDED: 挂职\nPART_TIME_COUNTY: 县级以上机关兼职\nPART_TIME: 其他兼职",
                        enum_type=CadreKind,
                        max_length=12,
                    ),
                ),
                (
                    "quota",
                    fields.IntField(
                        description="应联系多少名青年（全团要讯2017第2期：专职、挂职、县级以上机关兼职 100，其他兼职 10）"
                    ),
                ),
                ("since", UTCDatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "left_at",
                    UTCDatetimeField(
                        null=True, description="离任时间；离任后不排名、不提醒", auto_now=False, auto_now_add=False
                    ),
                ),
            ],
            options={"table": "cadre", "app": "models", "pk_attr": "id", "table_description": "名册上的团干部。"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Group",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("scope", fields.CharEnumField(description="QQ: qq\nWECHAT: wechat", enum_type=Scope, max_length=12)),
                ("group_id", CleanCharField(max_length=80)),
                ("self_id", CleanCharField(description="哪个机器人账号在这个群里", max_length=80)),
                (
                    "kind",
                    fields.CharEnumField(description="YOUTH: 青年群\nWORK: 工作群", enum_type=GroupKind, max_length=8),
                ),
                (
                    "cadre",
                    fields.ForeignKeyField(
                        "models.Cadre",
                        source_field="cadre_id",
                        db_index=True,
                        description="群里的第一位团干部（绑定的人）",
                        db_constraint=True,
                        to_field="id",
                        related_name="groups",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "models.Unit",
                        source_field="unit_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="groups",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("bound_at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ("unbound_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "chat_group",
                "app": "models",
                "unique_together": (("scope", "group_id"),),
                "pk_attr": "id",
                "table_description": "一个绑定过的群；解绑后行还在，`unbound_at` 有值，再绑定时复用。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Consent",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="consents",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("version", fields.CharField(description="同意的是哪一版告知", max_length=12)),
                (
                    "group",
                    fields.ForeignKeyField(
                        "models.Group",
                        source_field="group_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="consents",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("given_at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ("withdrawn_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "reason",
                    fields.CharField(null=True, description="为什么结束：本人退出、退群七天、删除数据", max_length=20),
                ),
            ],
            options={
                "table": "consent",
                "app": "models",
                "pk_attr": "id",
                "table_description": "青年本人的一次 `/加入`。撤回后再加入另起一行。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Contact",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "cadre",
                    fields.ForeignKeyField(
                        "models.Cadre",
                        source_field="cadre_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="contacts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "youth",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="youth_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="contacts",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "group",
                    fields.ForeignKeyField(
                        "models.Group",
                        source_field="group_id",
                        null=True,
                        db_index=True,
                        description="在哪个群里加入的",
                        db_constraint=True,
                        to_field="id",
                        related_name="contacts",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="INVITED: invited\nACTIVE: active\nPAUSED: paused\nENDED: ended",
                        enum_type=ContactState,
                        max_length=8,
                    ),
                ),
                ("since", UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ("paused_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "removed_by_cadre",
                    fields.BooleanField(
                        default=False, description="结束是团干部移出的；本季仍算在名册基数里（见积分）"
                    ),
                ),
            ],
            options={
                "table": "contact",
                "app": "models",
                "unique_together": (("cadre", "youth"),),
                "pk_attr": "id",
                "table_description": "一位团干部与一位青年；青年可以有几位联系人。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ContactTag",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "contact",
                    fields.ForeignKeyField(
                        "models.Contact",
                        source_field="contact_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="tags",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("tag", CleanCharField(max_length=20)),
            ],
            options={
                "table": "contact_tag",
                "app": "models",
                "unique_together": (("contact", "tag"),),
                "pk_attr": "id",
                "table_description": "团干部给自己的联系青年贴的标签。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GroupCursor",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "group",
                    fields.OneToOneField(
                        "models.Group",
                        source_field="group_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="cursor",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "last_at",
                    UTCDatetimeField(
                        null=True, description="最后一条消息的发送时间", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "state",
                    fields.BinaryField(
                        description="没结束的会话、最近消息号与发言指纹（带钥匙的摘要，最多留 24 小时），不含文字"
                    ),
                ),
            ],
            options={
                "table": "group_cursor",
                "app": "models",
                "pk_attr": "id",
                "table_description": "一个群记到了哪里；与计数在同一个事务里写，断电也不会重记漏记。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GroupDay",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "group",
                    fields.ForeignKeyField(
                        "models.Group",
                        source_field="group_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="days",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("day", fields.DateField()),
                ("messages", fields.IntField(default=0, description="消息条数，条")),
                ("speakers", fields.IntField(default=0, description="发过言的人数，人")),
                ("substantive", fields.IntField(default=0, description="实质发言条数，条")),
                ("substantive_speakers", fields.IntField(default=0, description="有实质发言的人数，人")),
                ("sessions", fields.IntField(default=0, description="当天有效互动的会话数，次")),
            ],
            options={
                "table": "group_day",
                "app": "models",
                "unique_together": (("group", "day"),),
                "pk_attr": "id",
                "table_description": "一个群一天的匿名合计。三盏灯由它算出。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Interaction",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "cadre",
                    fields.ForeignKeyField(
                        "models.Cadre",
                        source_field="cadre_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="interactions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "youth",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="youth_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="interactions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("day", fields.DateField(description="本地日期")),
                ("cadre_messages", fields.IntField(default=0, description="团干部的消息条数，条")),
                ("youth_messages", fields.IntField(default=0, description="青年的消息条数，条")),
                ("sessions", fields.IntField(default=0, description="够得上“有效”的会话数；撤回会减回去")),
            ],
            options={
                "table": "interaction",
                "app": "models",
                "unique_together": (("cadre", "youth", "day"),),
                "indexes": [Index(fields=["cadre_id", "day"])],
                "pk_attr": "id",
                "table_description": "一位团干部与一位青年在一天里的往来。`sessions > 0` 即当天有一次有效互动（至多算一次）。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Notice",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharField(description="如 reminder.monthly、wish.claimed", max_length=32)),
                ("recipient", fields.CharField(description="p12 是人，g3 是群", max_length=16)),
                ("period", fields.CharField(description="如 2026-11、2026-W47、W12/5", max_length=32)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="notices",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "group",
                    fields.ForeignKeyField(
                        "models.Group",
                        source_field="group_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="notices",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("text", CleanTextField(null=True, description="要说的话；送达 30 天后清空", unique=False)),
                (
                    "state",
                    fields.CharEnumField(
                        description="DUE: due\nCLAIMED: claimed\nRIDING: riding\nSENT: sent\nUNKNOWN: unknown\nFAILED: failed\nEXPIRED: expired",
                        enum_type=NoticeState,
                        max_length=8,
                    ),
                ),
                ("due_at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ("claimed_by", fields.CharField(null=True, max_length=40)),
                ("claimed_until", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("attempts", fields.IntField(default=0)),
                ("reason", fields.CharField(null=True, max_length=80)),
                ("sent_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notice",
                "app": "models",
                "unique_together": (("kind", "recipient", "period"),),
                "indexes": [Index(fields=["state", "due_at"])],
                "pk_attr": "id",
                "table_description": "(kind, recipient, period) 唯一：同一件事对同一个人只说一次。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Ranking",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("quarter", fields.CharField(max_length=6)),
                (
                    "cadre",
                    fields.ForeignKeyField(
                        "models.Cadre",
                        source_field="cadre_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="rankings",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "models.Unit",
                        source_field="unit_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="rankings",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("quota", fields.IntField(description="100 或 10")),
                ("total", fields.FloatField()),
                ("place", fields.IntField(description="全库名次与人数")),
                ("size", fields.IntField()),
                ("unit_place", fields.IntField(description="本单位名次与人数")),
                ("unit_size", fields.IntField()),
                ("taken_at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "ranking",
                "app": "models",
                "unique_together": (("quarter", "cadre"),),
                "indexes": [Index(fields=["quarter", "quota", "place"])],
                "pk_attr": "id",
                "table_description": "一次快照里一位团干部的名次。100 人档与 10 人档分开排，同分同名次。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Role",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "person",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="roles",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "models.Unit",
                        source_field="unit_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="roles",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="ADMIN: 管理员\nINSPECTOR: 督导", enum_type=RoleKind, max_length=8
                    ),
                ),
            ],
            options={
                "table": "role",
                "app": "models",
                "unique_together": (("person", "unit", "kind"),),
                "pk_attr": "id",
                "table_description": "某人在某单位（及其下级）的职责。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Score",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("quarter", fields.CharField(max_length=6)),
                (
                    "cadre",
                    fields.ForeignKeyField(
                        "models.Cadre",
                        source_field="cadre_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="scores",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("coverage", fields.FloatField(null=True, description="覆盖 R")),
                ("depth", fields.FloatField(null=True, description="深度 D")),
                ("service", fields.FloatField(null=True, description="服务 S")),
                ("five_ones", fields.FloatField(null=True, description="五个一 F")),
                ("ratings", fields.FloatField(null=True, description="青年评价 V")),
                ("integrity", fields.FloatField(default=1.0, description="诚信系数")),
                ("total", fields.FloatField(null=True, description="0–100；没有任何部分适用时为空")),
                (
                    "facts",
                    fields.JSONField(
                        description="算分用的数：quota、roster、base、reached、twice、wishes…",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                ("computed_at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "score",
                "app": "models",
                "unique_together": (("quarter", "cadre"),),
                "pk_attr": "id",
                "table_description": "一位团干部一季的积分。各部分 0–1，空为“不适用”。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Wish",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "author",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="author_id",
                        null=True,
                        db_index=True,
                        description="提交人；删除数据后留空",
                        db_constraint=True,
                        to_field="id",
                        related_name="wishes",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "group",
                    fields.ForeignKeyField(
                        "models.Group",
                        source_field="group_id",
                        null=True,
                        db_index=True,
                        description="在哪个群提的；私聊提的为空",
                        db_constraint=True,
                        to_field="id",
                        related_name="wishes",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                (
                    "unit",
                    fields.ForeignKeyField(
                        "models.Unit",
                        source_field="unit_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="wishes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "cadre",
                    fields.ForeignKeyField(
                        "models.Cadre",
                        source_field="cadre_id",
                        db_index=True,
                        description="该谁负责回应：提交人的联系团干部，没有就是群里第一位团干部；计分算他的",
                        db_constraint=True,
                        to_field="id",
                        related_name="wishes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("text", CleanTextField(null=True, description="心愿内容（已打码）；结束 180 天后清空", unique=False)),
                (
                    "digest",
                    fields.CharField(
                        db_index=True, description="内容去空白后的带钥匙摘要，用来认出 24 小时内的重复", max_length=32
                    ),
                ),
                ("anonymous", fields.BooleanField(default=False)),
                (
                    "lane",
                    fields.CharEnumField(
                        description="WALL: wall\nPRIVATE: private\nCRISIS: crisis", enum_type=WishLane, max_length=8
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        db_index=True,
                        description="OPEN: 待认领\nCLAIMED: 办理中\nDONE: 待青年确认\nENDED: 已结束",
                        enum_type=WishState,
                        max_length=8,
                    ),
                ),
                (
                    "ending",
                    fields.CharEnumField(
                        null=True,
                        description="FULFILLED: 已圆梦\nPARTLY: 部分圆梦\nIMPOSSIBLE: 办不成(已说明)\nUNCONFIRMED: 未确认结案\nWITHDRAWN: 已撤回",
                        enum_type=WishEnding,
                        max_length=10,
                    ),
                ),
                (
                    "claimer",
                    fields.ForeignKeyField(
                        "models.Cadre",
                        source_field="claimer_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="claimed_wishes",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "submitted_at",
                    UTCDatetimeField(
                        db_index=True, description="钟从这里起，转办、重办都不重置", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "answered_at",
                    UTCDatetimeField(null=True, description="第一次有人认领或答复", auto_now=False, auto_now_add=False),
                ),
                ("claimed_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "progressed_at",
                    UTCDatetimeField(
                        null=True, description="最近一次进展（认领也算）", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "done_at",
                    UTCDatetimeField(null=True, description="最近一次办结", auto_now=False, auto_now_add=False),
                ),
                ("ended_at", UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "escalated_at",
                    UTCDatetimeField(null=True, description="转给上级管理员的时间", auto_now=False, auto_now_add=False),
                ),
                ("accepted", fields.BooleanField(default=False, description="青年接受了“办不成”的说明")),
                ("reopened", fields.IntField(default=0)),
            ],
            options={
                "table": "wish",
                "app": "models",
                "pk_attr": "id",
                "table_description": "一个微心愿，编号 `W{id}`。",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WishEvent",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "wish",
                    fields.ForeignKeyField(
                        "models.Wish",
                        source_field="wish_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="events",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("kind", fields.CharField(max_length=16)),
                (
                    "by",
                    fields.ForeignKeyField(
                        "models.Person",
                        source_field="by_id",
                        null=True,
                        db_index=True,
                        description="谁做的；系统做的为空",
                        db_constraint=True,
                        to_field="id",
                        related_name="wish_events",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("at", UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ("note", CleanTextField(null=True, description="说的话；随心愿内容一起清空", unique=False)),
            ],
            options={
                "table": "wish_event",
                "app": "models",
                "pk_attr": "id",
                "table_description": "心愿走过的每一步。",
            },
            bases=["Model"],
        ),
    ]
