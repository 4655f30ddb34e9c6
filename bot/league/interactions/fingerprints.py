"""文字、消息号、账号 → 带钥匙的指纹：64 位的数，没有钥匙对不回去。"""

import hashlib

from bot.league.interactions.acquaintances import User

#: 记着多少个账号的指纹
_REMEMBERED = 50_000
_MASK = (1 << 64) - 1


class Fingerprints:
    """一把钥匙的指纹；从不为 0。"""

    def __init__(self, key: bytes) -> None:
        self._blank = hashlib.blake2b(key=key[:64], digest_size=8)
        self._users: dict[User, int] = {}

    def text(self, text: str) -> int:
        """一段文字。"""
        digest = self._blank.copy()
        digest.update(text.encode("utf-8", "surrogatepass"))
        return int.from_bytes(digest.digest(), "little") or 1

    def message(self, message_id: str) -> int:
        """消息号：QQ 的本来就是数，够用了；别的取指纹。"""
        plain = message_id.isascii() and message_id.removeprefix("-").isdigit() and len(message_id) < 19
        return (int(message_id) & _MASK if plain else 0) or self.text(message_id)

    def user(self, user: User) -> int:
        """一个账号。"""
        digest = self._users.get(user)
        if digest is None:
            if len(self._users) > _REMEMBERED:
                self._users.clear()
            digest = self._users[user] = self.text(f"{user[0]}:{user[1]}")
        return digest

    def voice(self, topic: int, person: int) -> int:
        """某人在某个话题里，换一个话题就认不出；数据库的整数带符号，取 63 位。"""
        return self.text(f"topic:{topic}:{person}") >> 1
