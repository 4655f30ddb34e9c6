"""`/导入` `/导出`：名册当文件来去，谁能、在哪、怎么取来，一句一句对。"""

import asyncio
import base64
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.gateway import uploads
from bot.league import roster_files
from bot.settings import settings
from db.models import Audit, Unit
from tests import factories
from tests.chat import Chat, Reply

TABLES = {
    "单位": [("示例大学团委", "", "校")],
    "干部": [("张三", "示例大学团委", "专职", "", "QQ", "12")],
}
READY = (
    "填好发回给我，半小时内都等着。\n有一行不对就一行也不动，我会说清是哪一行。想在现有名册上改，发 /导出 把它要回去。"
)
DONE = "名册导入好了。\n单位：新添 1，改动 0，没变 0\n干部：新添 1，改动 0，没变 0\n青年：新添 0，改动 0，没变 0\n"
NOT_GOT = "文件没取到，请再发一次。还不行的话，在装着我的那台电脑上用 tuanbot import 名册.xlsx 也一样。"


def workbook(tables: dict[str, Any] = TABLES) -> bytes:
    file = io.BytesIO()
    roster_files.write(file, tables)
    return file.getvalue()


def base64_of(data: bytes) -> dict[str, str]:
    return {"file": "/app/QQ/nt_data/File/名册.xlsx", "base64": base64.b64encode(data).decode()}


@pytest.fixture(autouse=True)
def boss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "superusers", {"1"})


async def one(chat: Chat, user: int, text: str, group: int | None = None) -> str:
    replies = await chat.say(user, text, group=group)
    assert len(replies) == 1, replies
    return str(replies[0])


async def send(chat: Chat, user: int = 1, *, kind: str = "file", **data: Any) -> list[Reply]:
    """像 NapCat 那样发来一份文件。"""
    chat.later(seconds=5)
    given = {"file": "名册.xlsx", "file_id": "abc", "file_size": "9000"} | data
    return await chat.say(user, "", message=[{"type": kind, "data": given}])


async def test_the_whole_round(chat: Chat) -> None:
    assert await one(chat, 1, "/导入") == READY
    _, sent = next(call for call in chat.calls if call[0] == "upload_private_file")
    assert (sent["user_id"], sent["name"]) == (1, "名册（空表）.xlsx")
    chat.answers["get_file"] = base64_of(workbook())
    (reply,) = await send(chat)
    assert str(reply).startswith(DONE)
    assert str(reply).endswith("接下来请团干部到自己的青年群里发 /绑定本群。")
    assert [call for call in chat.calls if call[0].startswith("get_")] == [
        ("get_private_file_url", {"user_id": "1", "file_id": "abc"}),
        ("get_file", {"file_id": "abc"}),
    ]
    assert await Audit.exists(action="roster.import")
    (reply,) = await send(chat)
    assert str(reply) == "要导入名册的话，先发 /导入，再把这个文件发我一次。", "导完就不再等着"


async def test_what_is_wrong_is_said_and_the_corrected_file_is_awaited(chat: Chat) -> None:
    await one(chat, 1, "/导入")
    wrong = [(f"某{n}", "没有的单位", "专职", "", "QQ", str(100 + n)) for n in range(40)]
    chat.answers["get_file"] = base64_of(workbook(TABLES | {"干部": wrong}))
    (reply,) = await send(chat)
    lines = str(reply).splitlines()
    assert lines[:2] == ["有 40 处不对，一行也没有导入：", "干部 第 2 行：没有“没有的单位”这个单位"]
    assert lines[-2:] == ["……还有 10 处，先改这些。", "改好直接把文件再发给我。"]
    assert not await Unit.exists()
    chat.answers["get_file"] = base64_of(workbook())
    (reply,) = await send(chat)
    assert str(reply).startswith(DONE)


async def test_the_file_of_an_implementation_that_sends_a_notice(chat: Chat, site: "Site") -> None:
    """go-cqhttp、Lagrange 送的是通知；有的实现两样都送，只导一次。"""
    await one(chat, 1, "/导入")
    site.pages["/f"] = workbook()
    file = {"name": "名册.xlsx", "size": 9000, "url": site.url("/f")}
    notice = {
        "post_type": "notice",
        "notice_type": "offline_file",
        "user_id": 1,
        "self_id": 10000,
        "time": int(chat.at.timestamp()),
        "file": file,
    }
    (reply,) = await chat.push(notice)
    assert str(reply).startswith(DONE)
    assert await chat.say(1, "", message=[{"type": "file", "data": {"file": "名册.xlsx", "url": site.url("/f")}}]) == []


