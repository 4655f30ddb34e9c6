"""抽签：一粒封好的种子、一份名单，谁来抽都是同样的结果。全是纯函数；怎么自己再抽一遍写在 docs/checks.md。"""

import secrets
from collections.abc import Iterable, Sequence
from hashlib import blake2b, sha256


def fresh_seed() -> str:
    """一粒新种子，64 位十六进制。"""
    return secrets.token_hex(32)


def commitment(seed: str) -> str:
    """种子的哈希：抽之前就给人看，之后谁也换不了种子。"""
    return sha256(seed.encode()).hexdigest()


def seed_of(sealed: str, number: int) -> str:
    """第 `number` 回的种子：由季初封好的总种子与回数算出，不由开这一回的人定。"""
    return sha256(f"{sealed}/{number}".encode()).hexdigest()


def draw(seed: str, claims: Iterable[str], n: int) -> list[str]:
    """从名单里抽 `n` 件：按 sha256(种子:代号) 从小到大取前 `n` 个；名单的次序无关。"""
    return sorted(set(claims), key=lambda claim: sha256(f"{seed}:{claim}".encode()).hexdigest())[:n]


def pick(seed: str, purpose: str, options: Sequence[str], n: int) -> list[str]:
    """同一粒种子做的小决定（如把哪几件放进认一认里）。"""
    return draw(f"{seed}/{purpose}", options, n)


def code(kind: str, number: int, key: bytes) -> str:
    """一件事在名单里的代号，16 位十六进制：没有本机的钥匙，看不出是谁的什么事。"""
    return blake2b(f"{kind}/{number}".encode(), key=key, digest_size=8).hexdigest()


def pack(claims: Iterable[str]) -> bytes:
    """名单存成字节，按代号排好。"""
    return b"".join(bytes.fromhex(claim) for claim in sorted(set(claims)))


def unpack(packed: bytes) -> list[str]:
    """读回名单。"""
    return [packed[start : start + 8].hex() for start in range(0, len(packed), 8)]


def listing(claims: Iterable[str]) -> str:
    """公布的名单：一行一个代号，按字排；名单的哈希就是这段文字的。"""
    return "".join(f"{claim}\n" for claim in sorted(set(claims)))
