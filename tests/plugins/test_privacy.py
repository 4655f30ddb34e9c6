"""我的数据：说得清存了什么，导得出，删得掉。"""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from nonebot.adapters.onebot.v11 import ActionFailed
from tortoise import Model
from tortoise.connection import get_connection

import db.models
from bot.league import erasures, notices, roster
from bot.settings import settings
from bot.ticks import run_ticks
from db.models import (
    Account,
    Audit,
    Cadre,
    Consent,
    Contact,
    ContactState,
    ContactTag,
    Erasure,
    Interaction,
    Notice,
    NoticeState,
    Person,
    Role,
    Unit,
    Wish,
    WishAction,
    WishEnding,
    WishEvent,
    WishLane,
    WishState,
)
from plugins.roster import render
from tests import factories
from tests.chat import Chat

ROOT = Path(__file__).parent.parent.parent
MODELS = [model for model in vars(db.models).values() if isinstance(model, type) and issubclass(model, Model)]


async def one(chat: Chat, user: str | int, text: str, group: str | int | None = None) -> str:
    replies = await chat.say(user, text, group=group)
    assert len(replies) == 1, replies
    return str(replies[0])


@pytest.fixture
async def youth(chat: Chat) -> Person:
    """20030 小王：张三的联系青年，聊过三天，有一个心愿、一个标签、一条通知。"""
    cadre = await factories.cadre(20012, "张三", await factories.school())
    group = await factories.group(5, cadre)
    person = await factories.youth(20030, cadre, group)
    await Person.filter(id=person.id).update(name="小王")
    await ContactTag.create(contact=await Contact.get(), tag="学生")
    for ago in range(3):
        await Interaction.create(
            cadre=cadre, youth=person, day=chat.at.date().replace(day=1 + ago), youth_messages=2, sessions=ago % 2
        )
    wish = await Wish.create(
        author=person, group=group, unit_id=cadre.unit_id, cadre=cadre, text="想学修自行车", digest="abc",
        lane=WishLane.WALL, state=WishState.CLAIMED, claimer=cadre, submitted_at=chat.at,
    )  # fmt: skip
    await WishEvent.create(wish=wish, kind=WishAction.SUBMIT, by=person, at=chat.at)
    await WishEvent.create(wish=wish, kind=WishAction.PROGRESS, by_id=cadre.person_id, at=chat.at, note="约了周六")
    for recipient in (person.id, cadre.person_id):
        await Notice.create(
            kind="wish.progress", recipient=f"p{recipient}", period=f"W{wish.id}/2", person_id=recipient,
            text="约了周六", state=NoticeState.SENT, due_at=chat.at, expires_at=chat.at, created_at=chat.at,
        )  # fmt: skip
    return person


# --- 看 ---


async def test_my_data_says_what_is_held(chat: Chat, youth: Person) -> None:
    assert (await one(chat, 20030, "/我的数据")).splitlines() == [
        "账号：QQ 20****30",
        "名册上的姓名：小王",
        "加入：2026-09-02 起",
        "联系团干部 张三（示例大学团委，联系中）：3 天有往来，其中 1 天是有效互动；给你贴的标签：学生",
        "提过的心愿：1 件",
        "没有一个字的聊天内容。整份文件：/我的数据 导出；全部删掉：/删除我的数据。",
    ]


async def test_a_cadre_is_told_what_his_work_leaves_behind(chat: Chat, youth: Person) -> None:
    said = await one(chat, 20012, "/我的数据")
    assert "任职：示例大学团委 专职。团干部和联系青年哪天聊过、各几条，算工作记录" in said
    assert "没在记你" not in said
    await Cadre.all().update(left_at=chat.at)
    assert "联系团干部 张三（示例大学团委，离任了，没在记）：" in await one(chat, 20030, "/我的数据")


async def test_my_data_is_for_private_talk(chat: Chat, youth: Person) -> None:
    assert await one(chat, 20030, "/我的数据", group=5) == "请私聊我发 /我的数据，只说给你一个人听。"
    assert await one(chat, 20030, "/我的数据 导出", group=5) == "请私聊我发 /我的数据，只说给你一个人听。"
    assert "要整份文件发" in await one(chat, 20030, "/我的数据 随便")
    assert await one(chat, 99, "/我的数据") == "我这里没有任何关于你的记录。"
    assert await one(chat, 99, "/我的数据 导出") == "我这里没有任何关于你的记录。"


