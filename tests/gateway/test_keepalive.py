"""底层连接：积压时 pong 来得晚，不算断线；真没声音了才算。"""

import asyncio
from contextlib import suppress

import uvicorn

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


async def test_a_client_that_talks_but_pongs_late_stays_and_a_silent_one_is_closed() -> None:
    port = free_port()
    config = uvicorn.Config(
        listen, port=port, ws=Sockets, ws_ping_interval=0.05, ws_ping_timeout=0.5, lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    try:
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
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
    finally:
        server.should_exit = True
        await serving
