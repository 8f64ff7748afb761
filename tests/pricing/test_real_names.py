"""Model names as agents really write them, and the price row that each means: typed in by hand, not computed by our code.

Dollars for a million tokens: input, output, cache read, cache write 5m and 1h, and the prompt above which all of it is dearer.
Sources: A Anthropic's price page (cache reads 0.1, writes 1.25 and 2 times input; regional Bedrock endpoints a tenth more);
O OpenAI's; G Google's; L the list's own entry of the vendor (genai-prices 0.2.3), for vendors whose page was not at hand.
Prices are those of 20 November 2026. "-": no published price is known, so its requests are unknown and not free.
"""

from __future__ import annotations

import pytest
from claude_logs import ms

from tokentrack.model.costs import Price, Rates
from tokentrack.pricing import published

OPUS_4_1, OPUS, SONNET, HAIKU = "15 75 1.5 18.75 30", "5 25 .5 6.25 10", "3 15 .3 3.75 6", "1 5 .1 1.25 2"
LONG_SONNET = f"{SONNET} >200000"
GPT_5, GPT_5_2, GPT_5_5 = "1.25 10 .125 1.25 1.25", "1.75 14 .175 1.75 1.75", "5 30 .5 5 5 >272000"
TABLE = f"""
claude-opus-4-1-20250805                                  A  {OPUS_4_1}
claude-opus-4-5                                           A  {OPUS}
claude-opus-4-5-20251101                                  A  {OPUS}
Claude-Opus-4-5                                           A  {OPUS}
claude-opus-4.5                                           A  {OPUS}
claude-opus-4-6                                           A  {OPUS}
claude-opus-4.6-1m                                        A  {OPUS}
claude-opus-4-6[1m]                                       A  {OPUS}
claude-opus-4-7                                           A  {OPUS}
claude-opus-4-8                                           A  {OPUS}
claude-opus-4-8-fast                                      A  10 50 1 12.5 20
claude-opus-4-6-fast                                      A  30 150 3 37.5 60
claude-4.6-opus-high-thinking-fast                        A  30 150 3 37.5 60
claude-sonnet-4-5-fast                                    A  -
claude-opus-5-5                                           L  4 20 .2 5 8
claude-sonnet-4-20250514                                  A  {SONNET}
claude-sonnet-4-5                                         A  {LONG_SONNET}
claude-sonnet-4-5-20250929                                A  {LONG_SONNET}
claude-sonnet-4-5[1m]                                     A  {LONG_SONNET}
claude-sonnet-4-6                                         A  {SONNET}
claude-sonnet-4.6                                         A  {SONNET}
claude-sonnet-5                                           L  2 10 .2 2.5 4
claude-haiku-4-5                                          A  {HAIKU}
claude-haiku-4-5-20251001                                 A  {HAIKU}
claude-3-5-haiku-20241022                                 A  .8 4 .08 1 1.6
claude-3-7-sonnet-20250219                                A  {SONNET}
claude-fable-5                                            L  10 50 1 12.5 20
claude-mythos-5                                           L  -
claude-4.5-opus-high-thinking                             A  {OPUS}
claude-4-sonnet-thinking                                  A  {SONNET}
claude-4.6-sonnet-medium-thinking                         A  {SONNET}
claude-4.5-haiku                                          A  {HAIKU}
claude-opus-4-5@20251101                                  A  {OPUS}
claude-sonnet-4-5@20250929                                A  {LONG_SONNET}
claude-haiku-4-5@default                                  A  {HAIKU}
vertex_ai/claude-sonnet-4-5@20250929                      A  {LONG_SONNET}
publishers/anthropic/models/claude-haiku-4-5              A  {HAIKU}
us.anthropic.claude-sonnet-4-5-20250929-v1:0              A  3.3 16.5 .33 4.125 6.6
eu.anthropic.claude-sonnet-4-5-20250929-v1:0              A  3.3 16.5 .33 4.125 6.6
us.anthropic.claude-sonnet-4-5-20250929-v1:0[1m]          A  3.3 16.5 .33 4.125 6.6
us.anthropic.claude-haiku-4-5-20251001-v1:0               A  1.1 5.5 .11 1.375 2.2
bedrock/us.anthropic.claude-haiku-4-5-20251001-v1:0       A  1.1 5.5 .11 1.375 2.2
global.anthropic.claude-opus-4-5-20251101-v1:0            A  {OPUS}
global.anthropic.claude-opus-4-6-v1                       A  {OPUS}
apac.anthropic.claude-sonnet-4-20250514-v1:0              A  {SONNET}
arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0  A  3.3 16.5 .33 4.125 6.6
openai.gpt-oss-120b-1:0                                   L  .15 .6 .15 .15 .15
anthropic/claude-sonnet-4-5                               A  {LONG_SONNET}
openrouter/anthropic/claude-sonnet-4.5                    A  {LONG_SONNET}
github-copilot/claude-sonnet-4.5                          A  {LONG_SONNET}
opencode/claude-sonnet-4-5                                A  {LONG_SONNET}
custom:claude-sonnet-4-5                                  A  {LONG_SONNET}
gpt-5                                                     O  {GPT_5}
gpt-5-2025-08-07                                          O  {GPT_5}
gpt-5-codex                                               O  {GPT_5}
gpt-5-codex-high                                          O  {GPT_5}
openai/gpt-5                                              O  {GPT_5}
azure/gpt-5                                               O  {GPT_5}
copilot/gpt-5                                             O  {GPT_5}
gpt-5-fast                                                O  2.5 20 .25 2.5 2.5
gpt-5-mini                                                O  .25 2 .025 .25 .25
gpt-5-nano                                                O  .05 .4 .005 .05 .05
gpt-5.1-codex                                             O  {GPT_5}
gpt-5.1-codex-max                                         O  {GPT_5}
gpt-5.1-codex-max-high                                    O  {GPT_5}
gpt-5.1-codex-mini                                        O  .25 2 .025 .25 .25
gpt-5.2                                                   O  {GPT_5_2}
gpt-5.2-codex-xhigh                                       O  {GPT_5_2}
gpt-5.2-codex-high-fast                                   O  3.5 28 .35 3.5 3.5
gpt-5.3-codex                                             O  {GPT_5_2}
gpt-5.3-codex-spark                                       O  -
gpt-5.4                                                   O  2.5 15 .25 2.5 2.5 >272000
gpt-5.4-mini                                              O  .75 4.5 .075 .75 .75
gpt-5.5                                                   O  {GPT_5_5}
gpt-5.5-high-fast                                         O  12.5 75 1.25 12.5 12.5
gpt-5.6-sol                                               L  4 20 .4 5 5 >272000
gpt-5.6-terra                                             L  2 12 .2 2.5 2.5 >272000
gpt-5.6-luna                                              L  .2 1.2 .02 .25 .25 >272000
gpt-6-astra                                               L  10 50 1 12.5 12.5 >272000
gpt-6.1-sol                                               L  2 10 .1 2.5 2.5 >272000
gemini-2.5-pro                                            G  1.25 10 .125 1.25 1.25 >200000
models/gemini-2.5-flash                                   G  .3 2.5 .03 .3 .3
gemini-3-pro                                              G  2 12 .2 2 2 >200000
gemini-3-pro-preview                                      G  2 12 .2 2 2 >200000
google/gemini-3-pro-preview                               G  2 12 .2 2 2 >200000
gemini-3-flash                                            G  .5 3 .05 .5 .5
gemini-3.1-pro-preview-customtools                        G  2 12 .2 2 2 >200000
kimi-k2.5                                                 L  .6 3 .1 .6 .6
moonshotai/kimi-k2-thinking                               L  .6 2.5 .15 .6 .6
kimi-for-coding                                           L  -
grok-code-fast-1                                          L  .2 1.5 .02 .2 .2
x-ai/grok-code-fast-1                                     L  .2 1.5 .02 .2 .2
glm-4.7                                                   L  .6 2.2 .11 .6 .6
z-ai/glm-4.6                                              L  .6 2.2 .11 .6 .6
zai-org/GLM-4.6                                           L  .6 2.2 .11 .6 .6
minimax/minimax-m2                                        L  .3 1.2 .03 .375 .375
qwen3-coder-plus                                          L  -
auto                                                      -  -
default                                                   -  -
composer-1                                                -  -
composer-1.5                                              -  -
composer-2.5                                              -  -
composer-2.5-fast                                         -  -
cursor/auto                                               -  -
cursor-small                                              -  -
<synthetic>                                               -  -
big-pickle                                                -  -
sonnet                                                    -  -
"""
ROWS = [tuple(line.split(maxsplit=2)) for line in TABLE.strip().splitlines()]


def told(price: Price | None) -> str:
    if price is None:
        return "-"
    rates = [getattr(price.rates, kind) / 1e6 for kind in Rates.__slots__[:5]]
    text = " ".join(f"{rate:.6f}".rstrip("0").rstrip(".").removeprefix("0") or "0" for rate in rates)
    return text + "".join(f" >{threshold}" for threshold, _ in price.tiers)


@pytest.mark.parametrize(("name", "source", "row"), ROWS, ids=[row[0] for row in ROWS])
def test_a_real_name_has_the_price_that_is_published_for_what_it_means(name: str, source: str, row: str) -> None:
    assert source in "AOGL-"
    price = published.find(name, "", ms())
    assert told(price) == row
    if price is not None:
        assert price.model == name  # as logged: the store finds it again by this name


def test_there_are_at_least_sixty_and_cursors_own_names_are_among_them() -> None:
    assert len({row[0] for row in ROWS}) == len(ROWS) >= 60
    assert [row[0] for row in ROWS if row[1] == "-"][:3] == ["auto", "default", "composer-1"]
