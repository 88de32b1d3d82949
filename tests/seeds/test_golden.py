"""What each seed model reads, byte for byte, through the whole path.

From what somebody types to the text and the ids that the model is given: conversation, persona,
queue, worker and template are the real ones; tokenizers are stand-ins of the same family.
"""

import pytest
from tests.standins.families import SEEDS
from tests.standins.opening import Seeds, open_seeds

SLANG = "친구와 채팅을 하고 있다고 가정하고 다음 질문에 밈과 유행어를 활용하여 대답하세요.: "
PARTY = "너 어제 회식 때 왜 혼자만 조용히 있었어?"
PHOTO = "저는 사진 찍는 걸 좋아해요."
LAW = (
    "「국민건강보험법」제44조, 「국민건강보험법 시행령」제19조,"
    "「약관의 규제에 관한 법률」제5조, 「상법」제54조 참조 판단 해줘"
)
BANK = "중앙은행의 역할에 대해서 설명해줄래?"
FIBONACCI = "피보나치 수열이 뭐야? 그리고 피보나치 수열에 대해 파이썬 코드를 짜줘볼래?"
FASTER = "더 빠른 알고리즘은 없을까?"
CODE = (
    "피보나치 수열은 앞의 두 수를 더한 수열입니다.\n\nPython 코드는 다음과 같습니다.\n\n"
    "def fibo(n):\n    if n<2:\n         return n\n\nfibonacci(6)==> 8"
)
INSTRUCTION = "친절한 챗봇으로서 상대방의 요청에 최대한 자세하고 친절하게 답하자."
NEWS = (
    "7일(현지시간) 치러진 프랑스 조기 총선 결선에서 좌파연합 신민중전선(NFP)이 예상을 깨고 극우 "
    "국민연합(RN)을 누르고 1당 자리를 차지했다.\n"
    "# 한편 가브리엘 아탈 총리는 사의를 표하겠다고 밝혔다."
)
PAIR = "[[Q]] 누가 1당이 되었나요?\n[[A]] NFP입니다."
FRAMES = {
    "simple-qa": "질문",
    "writing": "글쓰기 지시문",
    "creative-writing": "창의적인 글쓰기 지시문",
}
HEADERS = [128000, 128006, 128007, 128009, 128006, 128007]


async def read(seeds: Seeds, model: str, persona: str, *questions: str) -> str:
    """Ask a persona one thing after another and return what the model read last."""
    for question in questions:
        update = await seeds.chat.ask(question, persona=persona)
        assert update.problem is None
    return seeds.models[model].read[-1]


def specials(seeds: Seeds, model: str) -> list[int]:
    """List the special ids in what a model read last."""
    return [id_ for id_ in seeds.models[model].ids[-1] if id_ in SEEDS[model].specials]


async def test_slang_reads_one_user_turn() -> None:
    asked = f"[|system|][|endofturn|]\n[|user|]{SLANG}{PARTY}\n[|assistant|]"
    async with open_seeds("ㅎㅇ") as seeds:
        assert await read(seeds, "slang", "slang_friend", PARTY) == asked
        assert specials(seeds, "slang") == [357, 361, 360, 359]
        assert await read(seeds, "slang", "slang_friend", PHOTO, PARTY) == asked


async def test_slang_reads_the_past_where_the_profile_says_so() -> None:
    answer = "사진작가님 어서오고ㅋㅋㅋ 삼각대 꼭 쓰세요!"
    async with open_seeds(answer, PERSONAS__SLANG_FRIEND__HISTORY="all") as seeds:
        assert await read(seeds, "slang", "slang_friend", PHOTO, PARTY) == (
            f"[|system|][|endofturn|]\n[|user|]{SLANG}{PHOTO}\n[|assistant|]{answer}[|endofturn|]\n"
            f"[|user|]{SLANG}{PARTY}\n[|assistant|]"
        )


async def test_culture_reads_question_and_marker() -> None:
    async with open_seeds("동해입니다.") as seeds:
        assert await read(seeds, "culture", "culture_qa", LAW) == f"{LAW} 답변:"
        assert specials(seeds, "culture") == [1]
        assert seeds.models["culture"].ids[-1][0] == 1
        assert await read(seeds, "culture", "culture_qa", "독도는?", LAW) == f"{LAW} 답변:"


async def test_assistant_reads_a_question_and_an_instruction() -> None:
    async with open_seeds(CODE) as seeds:
        assert await read(seeds, "assistant", "assistant", FIBONACCI) == (
            f"### Question:\n{FIBONACCI}\n\n### Instruction:\n{INSTRUCTION}\n\n### Response:\n"
        )
        assert seeds.models["assistant"].ids[-1][0] == 128000
        assert specials(seeds, "assistant") == [128000]


async def test_assistant_reads_the_past_as_its_card_shows_it() -> None:
    async with open_seeds(CODE) as seeds:
        assert await read(seeds, "assistant", "assistant", FIBONACCI, FASTER) == (
            f"### Question:\n{FIBONACCI}\n### Response:\n{CODE}\n### Question:\n{FASTER}\n\n"
            f"### Instruction:\n{INSTRUCTION}\n\n### Response:\n"
        )
        assert specials(seeds, "assistant") == [128000]


@pytest.mark.parametrize("mode", FRAMES)
async def test_genstruct_reads_one_user_turn_without_the_last_line_ends(mode: str) -> None:
    async with open_seeds(PAIR) as seeds:
        text = await read(seeds, "genstruct", f"qa_generator:{mode}", "앞의 글", NEWS)
        assert text == (
            "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n"
            f"주어진 텍스트 컨텐츠를 참고하여 {FRAMES[mode]}과 정확하고 상세한 답변을 만드세요, "
            "대답은 아래 형태로 작성하세요\n**답변 형식**\n[[Q]] 지시문\n[[A]] 답변\n---\n"
            f"{NEWS}<|eot_id|><|start_header_id|>assistant<|end_header_id|>"
        )
        assert specials(seeds, "genstruct") == HEADERS
        assert seeds.models["genstruct"].answered[-1].adapter == mode


async def test_genstruct_is_simple_qa_where_no_mode_is_named() -> None:
    async with open_seeds(PAIR) as seeds:
        await read(seeds, "genstruct", "qa_generator", NEWS)
        assert seeds.models["genstruct"].answered[-1].adapter == "simple-qa"


async def test_finance_reads_question_and_marker() -> None:
    asked = f"### 질문: {BANK}\n\n### 답변:"
    async with open_seeds(" 이자의 이자입니다.") as seeds:
        assert await read(seeds, "finance", "finance_advisor", BANK) == asked
        assert specials(seeds, "finance") == []
        assert seeds.models["finance"].answered[-1].adapter == "fin_v4"
        assert await read(seeds, "finance", "finance_advisor", "복리가 뭐야?", BANK) == asked


async def test_finance_reads_the_past_where_the_profile_says_so() -> None:
    async with open_seeds(" 이자의 이자.", PERSONAS__FINANCE_ADVISOR__HISTORY="all") as seeds:
        assert await read(seeds, "finance", "finance_advisor", "복리가 뭐야?", BANK) == (
            f"### 질문: 복리가 뭐야?\n\n### 답변: 이자의 이자.\n\n### 질문: {BANK}\n\n### 답변:"
        )
