"""反向 WebSocket 的底层：文字帧里有坏的 UTF-8 也不断线，坏的那几个字节换成 �。"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class Sockets(WebSocketsSansIOProtocol):
    """上游遇到坏的 UTF-8 就以 1007 断开整个账号。"""

    def send_receive_event_to_app(self) -> None:
        """一条完整的消息 → 应用。"""
        if self.curr_msg_data_type == "text":
            data = b"".join(self.frames)
            self.frames = [data.decode("utf-8", "replace").encode()]
        super().send_receive_event_to_app()
