"""Model names as agents write them ▶ names that price lists know."""

from __future__ import annotations

import re

_DATE = re.compile(r"@(?:default|latest|\d{8})$")
_CONTEXT = re.compile(r"\[\w+\]$")
_BEDROCK = re.compile(
    r"^(?:arn:aws[^/]*/)?(?:(?:us|eu|apac|ap|jp|au|ca|global|us-gov)\.)?"
    r"(anthropic|amazon|meta|mistral|cohere|deepseek|ai21|openai|qwen|moonshot|minimax|zai)\."
)
_EFFORT = re.compile(r"-(?:low|medium|high|xhigh|minimal|none|max)(?:-thinking)?$|-thinking$")
_PUBLISHED = re.compile(r"^(?:projects/[^/]+/locations/[^/]+/)?publishers/([^/]+)/models/")
"""Vertex's whole name of a model."""
_BEDROCKS = ("bedrock/", "amazon-bedrock/", "bedrock/converse/")
_HOUSE = re.compile(r"(?:cursor/)?(?:auto|default|composer(?:-.*)?|cursor-.*|cheetah)")
"""What Cursor calls its own models, and its choice of one: the price is what Cursor takes for it, so the person tells it."""
_FREE = re.compile(r"[:-]free$|^(?:lmstudio|lm-studio|llama\.cpp|llamacpp|local|mlx|ollama|vllm)/")
"""Names of what costs nothing by the token, or runs on a machine of one's own: no list's price is what it is worth."""
_DAY = re.compile(r"-(?:20\d{6}|20\d\d-\d\d-\d\d)$")
_DOTTED_CLAUDE = re.compile(r"(?<=\d)\.(?=\d)")
_VERSION_FIRST = re.compile(r"^claude-([4-9])(?:[.-](\d))?-(opus|sonnet|haiku)")
"""Cursor and others turn the names of newer models round: `claude-4.5-sonnet`."""

VENDORS = {
    "anthropic": "anthropic",
    "openai": "openai",
    "google": "google",
    "x-ai": "x-ai",
    "xai": "x-ai",
    "deepseek": "deepseek",
    "mistralai": "mistral",
    "minimax": "minimax",
    "moonshotai": "moonshotai",
    "z-ai": "zai",
    "zai-org": "zai",
    "github-copilot": None,
    "copilot": None,
    "openrouter": None,
    "models": None,
}
"""What stands before a slash in a model's name, and the price list's provider for it (None: look the model up by itself)."""


def candidates(model: str) -> list[tuple[str | None, str]]:
    """(provider or None, name) pairs to look up, the most exact first."""
    name = _CONTEXT.sub("", model.strip().lower()).removeprefix("custom:")
    if _HOUSE.fullmatch(name) or _FREE.search(name):
        return []
    found: list[tuple[str | None, str]] = []
    for prefix in _BEDROCKS:
        name = name.removeprefix(prefix)
    name = _PUBLISHED.sub(r"\1/", name)
    if bedrock := _BEDROCK.match(name):
        found.append(("aws", name.rsplit("/", 1)[-1]))
        name = name[bedrock.start(1) :].partition(".")[2]
        name = re.sub(r"-v\d+(?::\d+)?$", "", name)
    provider: str | None = None
    while "/" in name and name.partition("/")[0] in VENDORS:
        vendor, _, name = name.partition("/")
        provider = VENDORS[vendor] or provider
    if "/" in name:
        found.append(("openrouter", name))
        name = name.rpartition("/")[2]
    if _DATE.search(name):
        found.append(("google-vertex", name))
        name = _DATE.sub("", name)
    if name.startswith("glm-"):
        provider = "zai"
    names = [name]
    if name.startswith("claude"):
        names.append(_VERSION_FIRST.sub(_family_first, _DOTTED_CLAUDE.sub("-", name)))
    names += [_EFFORT.sub("", known) for known in list(names)]
    if name.startswith("gemini-3"):
        names += [f"{known}-preview" for known in list(names)]
    for known in dict.fromkeys(names):
        if provider:
            found.append((provider, known))
        found.append((None, known))
    return list(dict.fromkeys(found))


def meant(model: str) -> list[str]:
    """What a person may call a model to give it a price, the most exact first: as logs write it, or by its plain name."""
    names = [model.lower(), *(name for _, name in candidates(model))]
    return list(dict.fromkeys([*names, *(_DAY.sub("", name) for name in names)]))


def _family_first(name: re.Match[str]) -> str:
    return "-".join(filter(None, ("claude", name[3], name[1], name[2])))


def without_fast(model: str) -> tuple[str, str] | None:
    """(the model's name, the variant it means) of a name such as `gpt-5.5-high-fast`; None for any other name."""
    name = model.removesuffix("-fast")
    if name == model or not name:
        return None
    return name, "fast" if "claude" in name else "priority"
