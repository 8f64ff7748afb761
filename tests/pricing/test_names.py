"""Model names as agents write them find the price of the model they mean."""

from __future__ import annotations

import pytest
from claude_logs import ms

from tokentrack.pricing import published

NAMES = {
    "claude-sonnet-4-5-20250929": "anthropic/claude-sonnet-4-5",
    "claude-sonnet-4-5": "anthropic/claude-sonnet-4-5",
    "claude-sonnet-4.5": "anthropic/claude-sonnet-4-5",
    "Claude-Sonnet-4-5": "anthropic/claude-sonnet-4-5",
    "claude-sonnet-4-5[1m]": "anthropic/claude-sonnet-4-5",
    "anthropic/claude-sonnet-4.5": "anthropic/claude-sonnet-4-5",
    "openrouter/anthropic/claude-sonnet-4.5": "anthropic/claude-sonnet-4-5",
    "github-copilot/claude-sonnet-4.5": "anthropic/claude-sonnet-4-5",
    "custom:claude-sonnet-4-5": "anthropic/claude-sonnet-4-5",
    "claude-4.5-sonnet-thinking": "anthropic/claude-sonnet-4-5",
    "claude-4-sonnet": "anthropic/claude-sonnet-4",
    "claude-3.5-haiku": "anthropic/claude-3-5-haiku",
    "claude-haiku-4-5@20251001": "anthropic/claude-haiku-4-5",
    "gpt-5-codex-high": "openai/gpt-5",
    "openai/gpt-5": "openai/gpt-5",
    "gemini-2.5-pro": "google/gemini-2.5-pro",
    "mystery-model": None,
    "": None,
    "/": None,
    "[1m]": None,
}


@pytest.mark.parametrize("name", [name for name, right in NAMES.items() if right])
def test_a_name_finds_its_model(name: str) -> None:
    price = published.find(name, "", ms())
    assert price is not None
    wanted = NAMES[name]
    assert wanted is not None
    assert price.matched.partition("/")[2].startswith(wanted.partition("/")[2])
    assert price.model == name
    assert price.rates.input > 0
    assert price.rates.output > price.rates.input


@pytest.mark.parametrize(
    "name", ["mystery-model", "", "/", "[1m]", "claude", "unknown", "auto", "default", "composer-1"]
)
def test_a_name_that_means_no_model_has_no_price(name: str) -> None:
    assert published.find(name, "", ms()) is None


@pytest.mark.parametrize(
    "name",
    ["kimi-k2.5-free", "deepseek/deepseek-r1:free", "opencode/kimi-k2.5-free", "ollama/deepseek-r1", "lmstudio/gpt-5"],
)
def test_ac5_what_is_free_or_runs_at_home_does_not_have_the_paid_models_price(name: str) -> None:
    """AC 5: what it is worth is not known; nobody published a price of it."""
    assert published.find(name, "", ms()) is None


@pytest.mark.parametrize(
    "name", ["us.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-sonnet-4-5-20250929-v1:0"]
)
def test_a_name_on_bedrock_has_the_models_price(name: str) -> None:
    price = published.find(name, "", ms())
    assert price is not None
    assert 3_000_000 <= price.rates.input <= 3_300_000