async def test_the_export_is_a_private_file_with_everything(chat: Chat, youth: Person) -> None:
    assert await chat.say(20030, "/我的数据 导出") == []
    api, sent = chat.calls[-1]
    assert (api, sent["user_id"], sent["name"]) == ("upload_private_file", 20030, "我的数据.json")
    data = json.loads(base64.b64decode(sent["file"].removeprefix("base64://")))
    assert data["账号"] == [{"平台": "qq", "账号": "20030"}]
    assert data["标签"] == [{"谁贴的": "张三", "标签": "学生"}]
    assert [row["内容"] for row in data["心愿"]] == ["想学修自行车"]
    assert [row["说的话"] for row in data["心愿经过"]] == [None, "约了周六"]
    assert [row["日期"] for row in data["互动"]] == ["2026-11-01", "2026-11-02", "2026-11-03"]
    assert data["同意"][0] | {"告知版本": "1", "群号": "5", "结束": None} == data["同意"][0]
    assert data["联系"][0]["团干部"] == "张三"
    assert [row["内容"] for row in data["给我的通知"]] == ["约了周六"]


async def test_where_files_do_not_pass_the_export_comes_as_text(
    chat: Chat, youth: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = chat.bot.call_api

    async def no_files(api: str, **data: Any) -> Any:
        if api == "upload_private_file":
            raise ActionFailed(retcode=1404)
        return await call(api, **data)

    monkeypatch.setattr(chat.bot, "call_api", no_files)
    replies = await chat.say(20030, "/我的数据 导出")
    assert {reply.user for reply in replies} == {"20030"}
    assert json.loads("\n".join(map(str, replies)))["姓名"] == "小王"


async def test_an_export_holds_nothing_of_anybody_else(chat: Chat, youth: Person) -> None:
    cadre = await Cadre.get()
    await factories.youth(20031, cadre)
    await chat.say(20031, "/我的数据 导出")
    text = base64.b64decode(chat.calls[-1][1]["file"].removeprefix("base64://")).decode()
    assert "20030" not in text
    assert "小王" not in text
    assert "自行车" not in text


async def test_what_the_duty_person_wrote_down_and_what_others_said_is_in_nobodys_export(
    chat: Chat, youth: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "duty", ("qq:20012",))
    await one(chat, 20030, "/心愿 我不想活了")
    number = (await Wish.get(lane=WishLane.CRISIS)).number
    await one(chat, 20012, f"/办结 {number} 已经联系家长")
    await one(chat, 20012, "/办结 W1 约到了")
    await one(chat, 20030, "/确认 W1 办成 我住三号楼")
    for user in (20012, 20030):
        await chat.say(user, "/我的数据 导出")
        text = base64.b64decode(chat.calls[-1][1]["file"].removeprefix("base64://")).decode()
        assert "已经联系家长" not in text
        assert ("我不想活了" in text, "三号楼" in text) == (user == 20030, user == 20030)


# --- 删 ---


async def test_erasing_waits_a_day_then_leaves_only_counts(chat: Chat, youth: Person) -> None:
    said = await one(chat, 20030, "/删除我的数据", group=5)
    assert said.startswith("好，11月19日 14:00 删掉关于你的一切")
    chat.later(hours=23, minutes=59)
    await run_ticks(chat.at)
    assert await Account.exists(user_id="20030")
    assert "已排在 11月19日 14:00 删除" in await one(chat, 20030, "/我的数据")
    chat.later(minutes=1)
    await run_ticks(chat.at)
    person, contact, consent, wish = (
        await Person.get(id=youth.id), await Contact.get(), await Consent.get(), await Wish.get(),
    )  # fmt: skip
    assert (person.name, person.erased_at) == (None, chat.at)
    assert not await Account.exists(user_id="20030")
    assert not await ContactTag.exists()
    assert (contact.state, contact.group_id) == (ContactState.ENDED, None)
    assert (consent.reason, consent.group_id) == ("删除数据", None)
    assert (wish.author_id, wish.text, wish.ending) == (None, None, WishEnding.WITHDRAWN)
    assert not await WishEvent.filter(note__isnull=False).exists()
    assert not await WishEvent.filter(by_id=youth.id).exists()
    assert not await Notice.filter(person_id=youth.id).exists()
    assert not await Notice.filter(state=NoticeState.SENT, text__isnull=False).exists()
    assert await Interaction.filter(youth=youth).count() == 3, "计数留着"
    assert (await Audit.get(action="person.erase")).subject == f"p{youth.id}"
    assert await one(chat, 20030, "/我的数据") == "我这里没有任何关于你的记录。"


async def test_no_trace_of_the_account_name_or_words_is_left_in_any_table(chat: Chat, youth: Person) -> None:
    await chat.say(20030, "/删除我的数据")
    await erasures.erase_due(chat.later(days=1))
    connection = get_connection("default")
    for model in MODELS:
        _, rows = await connection.execute_query(f'SELECT * FROM "{model._meta.db_table}"')
        stored = "\n".join(str(value) for row in rows for value in dict(row).values())
        for secret in ("20030", "小王", "自行车", "学生", "约了周六"):
            assert secret not in stored, (model, secret)


async def test_words_still_on_their_way_to_the_cadre_are_stopped(chat: Chat, youth: Person) -> None:
    await one(chat, 20012, "/办结 W1 约到了")
    await one(chat, 20030, "/确认 W1 办成 我住三号楼")
    assert await Notice.filter(text__contains="三号楼").exists()
    await chat.say(20030, "/删除我的数据")
    await erasures.erase_due(chat.later(days=1))
    assert not await Notice.filter(text__contains="三号楼").exists()


async def test_the_reminders_that_named_him_no_longer_do(chat: Chat, youth: Person) -> None:
    cadre = await Cadre.get().select_related("person")
    text = "· 很久没聊的：小王（40 天）、小王梅（还没聊过）。"
    await notices.post("reminder.digest", period="2026-W47", person_id=cadre.person_id, text=text, at=chat.at)
    await erasures.erase(youth.id, at=chat.at)
    assert (
        await Notice.get(kind="reminder.digest")
    ).text == "· 很久没聊的：（账号已删除）（40 天）、小王梅（还没聊过）。"


async def test_a_cadre_who_vanished_is_named_in_nobodys_letters(chat: Chat, youth: Person) -> None:
    """“张三认领了”、他的申诉：说过的清空，没说的换掉；值守人还没收到的求助照样送到。"""
    school = await Unit.get()
    await factories.admin(20001, "王管理", school)
    await Wish.filter(id=1).update(state=WishState.OPEN, claimer_id=None)
    await one(chat, 20012, "/认领 W1")
    await one(chat, 20012, "/申诉 我在休产假")
    cadre = await Cadre.get().select_related("person")
    said, crisis = {"period": "W1/9", "at": chat.at}, "【危机求助 W9】原话：张三我不想活了"
    await notices.post("wish.transferred", text="W1 转给了张三", person_id=youth.id, **said)
    await Notice.filter(kind="wish.transferred").update(state=NoticeState.SENT)
    await notices.post("wish.crisis", text=crisis, person_id=youth.id, urgent=True, **said)
    await erasures.erase(cadre.person_id, at=chat.at)
    texts = {str(row.kind): row.text for row in await Notice.filter(period__startswith="W1/").order_by("id")}
    assert texts["wish.claimed"] == "你的心愿 W1 有人接了：（账号已删除）认领了，有进展我就告诉你。"
    assert (texts["wish.transferred"], texts["wish.crisis"]) == (None, crisis)
    assert not await Notice.exists(kind="eligibility.appealed"), "申诉的话不再送出去"


async def test_joining_again_while_an_erasure_waits_is_not_a_surprise(chat: Chat, youth: Person) -> None:
    await one(chat, 20030, "/删除我的数据")
    await one(chat, 20030, "/退出")
    assert "先发 /取消删除" in await one(chat, 20030, "/加入", group=5)
    assert not await Consent.exists(withdrawn_at=None)
    await one(chat, 20030, "/取消删除")
    assert (await one(chat, 20030, "/加入", group=5)).startswith("欢迎！")


async def test_changing_ones_mind_in_time(chat: Chat, youth: Person) -> None:
    await one(chat, 20030, "/删除我的数据")
    chat.later(hours=5)
    assert "11月19日 14:00" in await one(chat, 20030, "/删除我的数据"), "再说一次不顺延"
    assert await one(chat, 20030, "/取消删除") == "好，不删了，一切照旧。"
    assert await one(chat, 20030, "/取消删除") == "没有排着的删除。"
    assert await one(chat, 99, "/取消删除") == "没有排着的删除。"
    assert await erasures.erase_due(chat.later(days=2)) == 0
    assert await Account.exists(user_id="20030")
    assert await Consent.exists(withdrawn_at=None)


async def test_erasing_twice_is_harmless(chat: Chat, youth: Person) -> None:
    await one(chat, 20030, "/删除我的数据")
    await Erasure.create(person=youth, asked_at=chat.at, due_at=chat.at)
    assert await erasures.erase_due(chat.later(days=1)) == 2
    assert await erasures.erase_due(chat.later(days=1)) == 0


async def test_someone_in_office_cannot_vanish(chat: Chat, youth: Person) -> None:
    assert "先请管理员发 /任命 @你 离任" in await one(chat, 20012, "/删除我的数据")
    admin = await factories.admin(20001, "王管理", await (await Cadre.get()).unit)
    assert "先请管理员" in await one(chat, 20001, "/删除我的数据")
    assert not await Erasure.exists()
    await Role.filter(person=admin).delete()
    await Cadre.all().update(left_at=chat.at)
    chat.later(minutes=1)
    roster.touch()
    await one(chat, 20012, "/删除我的数据")
    await erasures.erase_due(chat.later(days=1))
    assert (await Person.get(id=(await Cadre.get()).person_id)).name is None


async def test_a_post_taken_during_the_cooling_off_stops_the_erasure(chat: Chat, youth: Person) -> None:
    await one(chat, 20030, "/删除我的数据")
    await Cadre.create(person=youth, unit_id=(await Cadre.get()).unit_id, kind="专职", quota=100, since=chat.at)
    assert await erasures.erase_due(chat.later(days=1)) == 0
    assert (await Erasure.get()).cancelled_at == chat.at
    assert (await Notice.get(kind="person.kept")).person_id == youth.id
    assert await Account.exists(user_id="20030")


async def test_an_erasure_that_fails_half_way_changes_nothing(
    chat: Chat, youth: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    await one(chat, 20030, "/删除我的数据")
    other = await factories.youth(20031, await Cadre.get())
    await one(chat, 20031, "/删除我的数据")
    erase_author = erasures.wishes.erase_author
    monkeypatch.setattr(
        erasures.wishes,
        "erase_author",
        lambda person, at: (erase_author if person == other.id else broken)(person, at=at),
    )
    with pytest.raises(ExceptionGroup):
        await erasures.erase_due(chat.later(days=1))
    assert not await Account.exists(user_id="20031"), "一位出错不耽误别的"
    assert await Account.exists(user_id="20030")
    assert (await Wish.get()).text == "想学修自行车"
    assert (await Erasure.get(person=youth)).done_at is None


# --- 文档 ---


def test_the_privacy_page_holds_the_notice_word_for_word() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    assert all(f"> {line}" in page for line in render.notice().splitlines())


def test_the_privacy_page_accounts_for_every_table() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    explained = set(re.findall(r"^\| `(\w+)`", page, re.MULTILINE))
    assert explained == {model._meta.db_table for model in MODELS}


def test_every_table_tied_to_a_person_is_dealt_with_when_merging_and_erasing() -> None:
    """新添一张连着人的表时，这里会红：去 accounts.merge、erasures.erase、exports.everything 交代它。"""
    tied = {
        (model.__name__, name)
        for model in MODELS
        for name in (*model._meta.fk_fields, *model._meta.o2o_fields)
        if getattr(model._meta.fields_map[name], "model_name", None) == "models.Person"
    }
    assert tied == {
        ("Absence", "person"),
        ("Account", "person"),
        ("BindCode", "person"),
        ("Cadre", "person"),
        ("ChainSalt", "person"),
        ("Consent", "person"),
        ("Contact", "youth"),
        ("Erasure", "person"),
        ("HandoverAsk", "youth"),
        ("Interaction", "youth"),
        ("MaterialConsent", "person"),
        ("Nomination", "author"),
        ("Notice", "person"),
        ("Opinion", "person"),
        ("Participation", "person"),
        ("PushReply", "person"),
        ("Rating", "youth"),
        ("RatingAsk", "youth"),
        ("Role", "person"),
        ("SpotCheck", "youth"),
        ("Subscription", "person"),
        ("Voice", "author"),
        ("VoiceEvent", "by"),
        ("Wish", "author"),
        ("WishEvent", "by"),
    }
