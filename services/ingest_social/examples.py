"""Documents as the networks send them, for the API's documentation and its tests."""

from typing import Any, Final

META: Final = {
    "object": "page",
    "entry": [
        {
            "id": "100000000000001",
            "time": 1772431490,
            "changes": [
                {
                    "field": "feed",
                    "value": {
                        "item": "comment",
                        "verb": "add",
                        "comment_id": "200000000000002_300000000000003",
                        "post_id": "100000000000001_200000000000002",
                        "parent_id": "100000000000001_200000000000002",
                        "created_time": 1772431485,
                        "from": {"id": "400000000000004", "name": "Ada Obi"},
                        "message": "Three days without network in Garki, when will you fix it?",
                    },
                }
            ],
        }
    ],
}
X: Final = {
    "data": {
        "id": "1960000000000000001",
        "text": "@beejan my data finished in one hour, what is this?",
        "author_id": "7000000001",
        "created_at": "2026-03-02T06:04:45.000Z",
        "edit_history_tweet_ids": ["1960000000000000001"],
    },
    "includes": {"users": [{"id": "7000000001", "username": "ada_obi"}]},
    "matching_rules": [{"id": "1", "tag": "mentions"}],
}


def body(example: dict[str, Any]) -> dict[str, Any]:
    """The part of an OpenAPI operation that documents a JSON body."""
    return {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}, "example": example}}}}
