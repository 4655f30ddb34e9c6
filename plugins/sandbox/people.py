"""示例大学：三个团总支、六位团干部、四十名青年。名字一看就是示例，谁演谁由种子决定。"""

import random
from dataclasses import dataclass
from enum import StrEnum

from db.models import Scope

#: 机器人自己的账号
SELF_ID = "10000"
#: 演的是哪个平台
SCOPE = Scope.QQ


class Part(StrEnum):
    """演什么。"""

    ADMIN = "管理员"
    CADRE = "团干部"
    YOUTH = "青年"
    INSPECTOR = "督导"


@dataclass(frozen=True)
class Member:
    """一个群成员。"""

    user_id: str
    name: str
    part: Part


#: 督导只在私聊里，不进群
INSPECTOR = Member("10002", "督导老师", Part.INSPECTOR)


@dataclass(frozen=True)
class Place:
    """一个群。"""

    group_id: str
    name: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class University:
    """示例大学里的人和群。"""

    admin: Member
    cadres: tuple[Member, ...]
    #: 前二十名在一群，后二十名在二群
    youths: tuple[Member, ...]
    groups: tuple[Place, Place]
    work_group: Place
    #: 没加机器人好友的人
    strangers: frozenset[str]

    @property
    def invited(self) -> tuple[tuple[Member, Member], ...]:
        """名册上请了的青年，和请他的团干部；别的青年名册上没有，要等他们自己开口。"""
        one, three, four = self.cadres[0], self.cadres[2], self.cadres[3]
        hosts = [(self.youths[:8], one), (self.youths[20:26], three), (self.youths[26:27], four)]
        return tuple((youth, cadre) for youths, cadre in hosts for youth in youths)

    @property
    def places(self) -> tuple[Place, ...]:
        """全部群。"""
        return (*self.groups, self.work_group)

    @property
    def everyone(self) -> tuple[Member, ...]:
        """全部人。"""
        return (self.admin, *self.cadres, *self.youths, INSPECTOR)


#: 团总支，两位团干部一个
BRANCHES = ("示例一团总支", "示例二团总支", "示例三团总支")
#: 六位团干部的类别，依次；100 人档凑够五位，名次才给看
KINDS = ("专职", "挂职", "专职", "县级以上机关兼职", "专职", "其他兼职")


def found(seed: int) -> University:
    """按种子建一所示例大学：同一个种子，同一批账号与座次。"""
    chance = random.Random(seed)
    numbers = [str(number) for number in chance.sample(range(20_000_001, 29_999_999), 47)]
    admin = Member(numbers[0], "组织部老师", Part.ADMIN)
    cadres = tuple(
        Member(number, f"团干部{letter}", Part.CADRE)
        for number, letter in zip(numbers[1:7], "甲乙丙丁戊己", strict=True)
    )
    names = [f"青年{index:02d}" for index in range(1, 41)]
    chance.shuffle(names)
    youths = tuple(Member(number, name, Part.YOUTH) for number, name in zip(numbers[7:], names, strict=True))
    first = Place("600000001", "青年一群", (*cadres[:2], *youths[:20]))
    second = Place("600000002", "青年二群", (*cadres[2:4], *youths[20:]))
    work = Place("600000003", "团干部工作群", (admin, *cadres))
    return University(admin, cadres, youths, (first, second), work, frozenset({youths[21].user_id}))


def roster_sheets(university: University) -> dict[str, list[list[str]]]:
    """名册：表名 → 各行（首行是表头），与 `tuanbot import` 认的一样。"""
    units = [["名称", "上级", "类别"], ["示例大学团委", "", "校"]]
    units += [[branch, "示例大学团委", "团总支"] for branch in BRANCHES]
    people = [["姓名", "单位", "类别", "职责", "平台", "账号"]]
    people.append([university.admin.name, "示例大学团委", "", "管理员", SCOPE.label, university.admin.user_id])
    people.append([INSPECTOR.name, "示例大学团委", "", "督导", SCOPE.label, INSPECTOR.user_id])
    for index, (cadre, kind) in enumerate(zip(university.cadres, KINDS, strict=True)):
        people.append([cadre.name, BRANCHES[index // 2], kind, "", SCOPE.label, cadre.user_id])
    youths = [["姓名", "联系干部账号", "平台", "账号", "标签"]]
    youths += [[youth.name, cadre.user_id, SCOPE.label, youth.user_id, ""] for youth, cadre in university.invited]
    return {"单位": units, "干部": people, "青年": youths}
