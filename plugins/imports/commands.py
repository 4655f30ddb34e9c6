"""`/导入` `/导出`：名册当文件收、当文件发，都只在私聊。"""

import asyncio
import io
from datetime import datetime, timedelta

from nonebot import on_message

from bot.gateway.files import hand_over
from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import MessageEvent, Said, Saying
from bot.gateway.uploads import Upload, fetch, upload_in
from bot.league import imports, roster_exports, roster_files
from bot.league.errors import Refusal
from bot.league.imports import ImportRefused

from . import render

#: 发过 `/导入` 之后这么久，他发来的文件当名册
WINDOW = timedelta(minutes=30)
#: 有的实现把同一个文件当消息、当通知各送一次
TWICE = timedelta(seconds=3)

#: (平台, 用户号) → 等他的文件等到什么时候；重启就忘，请他再发一次 `/导入`
_expected: dict[tuple[str, str], datetime] = {}
#: (平台, 用户号) → 刚收过的是哪一份、什么时候
_taken: dict[tuple[str, str], tuple[str, datetime]] = {}

import_cmd = command("导入", about="把名册表格发给我，全对才导（私聊）", example="/导入", audience=Audience.ADMIN)


@import_cmd.handle()
@answers
async def handle_import(said: Saying) -> Answer:
    """给一张空表，等他填好发回来。"""
    if not said.by.heads_everything:
        more = "添一两位团干部，你可以用 /任命。" if said.by.is_admin else ""
        raise Refusal(f"名册由超级管理员和最上级单位的管理员来导。{more}")
    if not said.private:
        raise Refusal("名册里有大家的账号，别在群里发。请私聊我 /导入。")
    if said.words:
        raise Refusal("只发 /导入 就好：我先给你一张空表，你填好把文件发给我。")
    _expected[_key(said)] = said.at + WINDOW
    blank = io.BytesIO()
    await asyncio.to_thread(roster_files.write_template, blank)
    return render.waiting(sent=await hand_over(said, blank.getvalue(), name=render.BLANK))


arrived_cmd = on_message(priority=10, block=False)


@arrived_cmd.handle()
@answers
async def handle_arrived(said: Saying, event: MessageEvent) -> Answer:
    """私聊里来了一份文件。管不着名册的人发来的，一声不响。"""
    upload = upload_in(event) if said.private and said.by.heads_everything else None
    if upload is None or _again(said, upload):
        return None
    if said.at > _expected.get(_key(said), datetime.min.replace(tzinfo=said.at.tzinfo)):
        return render.UNEXPECTED if render.may_be_table(upload.name) else None
    _expected[_key(said)] = said.at + WINDOW
    _taken[_key(said)] = _which(upload), said.at
    data = await fetch(said.bot, said.by.user_id, upload)
    if not data.startswith(render.XLSX):
        raise Refusal(render.NOT_XLSX)
    try:
        report = await imports.import_workbook(data, at=said.at, actor_id=said.by.person_id)
    except ImportRefused as refusal:
        return render.refused(refusal.problems)
    _expected.pop(_key(said), None)
    return render.imported(report)


def _key(said: Said) -> tuple[str, str]:
    return said.scope, said.by.user_id


def _again(said: Said, upload: Upload) -> bool:
    """刚刚收过的同一份。"""
    which, when = _taken.get(_key(said), ("", said.at))
    return which == _which(upload) and abs(said.at - when) < TWICE


def _which(upload: Upload) -> str:
    """哪一份：微信的文件没有名字，看文件号。"""
    return upload.name or upload.file_id


export_cmd = command(
    "导出", about="把名册要回去，改好能再导入（私聊）", example="/导出 信息团总支", audience=Audience.ADMIN
)


@export_cmd.handle()
@answers
async def handle_export(said: Saying) -> Answer:
    """自己管的单位及下级；只私聊给文件。"""
    tops = await roster_exports.scope_of(said.by, said.text)
    if not said.private:
        raise Refusal("名册里有大家的账号，别在群里要。请私聊我 /导出。")
    exported = await roster_exports.export(tops, at=said.at, actor_id=said.by.person_id)
    file = io.BytesIO()
    await asyncio.to_thread(roster_files.write, file, exported.tables)
    if not await hand_over(said, file.getvalue(), name=render.file_name(said.at)):
        raise Refusal(render.NO_FILES)
    return render.exported(exported)
