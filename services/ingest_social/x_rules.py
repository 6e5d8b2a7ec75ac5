"""Sets the rule of X's filtered stream: what the stream delivers. Rules of others, told apart by their tag, stay."""

from typing import Any, Final

import httpx

from services.ingest_social.documents import json_of
from services.ingest_social.feed import TryLater
from services.ingest_social.fetch import wait_of
from services.ingest_social.post import Refused

PATH: Final = "/2/tweets/search/stream/rules"


def set_rule(name: str, base_url: str, token: str, query: str) -> None:
    """Make the query the one rule with our tag. TryLater when X does not let us."""
    url = base_url.rstrip("/") + PATH
    with httpx.Client(timeout=10.0, headers={"Authorization": f"Bearer {token}"}) as client:
        found = _call(client, name, "GET", url, None).get("data")
        ours = [rule for rule in found or [] if isinstance(rule, dict) and rule.get("tag") == name]
        old = [str(rule.get("id")) for rule in ours if rule.get("value") != query]
        if len(old) == len(ours):
            _call(client, name, "POST", url, {"add": [{"value": query, "tag": name}]})
        if old:  # only now: between the two nothing may be missed
            _call(client, name, "POST", url, {"delete": {"ids": old}})


def _call(client: httpx.Client, name: str, method: str, url: str, body: dict[str, Any] | None) -> dict[str, Any]:
    try:
        answer = client.request(method, url, json=body)
        if answer.status_code not in (200, 201):
            text = f"{name} answered {answer.status_code} to its rules"
            raise TryLater(text, wait_of(answer), answer.status_code)
        document = json_of(answer.content)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise TryLater(f"{name} does not answer for its rules ({type(error).__name__})") from error
    except Refused as error:
        raise TryLater(f"{name} answered its rules with half a document") from error
    return document if isinstance(document, dict) else {}
