"""Why no text can be taken from a document: the code, and the sentence about this one."""

from flows.errors import NotThePage
from schemas.codes import Reason


class NotABulletin(NotThePage):
    """A document that holds no text of a bulletin; its text says what it is instead."""

    def __init__(self, reason_code: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason_code = reason_code
