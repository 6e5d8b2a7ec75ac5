"""The measure: what the figures of a masker mean."""

from services.cleaner.masking.evaluation import Marked, Scores, evaluate, lowered, parse_markup, table
from services.cleaner.masking.spans import Span


def test_markup_is_taken_apart() -> None:
    marked = parse_markup("I am {{PERSON:Ada}}, call {{PHONE:0803}}.")
    assert marked.text == "I am Ada, call 0803."
    assert [marked.text[s.start : s.end] for s in marked.spans] == ["Ada", "0803"]


def test_a_perfect_masker_leaks_nothing() -> None:
    marked = [parse_markup("I am {{PERSON:Ada}}")]
    scores = evaluate(marked, lambda _: marked[0].spans)
    assert (scores.leak, scores.precision, scores.fully_masked) == (0, 1, 1)
    assert scores.types["PERSON"].f1 == 1


def test_an_idle_masker_leaks_everything() -> None:
    scores = evaluate([parse_markup("I am {{PERSON:Ada}}")], lambda _: [])
    assert (scores.leak, scores.fully_masked) == (1, 0)
    assert scores.types["PERSON"].recall == 0


def test_half_a_span_is_found_and_half_leaks() -> None:
    scores = Scores()
    scores.add([Span(0, 10, "PERSON", 1)], [Span(5, 10, "PERSON", 1), Span(20, 25, "PERSON", 1)])
    assert scores.leak == 0.5
    assert scores.precision == 0.5
    assert (scores.types["PERSON"].recall, scores.types["PERSON"].precision) == (1, 0.5)


def test_another_type_covers_but_does_not_count_as_found() -> None:
    scores = Scores()
    scores.add([Span(0, 4, "PHONE", 1)], [Span(0, 4, "NUMBER", 1)])
    assert scores.leak == 0
    assert scores.types["PHONE"].recall == 0


def test_lower_case_keeps_offsets() -> None:
    assert len(lowered("İstanbul ẸGBẸ́")) == len("İstanbul ẸGBẸ́")
    seen: list[str] = []
    evaluate([Marked("ADA", ())], lambda text: seen.append(text) or [], lower=True)
    assert seen == ["ada"]


def test_the_table_names_every_type() -> None:
    scores = evaluate([parse_markup("{{PERSON:Ada}} {{PHONE:0803}}")], lambda _: [])
    text = table([("as written", scores)])
    assert "| leak | 1.000 |" in text
    assert "PERSON" in text
    assert "PHONE" in text
