"""The prompts of the five personas, byte for byte.

The seed forms are what the model cards state; a wrong space here is a worse answer there.
"""

from collections.abc import Callable

import pytest

from madang.contract import Prompt

Ask = Callable[..., Prompt]


def segments(prompt: Prompt) -> list[tuple[str, str]]:
    """List role and text."""
    return [(segment.role, segment.text) for segment in prompt.segments]


def test_slang_friend_sends_one_user_turn_without_a_system_message(ask: Ask) -> None:
    question = "너 어제 회식 때 왜 혼자만 조용히 있었어?"
    asked = (
        "친구와 채팅을 하고 있다고 가정하고 다음 질문에 밈과 유행어를 활용하여 대답하세요.: "
        "너 어제 회식 때 왜 혼자만 조용히 있었어?"
    )

    assert ask("slang_friend", "seed", question).kind == "chat"
    assert segments(ask("slang_friend", "seed", question)) == [("user", asked)]
    assert segments(ask("slang_friend", "seed", "안녕", "ㅎㅇ", question)) == [("user", asked)]


def test_culture_qa_completes_question_and_marker(ask: Ask) -> None:
    question = (
        "「국민건강보험법」제44조, 「국민건강보험법 시행령」제19조,"
        "「약관의 규제에 관한 법률」제5조, 「상법」제54조 참조 판단 해줘"
    )
    prompt = ask("culture_qa", "seed", "독도는 어느 땅인가?", "한국 땅이다.", question)

    assert prompt.kind == "completion"
    assert prompt.text == question + " 답변:"


def test_assistant_asks_with_an_instruction(ask: Ask) -> None:
    prompt = ask("assistant", "seed", "피보나치 수열이 뭐야?")

    assert prompt.kind == "completion"
    assert prompt.text == (
        "### Question:\n피보나치 수열이 뭐야?\n\n"
        "### Instruction:\n친절한 챗봇으로서 상대방의 요청에 최대한 자세하고 친절하게 답하자.\n\n"
        "### Response:\n"
    )


def test_assistant_shows_the_past_as_its_card_does(ask: Ask) -> None:
    prompt = ask(
        "assistant", "seed", "피보나치 수열이 뭐야?", "앞의 두 수를 더한 수열입니다.",
        "더 빠른 알고리즘은 없을까?", "있습니다.", "짜줘",
    )  # fmt: skip

    assert prompt.text == (
        "### Question:\n피보나치 수열이 뭐야?\n### Response:\n앞의 두 수를 더한 수열입니다.\n"
        "### Question:\n더 빠른 알고리즘은 없을까?\n### Response:\n있습니다.\n"
        "### Question:\n짜줘\n\n"
        "### Instruction:\n친절한 챗봇으로서 상대방의 요청에 최대한 자세하고 친절하게 답하자.\n\n"
        "### Response:\n"
    )
    assert [segment.kind for segment in prompt.segments] == ["turn"] * 4 + ["tail"]


def test_assistants_instruction_is_an_option(ask: Ask) -> None:
    instruction = (
        "당신은 인공지능 비서입니다. 사용자가 답을 이해하기 위해 외부에서 검색할 필요가 없도록 "
        "상세한 답변을 제공하세요."
    )

    prompt = ask("assistant", "seed", "안녕?", instruction=instruction)

    assert f"\n\n### Instruction:\n{instruction}\n\n" in prompt.text


def test_finance_advisor_completes_without_a_space_at_the_end(ask: Ask) -> None:
    question = "중앙은행의 역할에 대해서 설명해줄래?"
    prompt = ask("finance_advisor", "seed", "복리가 뭐야?", " 이자의 이자입니다.", question)

    assert prompt.kind == "completion"
    assert prompt.text == "### 질문: 중앙은행의 역할에 대해서 설명해줄래?\n\n### 답변:"


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("simple-qa", "질문"),
        ("writing", "글쓰기 지시문"),
        ("creative-writing", "창의적인 글쓰기 지시문"),
    ],
)
def test_qa_generator_sends_the_text_after_its_frame(ask: Ask, form: str, words: str) -> None:
    prompt = ask("qa_generator", form, "앞글", "[[Q]] 가 [[A]] 나", "광합성은 {과정}이다.")

    assert prompt.kind == "chat"
    assert segments(prompt) == [
        (
            "user",
            f"주어진 텍스트 컨텐츠를 참고하여 {words}과 정확하고 상세한 답변을 만드세요, "
            "대답은 아래 형태로 작성하세요\n"
            "**답변 형식**\n[[Q]] 지시문\n[[A]] 답변\n---\n광합성은 {과정}이다.",
        )
    ]


def test_qa_generators_writing_words_are_options(ask: Ask) -> None:
    assert (
        "참고하여 논설문 주제과" in ask("qa_generator", "writing", "글", writing="논설문 주제").text
    )
    prompt = ask("qa_generator", "creative-writing", "글", creative_writing="동화 주제")
    assert "참고하여 동화 주제과" in prompt.text


GENERAL = {
    "slang_friend": "너는 반말로 이야기하는 유쾌한 친구야. 밈과 유행어를 섞어 짧게 대답해.",
    "culture_qa": "당신은 한국의 역사와 문화, 생활을 알려 주는 안내자입니다. 사실만 정확하고 "
    "간결하게 대답하세요. 모르면 모른다고 하세요.",
    "assistant": "당신은 친절한 챗봇입니다. 상대방의 요청에 자세하고 친절하게 답하세요.",
    "finance_advisor": "당신은 경제와 금융을 쉽게 설명하는 상담사입니다. 특정 종목이나 상품의 "
    "투자 조언은 하지 않습니다.",
    "qa_generator": "주어진 글을 읽고 질문과 답을 만드는 도구입니다. 다음 형태로만 쓰세요.\n"
    "[[Q]] 질문\n[[A]] 답",
}


@pytest.mark.parametrize("name", GENERAL)
def test_the_general_form_is_a_system_message_and_what_was_said(ask: Ask, name: str) -> None:
    said = ("안녕", "네", "그래서?")
    past = [("user", "안녕"), ("assistant", "네")] if name != "qa_generator" else []

    prompt = ask(name, "general", *said)

    assert prompt.kind == "chat"
    assert segments(prompt) == [("system", GENERAL[name]), *past, ("user", "그래서?")]


@pytest.mark.parametrize("form", ["general-writing", "general-creative-writing"])
def test_the_writing_modes_have_a_general_form_too(ask: Ask, form: str) -> None:
    head, text = segments(ask("qa_generator", form, "앞글", "답", "글"))

    assert head[0] == "system"
    assert "[[Q]]" in head[1] and "[[A]]" in head[1] and "글쓰기 지시문" in head[1]
    assert text == ("user", "글")
