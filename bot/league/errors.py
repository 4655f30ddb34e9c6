"""意料之中的“不行”。"""


class Refusal(Exception):
    """带一句能直接说给对方听的话；抛出之前什么都没有改。其余异常都是程序的错。"""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
