"""How hard a request is, by what can be seen of it without a model."""

import re

from likewise.engine.language.logic.asking import estimate_input_tokens, estimate_tokens
from likewise.engine.language.model import ChatRequest, Difficulty

__all__ = ["estimate_difficulty"]

LONG_QUESTION_WORDS = 40
VERY_LONG_QUESTION_WORDS = 150
LONG_CONTEXT_TOKENS = 4_000
VERY_LONG_CONTEXT_TOKENS = 16_000
MANY_TOOLS = 3
HARD_POINTS = 3

_REASONING = re.compile(
    r"\b(why|compare|contrast|difference between|trade-?offs?|pros and cons|explain how|step by step|analy[sz]e"
    r"|evaluate|prove|derive|plan|design|debug|refactor|summari[sz]e|synthesi[sz]e|argue|critique|implications?)\b",
    re.IGNORECASE,
)
_FORMAL = re.compile(r"```|\$\$|\\begin\{|[=<>]{2,}|\bO\(\w+\)")


def estimate_difficulty(request: ChatRequest) -> Difficulty:
    """0 points: easy; 1 or 2: normal; 3 and more: hard. Looks at the last user message and the size of the rest.

    - the question has more than 40 words: 1 point; more than 150: 2
    - it asks for reasoning (why, compare, explain how, step by step, plan, analyse ...): 1; for two such things: 2
    - it asks two questions or more: 1
    - it holds code or formulas: 1
    - more than three tools are offered: 1
    - everything told to the model is longer than 4,000 tokens: 1; than 16,000: 2

    The words are English ones; a question in another language is judged by its form and size.
    """
    question = next((message.content for message in reversed(request.messages) if message.role == "user"), "")
    words = len(question.split())
    context = estimate_input_tokens(request) + sum(estimate_tokens(passage.text) for passage in request.passages)
    points = (
        (words > LONG_QUESTION_WORDS)
        + (words > VERY_LONG_QUESTION_WORDS)
        + min(2, len({match.group(0).lower() for match in _REASONING.finditer(question)}))
        + (question.count("?") + question.count("\uff1f") >= 2)
        + bool(_FORMAL.search(question))
        + (len(request.tools) > MANY_TOOLS)
        + (context > LONG_CONTEXT_TOKENS)
        + (context > VERY_LONG_CONTEXT_TOKENS)
    )
    if points >= HARD_POINTS:
        return "hard"
    return "normal" if points else "easy"
