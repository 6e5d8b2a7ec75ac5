"""The stand-in for X."""

import httpx
import pytest

from demo.deliveries import Occasion
from demo.messages import Post, read
from demo.x_search import PATH, RecentSearch, XServer

NOW = 1_772_449_200_000
OCCASION = Occasion(NOW, "test")


def _posts(count: int) -> list[Post]:
    return [
        Post(origin=f"p:{n}", at=f"-{count - n}m", about="none", sent=1, who=f"user{n % 3}", text=f"post {n}")
        for n in range(count)
    ]


def _pages(search: RecentSearch, **query: str) -> list[dict]:  # type: ignore[type-arg]
    pages = [search.page(query)]
    while "next_token" in pages[-1]["meta"]:
        pages.append(search.page(query | {"next_token": pages[-1]["meta"]["next_token"]}))
    return pages


def test_pages_hold_each_post_once_newest_first() -> None:
    pages = _pages(RecentSearch(_posts(25), OCCASION))
    assert [page["meta"]["result_count"] for page in pages] == [10, 10, 5]
    ids = [int(tweet["id"]) for page in pages for tweet in page["data"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 25


def test_since_id_leaves_out_what_is_known() -> None:
    search = RecentSearch(_posts(12), OCCASION)
    known = search.page({})["data"][2]["id"]
    assert [tweet["text"] for tweet in search.page({"since_id": known})["data"]] == ["post 11", "post 10"]


def test_nothing_new_has_no_data_key() -> None:
    search = RecentSearch(_posts(3), OCCASION)
    assert search.page({"since_id": search.page({})["meta"]["newest_id"]}) == {"meta": {"result_count": 0}}


def test_every_author_and_place_of_a_page_is_included() -> None:
    search = RecentSearch(read(Post, "social/x"), OCCASION)
    for page in _pages(search):
        users = {user["id"] for user in page["includes"]["users"]}
        places = {place["id"] for place in page["includes"]["places"]}
        assert {tweet["author_id"] for tweet in page["data"]} == users
        assert {tweet["geo"]["place_id"] for tweet in page["data"] if "geo" in tweet} == places


def test_two_people_never_share_an_id() -> None:
    posts = read(Post, "social/x")
    pages = _pages(RecentSearch(posts, OCCASION))
    users = {user["id"]: user["username"] for page in pages for user in page["includes"]["users"]}
    assert len(users) == len({post.who for post in posts})


def test_the_server_wants_a_token_and_answers_over_http() -> None:
    with XServer(RecentSearch(_posts(3), OCCASION)) as server:
        url = server.url + PATH
        assert httpx.get(url).status_code == 401
        answer = httpx.get(url, params={"max_results": "100"}, headers={"Authorization": "Bearer token"})
        assert answer.json()["meta"]["result_count"] == 3
        assert int(answer.headers["x-rate-limit-remaining"]) > 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
