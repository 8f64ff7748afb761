"""What a pasted URL of an issue or pull request proposes for a task. Nothing is fetched: the address itself is all there is."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

MOST = 2000
"""Characters of an address that is looked at."""


class Proposed(NamedTuple):
    """A task's key, title and address; `repository` is host and path (`github.com/me/shop`), None where none is told."""

    key: str
    title: str
    url: str
    repository: str | None


_KEY = r"(?P<key>[A-Za-z][A-Za-z0-9_]{0,9}-[1-9][0-9]{0,6})"
_NUMBER = r"(?P<number>[1-9][0-9]{0,8})"
_REPOSITORY = r"/(?P<repository>(?:[^/]+/)+[^/]+)"
_TRACKED = re.compile(rf"(?:/[^/]+)*?/(?:browse|issues?)/{_KEY}(?:/(?P<slug>[^/]*))?/?", re.IGNORECASE)
"""`/browse/PAY-12` (Jira), `/team/issue/PAY-12/refund-twice` (Linear), `/issue/PAY-12/refund-twice` (YouTrack)."""
_HOSTED = re.compile(
    rf"{_REPOSITORY}/(?P<kind>issues|work_items|merge_requests|pull|pulls|pull-requests)/{_NUMBER}(?:/.*)?"
)
"""`/me/shop/issues/12`, `/me/shop/pull/12/files` (GitHub, Gitea, Forgejo), `/pull-requests/12` (Bitbucket), and with a
`/-` before it GitLab's, in any depth of groups."""
_KINDS = {"issues": "Issue", "work_items": "Issue", "merge_requests": "Merge request"}


_NAMES = re.compile(r"[0-9]{1,9}|[A-Za-z][A-Za-z0-9_]{0,9}-[0-9]{1,7}")
"""What a query may hold that names a piece of work, such as `show_bug.cgi?id=12`; all else may be a token."""


def bare(text: str) -> str:
    """An address without its name, password, fragment, and what its query holds besides numbers and keys; other text as it is."""
    if found := proposed(text):
        return found.url
    try:
        parts = urlsplit(text)
        if parts.scheme.lower() not in ("http", "https") or any(mark.isspace() for mark in text):
            return text
        named = [(name, value) for name, value in parse_qsl(parts.query) if _NAMES.fullmatch(value)]
    except ValueError:
        return text
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query=urlencode(named), fragment=""))


def proposed(text: str) -> Proposed | None:
    """What a task made from this address would be called; None if it is not the address of one piece of work.

    Name, password, query and fragment are no part of it: they may be private, and the tracker finds it without them.
    """
    text = text.strip()
    if not text or len(text) > MOST or any(mark.isspace() for mark in text):
        return None
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    place = host if port is None else f"{host}:{port}"
    url = f"{parts.scheme}://{place}"
    if found := _TRACKED.fullmatch(parts.path):
        return _tracked(found["key"].upper(), found["slug"] or "", url + parts.path[: found.end("key")])
    if found := _HOSTED.fullmatch(parts.path):
        return _hosted(found, url + parts.path[: found.end("number")], place)
    chosen = parse_qs(parts.query).get("selectedIssue", [""])[0]  # a board of Jira's
    if re.fullmatch(_KEY, chosen):
        return _tracked(chosen.upper(), "", f"{url}/browse/{chosen.upper()}")
    return None


def _tracked(key: str, slug: str, url: str) -> Proposed:
    words = " ".join(re.split(r"[-_\s]+", unquote(slug))).strip()
    prefix, _, number = key.rpartition("-")
    return Proposed(key, words[:1].upper() + words[1:] if words else f"Issue {number} of {prefix}", url, None)


def _hosted(found: re.Match[str], url: str, place: str) -> Proposed:
    path = found["repository"].removesuffix("/-")
    kind, number = found["kind"], found["number"]
    title = f"{_KINDS.get(kind, 'Pull request')} {number} of {unquote(path.rpartition('/')[2])}"
    key = f"{'!' if kind == 'merge_requests' else '#'}{number}"
    return Proposed(key, title, url, f"{place}/{path}")
