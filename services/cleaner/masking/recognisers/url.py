"""Links that carry secrets: a token, a number or an address in the query, or a user name and password."""

from typing import Any

from services.cleaner.masking.recognisers.base import PatternRecogniser
from services.cleaner.masking.spans import Finding


def _finding(match: Any, scan: str) -> Finding:  # noqa: ARG001
    text = match[0].rstrip(".,;:!?)")
    return Finding(match.start(), match.start() + len(text), "URL", 0.99, text)


_SECRETS = (
    "access_token|token|auth|apikey|api_key|key|sig|signature|secret|session|sessionid|sid|code|otp|pin|password|passwd|pwd|"
    "msisdn|phone|tel|mobile|number|email|mail|nin|bvn|account|acct|acc|user|username|userid|uid|name|customer|ref_id|imei"
)

RECOGNISER = PatternRecogniser(
    type="URL",
    mark="/",
    trigger=lambda clues: "=" in clues.scan or "://" in clues.scan,
    pattern=r"(?i)(?:https?://|www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?[^\s?#<>\"]*[?&#](?:[^\s<>\"]*[?&#])?"
    r"(?:" + _SECRETS + r")=[^\s#<>\"]+"
    r"|(?:https?|ftp)://[^\s/:@]+:[^\s/@]+@[^\s<>\"]+",
    finding=_finding,
    positive=(
        "https://x.ng/r?msisdn=08031234567",
        "open https://x.ng/a/b?lang=en&token=abcDEF123 now",
        "https://ada:secret@host.ng/x",
    ),
    negative=("https://x.ng/faq", "https://x.ng/faq?page=2"),
)
