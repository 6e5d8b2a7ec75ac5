"""X API v2: answers of recent search, and single events of the filtered stream.

https://docs.x.com/x-api/posts/search-recent-posts. Ids are strings beyond 2^53; fields that were not asked for do not
come; a page without results has no data. An edited post comes under a new id: the first of its edit history names it.
"""

from typing import Any

from services.ingest_social.post import Parsed, Refused, list_of, moment, object_of, post, text_of


def parse(document: Any, now: int) -> Parsed:
    """Posts of a search answer (data is a list) or of one stream event (data is an object)."""
    found = object_of(document, "the document")
    if "data" not in found:
        if "meta" in found:
            return Parsed()
        if "errors" in found or "title" in found:
            raise Refused("malformed", "the document is an error of the API")
        raise Refused("missing_field", "data is missing")
    includes = object_of(found.get("includes") or {}, "includes")
    users = {str(user.get("id")): user for user in list_of(includes.get("users"), "users") if isinstance(user, dict)}
    places = {
        str(place.get("id")): place for place in list_of(includes.get("places"), "places") if isinstance(place, dict)
    }
    parsed = Parsed()
    data = found["data"]
    for item in data if isinstance(data, list) else [data]:
        try:
            _add(parsed, object_of(item, "a post"), users, places, now)
        except Refused as refused:
            parsed.refused.append(refused)
    return parsed


def _add(parsed: Parsed, item: dict[str, Any], users: dict[str, Any], places: dict[str, Any], now: int) -> None:
    references = [r for r in list_of(item.get("referenced_tweets"), "referenced_tweets") if isinstance(r, dict)]
    if any(reference.get("type") == "retweeted" for reference in references):
        parsed.ignore("echo")  # the same words of somebody else: the post itself is found too
        return
    history = list_of(item.get("edit_history_tweet_ids"), "edit_history_tweet_ids")
    identity = history[0] if history else item.get("id")
    author = str(item.get("author_id") or "")
    user = users.get(author, {})
    replied = next((r.get("id") for r in references if r.get("type") == "replied_to"), None)
    place = places.get(str((item.get("geo") or {}).get("place_id")), {}) if isinstance(item.get("geo"), dict) else {}
    metrics = user.get("public_metrics")
    followers = metrics.get("followers_count") if isinstance(metrics, dict) else None
    created_at = item.get("created_at")
    made = post(
        network="x",
        post_id=identity,
        action="updated" if len(history) > 1 else "created",
        author_id=author or None,
        author_handle=user.get("username") if isinstance(user.get("username"), str) else None,
        text=text_of(item.get("text"), "text"),
        created_at=moment(created_at, "created_at") if created_at is not None else now,
        language=item.get("lang") if isinstance(item.get("lang"), str) else None,
        in_reply_to=replied,
        url=f"https://x.com/i/status/{item.get('id')}",
        place=place.get("full_name") if isinstance(place.get("full_name"), str) else None,
        followers=followers if isinstance(followers, int) and not isinstance(followers, bool) else None,
        attributes={"imputed": "occurred_at"} if created_at is None else {},
    )
    if not made["text"].strip():
        parsed.ignore("empty")
    else:
        parsed.posts.append(made)
