"""底层连接：积压时 pong 来得晚，不算断线，真没声音了才算；停机时对方已经说出口的都收下。"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest
import uvicorn
import websockets

from bot.gateway.sockets import Sockets
from tests.processes import free_port

HANDSHAKE = (
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
#: 掩码全零的一帧文字 `hi`；关闭帧的第一个字节
HI, CLOSE = b"\x81\x82\0\0\0\0hi", 0x88


async def listen(scope, receive, send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@asynccontextmanager
async def serving(app: Callable[..., object], **settings: float) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    port = free_port()
    config = uvicorn.Config(app, port=port, ws=Sockets, lifespan="off", log_config=None, **settings)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server._serve())
    try:
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield server, port
    finally:
        server.should_exit = True
        await running


async def test_a_client_that_talks_but_pongs_late_stays_and_a_silent_one_is_closed() -> None:
    async with serving(listen, ws_ping_interval=0.05, ws_ping_timeout=0.5) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE.encode())
        await reader.readuntil(b"\r\n\r\n")
        heard = b""
        for _ in range(20):  # 一直说话，一个 pong 也不回
            writer.write(HI)
            await asyncio.sleep(0.06)
            with suppress(TimeoutError):
                heard += await asyncio.wait_for(reader.read(4096), 0.001)
        assert heard, "服务器应当问过 ping"
        assert CLOSE not in heard[::6], "还在说话，不该断"
        async with asyncio.timeout(5):
            while rest := await reader.read(4096):
                heard += rest
        assert CLOSE in heard
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def test_what_was_on_its_way_when_stopping_is_still_taken() -> None:
    """F11：说了要停，对方已经发出来、还没读到的，一句不少。"""
    stopping, taken = asyncio.Event(), list[str]()

    async def busy(scope, receive, send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await stopping.wait()
        while (event := await receive())["type"] != "websocket.disconnect":
            taken.append(event["text"])

    said = [f"路上的第{n}句" for n in range(300)]
    async with (
        serving(busy, timeout_graceful_shutdown=5) as (server, port),
        websockets.connect(f"ws://127.0.0.1:{port}") as client,
    ):
        for one in said:
            await client.send(one)
        server.should_exit = True
        await asyncio.sleep(0.3)  # 这时它正要断开
        stopping.set()
        with pytest.raises(websockets.ConnectionClosed, match="1012"):
            await client.recv()
    assert taken == said
