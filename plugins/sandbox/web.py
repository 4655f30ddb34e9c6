"""`/try` 网页：页面、几条小接口、一路新消息。只在 `tuanbot try` 里挂上，只有本机的网页打得开。"""

import json
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from bot import clock
from bot.league.errors import Refusal
from plugins.sandbox.suggestions import offered
from plugins.sandbox.transcripts import Line
from plugins.sandbox.visits import BIGGEST, Jump, Visit

PAGE = Path(__file__).parent / "page"
#: 没有新话时隔多久看一眼该不该散场，秒
POLL = 0.5
#: 隔多久报一次时，秒；网页上的钟据此对准
BEAT = 10.0
#: 只许用自己的脚本、样式与图片，不许写在页面里，不许外连
SEALED = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_PARTS = {
    "app.js": "text/javascript",
    "drawing.js": "text/javascript",
    "style.css": "text/css",
    "mark.svg": "image/svg+xml",
}
_LOCAL = ("127.0.0.1", "localhost")


class Saying(BaseModel):
    """谁在哪里说一句；`group` 为空是私聊。"""

    by: str
    group: str | None = None
    text: str


class Travelling(BaseModel):
    """钟拨到哪里：`Jump` 的名字。"""

    to: str


class _Route(APIRoute):
    """做不成的事答一句话（409），网页原样说给人听。"""

    def get_route_handler(self) -> Callable[[Request], Coroutine[None, None, Response]]:
        handle = super().get_route_handler()

        async def politely(request: Request) -> Response:
            try:
                return await handle(request)
            except Refusal as refusal:
                return JSONResponse({"sentence": refusal.sentence}, 409, SEALED)

        return politely


def open_page(app: FastAPI, visit: Visit, *, leaving: Callable[[], bool]) -> None:
    """挂上 `/try`；`leaving` 说该散场了，开着的那一路消息就自己停下。"""
    router = APIRouter(prefix="/try", dependencies=[Depends(_only_local)], route_class=_Route)
    _add_page(router)
    _add_reading(router, visit, leaving)
    _add_attachments(router, visit)
    _add_acting(router, visit)
    app.include_router(router, include_in_schema=False)


def _only_local(request: Request) -> None:
    """别的网站借浏览器的手打不进来：名字不是本机的、来自别处的一概不理。"""
    origin = request.headers.get("origin")
    if request.url.hostname not in _LOCAL or origin not in (None, f"http://{request.url.netloc}"):
        raise HTTPException(403)


def _add_page(router: APIRouter) -> None:
    @router.get("")
    async def index() -> Response:
        return FileResponse(PAGE / "index.html", media_type="text/html", headers=SEALED)

    @router.get("/page/{name}")
    async def part(name: str) -> Response:
        if name not in _PARTS:
            raise HTTPException(404)
        return FileResponse(PAGE / name, media_type=_PARTS[name], headers=SEALED)


def _add_reading(router: APIRouter, visit: Visit, leaving: Callable[[], bool]) -> None:
    @router.get("/state")
    async def state() -> Response:
        return JSONResponse(_opening(visit), headers=SEALED)

    @router.get("/news")
    async def news(after: int = 0) -> Response:
        return StreamingResponse(_news(visit, after, leaving), media_type="text/event-stream", headers=SEALED)

    @router.get("/sheets")
    async def sheets() -> Response:
        return JSONResponse([asdict(sheet) for sheet in await visit.sheets()], headers=SEALED)

    @router.get("/suggestions")
    async def suggestions(by: str, group: str | None = None) -> Response:
        found = await offered(visit.member(by), visit.place(group), at=clock.now())
        return JSONResponse([asdict(one) for one in found], headers=SEALED)


def _add_attachments(router: APIRouter, visit: Visit) -> None:
    def line(number: int) -> Line:
        if found := visit.line(number):
            return found
        raise HTTPException(404)

    @router.get("/pictures/{number}/{index}")
    async def picture(index: int, line: Annotated[Line, Depends(line)]) -> Response:
        if index >= len(line.pictures):
            raise HTTPException(404)
        return Response(line.pictures[index], media_type="image/png", headers=SEALED)

    @router.get("/files/{number}/{index}")
    async def file(index: int, line: Annotated[Line, Depends(line)]) -> Response:
        if index >= len(line.files):
            raise HTTPException(404)
        named = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(line.files[index].name)}"}
        return Response(line.files[index].data, media_type="application/octet-stream", headers=SEALED | named)


def _add_acting(router: APIRouter, visit: Visit) -> None:
    @router.post("/say")
    async def say(saying: Saying) -> Response:
        await visit.say(saying.by, saying.group, saying.text)
        return JSONResponse({}, headers=SEALED)

    @router.post("/hand")
    async def hand(request: Request, by: str, name: str) -> Response:
        await visit.hand(by, name, await _limited(request))
        return JSONResponse({}, headers=SEALED)

    @router.post("/travel")
    async def travel(travelling: Travelling) -> Response:
        if travelling.to not in Jump.__members__:
            raise Refusal("没有这个时刻，刷新一下网页再试。")
        await visit.travel(Jump[travelling.to])
        return JSONResponse({}, headers=SEALED)


async def _limited(request: Request) -> bytes:
    """请求的正文；再大也只读到刚刚过头，别把内存撑满。"""
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > BIGGEST:
            break
    return bytes(data)


def _opening(visit: Visit) -> dict[str, object]:
    """打开网页时要知道的：有谁、有哪些群、钟能拨到哪里；说过的话由 `_news` 从头送来。"""
    town = visit.stage.town
    return {
        "self": visit.stage.platform.self_id,
        "people": [
            {
                "id": member.user_id,
                "name": member.name,
                "part": member.part,
                "friend": member.user_id not in town.strangers,
            }
            for member in visit.people
        ],
        "places": [
            {"id": place.group_id, "name": place.name, "members": [member.user_id for member in place.members]}
            for place in town.places
        ],
        "jumps": [{"to": jump.name, "label": jump.value} for jump in Jump],
    }


async def _news(visit: Visit, after: int, leaving: Callable[[], bool]) -> AsyncIterator[str]:
    """第 `after` 句以后的话一到就送；钟在走时报时，平时隔一阵报一次。"""
    transcript = visit.stage.platform.transcript
    since_beat, travelling = BEAT, False
    while not leaving():
        lines, after = visit.lines(after=after), len(transcript.lines)
        if lines or visit.travelling or travelling or since_beat >= BEAT:
            since_beat, travelling = 0.0, visit.travelling
            told = {
                "play": visit.play,
                "now": clock.now().isoformat(),
                "travelling": travelling,
                "lines": [_line(line) for line in lines],
            }
            yield f"data: {json.dumps(told, ensure_ascii=False)}\n\n"
        await transcript.stirred(within=POLL)
        since_beat += POLL


def _line(line: Line) -> dict[str, object]:
    """图片与文件只给个数、名字，网页另取。"""
    return {
        "number": line.number,
        "group": line.group_id,
        "user": line.user_id,
        "by": line.by,
        "text": line.text,
        "at": line.at.isoformat(),
        "pictures": len(line.pictures),
        "files": [file.name for file in line.files],
    }
