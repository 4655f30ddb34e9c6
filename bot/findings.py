"""体检的一项结论：好不好，说什么，怎么治。"""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """一项的结论。"""

    GOOD = "✓"
    NOTE = "!"
    BAD = "✗"


@dataclass(frozen=True)
class Finding:
    """一项检查；不好的在 `remedy` 里说怎么办。"""

    subject: str
    verdict: Verdict
    said: str
    remedy: str = ""
