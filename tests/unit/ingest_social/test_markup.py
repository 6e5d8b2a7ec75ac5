"""HTML to text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest_social.markup import MAX_MARKUP, plain_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain &amp; simple", "plain & simple"),
        ("<p>one<br>two</p><p>three</p>", "one\ntwo\n\nthree"),
        ("a<script>x</script><style>y</style>b", "ab"),
        ('<span class="invisible">https://</span><span class="ellipsis">x.com/a</span><span class="invisible">b</span>',
         "x.com/a…"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("  a \n b  ", "a\nb"),
        ("<b>a</b>\n<i>b</i>", "a b"),
        ("<p>unclosed <b>bold", "unclosed bold"),
        ("1 < 2", "1 < 2"),
        ("", ""),
        ("<!-- only --><p></p>", ""),
    ],
)  # fmt: skip
def test_reads_as_a_person_would(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@given(st.text(max_size=200))
def test_any_text_is_read_and_reading_escaped_text_gives_it_back(text: str) -> None:
    plain_text(text)
    words = " ".join(text.split())
    escaped = "".join(f"&#{ord(c)};" if c in "<>&" else c for c in words)
    if all(c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF for c in words):
        assert plain_text(escaped) == " ".join(words.replace("\u00a0", " ").split())


def test_nesting_without_end_is_cut() -> None:
    assert plain_text("<i>" * MAX_MARKUP + "deep") == ""
    assert plain_text("<i>" * 3000 + "deep") == "deep"
