"""反向 WebSocket 的底层。

文字帧里有坏的 UTF-8 也不断线，坏的那几个字节换成 �；还在说话的连接不算断了；停机时已经在路上的都收下。
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

#: 停机时等对方答应关，至多这么久，秒
CLOSING = 2.0


class Sockets(WebSocketsSansIOProtocol):
    """上游遇到坏的 UTF-8 就以 1007 断开整个账号。"""

    #: 最近一次听到对方，事件循环的秒
    _heard_at = 0.0

    def send_receive_event_to_app(self) -> None:
        """一条完整的消息 → 应用。"""
        if self.curr_msg_data_type == "text":
            data = b"".join(self.frames)
            self.frames = [data.decode("utf-8", "replace").encode()]
        super().send_receive_event_to_app()

    def data_received(self, data: bytes) -> None:
        """记下何时听到过对方。"""
        self._heard_at = self.loop.time()
        super().data_received(data)

    def keepalive_timeout(self) -> None:
        """上游等不到 pong 就断线。

        积压时 pong 只是排在没读完的消息后面：刚听到过对方，或是我们自己停了读，就再等一轮。
        """
        if self.read_paused or self._heard_at > self.ping_sent_at:
            self.pong_timer = None
            self.pending_ping_payload = None
            self.schedule_ping()
            return
        super().keepalive_timeout()

    def shutdown(self) -> None:
        """停机。上游马上断，对方已经发出来、还没读到的就丢了；这里先说要关，收到对方答应为止。"""
        if not self.handshake_complete or self.close_sent:
            super().shutdown()
            return
        self.stop_keepalive()
        self.conn.send_close(1012)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.loop.call_later(CLOSING, self.transport.close)
