"""What a page is instead of an article, and in which language: a reason of its own."""

import pytest

from flows.parse.bulletin import read
from schemas.codes import Reason
from schemas.records import Document

SCRIPT = "<script>var captcha = 1;</script>" * 200


def test_a_bot_wall_is_told_as_one() -> None:
    words = "<p>Please verify that you are not a robot to go on. Solve the captcha below.</p>"
    page = f"<html lang='en'><head><title>Captcha</title></head><body>{words * 3}{SCRIPT}</body>"
    bulletin = read(Document("walls", "page", page.encode(), "text/html"))
    assert bulletin.reason_code is Reason.BLOCKED_PAGE
    assert "a bot challenge" in (bulletin.reason or "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "Swedish",
            "Ryssland har enligt den ukrainska generalstaben sedan krigets början förlorat "
            "974 770 soldater, 10 833 stridsvagnar och 22 562 pansarfordon under kriget.",
        ),
        (
            "Croatian",
            "Rusija je od početka rata izgubila oko 974.770 vojnika i 10.833 tenkova, a ruske "
            "snage su izgubile i 22.562 oklopnih vozila.",
        ),
        (
            "Korean",
            "우크라이나 총참모부에 따르면 러시아는 전쟁이 시작된 이래 "
            "병력 974,770명과 전차 10,833대, 장갑차 22,562대를 잃었다고 오늘 아침에 밝혔다.",
        ),
        (
            "Japanese",
            "ウクライナ軍の参謀本部によると、ロシアは戦争の始まりから兵士974,770人、戦車10,833両、"
            "装甲車22,562両、ヘリコプター336機を失った。",
        ),
    ],
)
def test_a_language_that_is_not_read_is_named(name: str, text: str) -> None:
    bulletin = read(Document("languages", "page", text.encode(), "text/plain"))
    assert bulletin.reason_code is Reason.LANGUAGE_UNSUPPORTED
    assert name in (bulletin.reason or "")


def test_a_page_says_its_language_where_no_word_of_a_list_is_known() -> None:
    page = f"<html lang='sw-KE'><body>{'<p>Wanajeshi 974,770 na vifaru 10,833.</p>' * 200}</body>"
    bulletin = read(Document("languages", "page", page.encode(), "text/html"))
    assert bulletin.reason_code is Reason.LANGUAGE_UNSUPPORTED
    assert "Swahili" in (bulletin.reason or "")