async def test_only_those_who_keep_the_roster_are_heard(chat: Chat) -> None:
    top = await factories.school()
    branch = await factories.branch("信息团总支", top)
    await factories.admin(2, "校管理", top)
    await factories.admin(3, "院管理", branch)
    await factories.cadre(12, "张三", branch)
    assert await one(chat, 2, "/导入") == READY
    no = "名册由超级管理员和最上级单位的管理员来导。"
    instead = "添一两位团干部，你可以用 /任命。"
    assert [await one(chat, user, "/导入") for user in (3, 12, 30)] == [no + instead, no, no]
    assert await one(chat, 1, "/导入", group=5) == "名册里有大家的账号，别在群里发。请私聊我 /导入。"
    assert (await one(chat, 1, "/导入 名册.xlsx")).startswith("只发 /导入 就好")
    for user in (3, 12, 30):
        assert await send(chat, user) == [], "别人发文件给我，一声不响"
    assert not [api for api, _ in chat.calls if api.startswith("get_")], "也不去取"
    assert await send(chat, 2, file="照片.jpg") != [], "等着的时候发错了要说"


async def test_a_wrong_file_gets_one_sentence(chat: Chat, site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    await one(chat, 1, "/导入")
    big = "这份文件太大了，我只收 10 MB 以内的。"

    async def said(**data: Any) -> str:
        (reply,) = await send(chat, **data)
        return str(reply)

    assert await said(file_size=str(11 * 2**20)) == big
    assert (await said(kind="onlinefile")).startswith("这是 QQ 的在线传送，我收不了。")
    assert await said() == NOT_GOT
    chat.answers["get_file"] = {"file": "/etc/passwd", "url": "file:///etc/passwd"}
    assert await said() == NOT_GOT, "本机的路径不读"
    chat.answers["get_file"] = base64_of(b"\xd0\xcf\x11\xe0 old xls")
    assert await said() == "这不是 .xlsx 文件。请用我发的那张表填，或在表格软件里“另存为 .xlsx”，再发给我。"
    chat.answers["get_file"] = base64_of(b"PK\x03\x04 broken")
    assert await said() == "这个文件不是 .xlsx（或加了密），请用表格软件另存为 .xlsx 再试。"
    chat.refuses["get_file"] = 1404
    site.redirects["/away"] = site.url("/f")
    site.pages["/f"] = workbook()
    assert await said(url=site.url("/away")) == NOT_GOT, "不跟着跳转走"
    monkeypatch.setattr(uploads, "LARGEST", 100)
    assert await said(url=site.url("/f"), file_size="") == big, "没报大小的，边收边数"
    assert not await Unit.exists()
    chat.later(minutes=31)
    (reply,) = await send(chat)
    assert str(reply).startswith("要导入名册的话，先发 /导入")
    assert await send(chat, file="照片.jpg") == []


async def test_the_roster_comes_back_as_a_private_file(chat: Chat) -> None:
    top = await factories.school()
    branch = await factories.branch("信息团总支", top)
    await factories.admin(3, "院管理", branch)
    await factories.cadre(12, "张三", top)
    said = await one(chat, 3, "/导出")
    assert said == (
        "名册在上面：单位 1 个，团干部 1 行，请了还没加入的青年 0 行。里面有账号，别转发。\n"
        "改好了发 /导入，再把文件发给我；没改的原样留着。"
    )
    _, sent = next(call for call in chat.calls if call[0] == "upload_private_file")
    assert (sent["user_id"], sent["name"]) == (3, "名册-2026-11-18.xlsx")
    assert base64.b64decode(sent["file"].removeprefix("base64://")).startswith(b"PK")
    assert await one(chat, 3, "/导出 示例大学团委") == "你管不到示例大学团委，拿不到它的名册。"
    assert await one(chat, 12, "/导出") == "名册里有大家的账号，只给管理员。"
    assert await one(chat, 3, "/导出", group=5) == "名册里有大家的账号，别在群里要。请私聊我 /导出。"
    chat.refuses["upload_private_file"] = 1404
    assert (await one(chat, 3, "/导出")).startswith("这里发不了文件。")


class Site:
    """一个小小的网站：实现给的下载地址。"""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.port = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        if path in self.redirects:
            writer.write(f"HTTP/1.0 302 Found\r\nLocation: {self.redirects[path]}\r\n\r\n".encode())
        else:
            writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + self.pages[path])
        await writer.drain()
        writer.close()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    server = await asyncio.start_server(site.answer, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site
