from collections import Counter
from pathlib import Path

import pytest
from rapidfuzz import fuzz, process

from services.classifier.model.dataset import LABELS, DataError, Example, read, shipped, write
from services.domain.vocabulary import LANGUAGES, LEVELS


def test_csv_tsv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    files = {
        "a.csv": 'text,category,urgency\n"slow, slow",internet_data,High\n',
        "a.tsv": "# a note\ntext\tlabel\turgency\nslow, slow\tinternet_data\thigh\n",
        "a.jsonl": '{"text": "slow, slow", "category": "internet_data", "urgency": "high"}\n',
    }
    for name, content in files.items():
        (tmp_path / name).write_text(content)
        examples, faults = read(tmp_path / name)
        assert (examples, faults) == ([Example("slow, slow", "internet_data", "high")], [])


def test_a_byte_order_mark_is_no_part_of_a_column(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbftext,category\nslow,internet_data\n")
    assert read(tmp_path / "a.csv")[0][0].label == "internet_data"


def test_a_line_that_cannot_be_used_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "a.tsv"
    file.write_text(
        "text\tlabel\tis_complaint\turgency\n"
        "slow\tinternet_data\ttrue\t\n"
        "slow\tweather\t\t\n"
        "\tinternet_data\t\t\n"
        "slow\tinternet_data\tperhaps\t\n"
        "slow\tinternet_data\t\tvery\n"
        "hello\tother\tfalse\t\n"
    )
    examples, faults = read(file)
    assert [example.label for example in examples] == ["internet_data", "none"]
    assert [(fault.line, fault.reason) for fault in faults] == [
        (3, "category is none of the thirteen"),
        (4, "no text"),
        (5, "is_complaint is neither true nor false"),
        (6, "urgency is neither high, medium nor low"),
    ]


def test_reasons_of_faults_hold_no_value(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "secret", "category": "secret"}\nsecret\n')
    assert not any("secret" in fault.reason for fault in read(tmp_path / "a.jsonl")[1])


def test_a_missing_file_and_other_bytes_give_one_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path / "none.csv")
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(DataError, match="UTF-8"):
        read(tmp_path / "a.csv")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    examples = [
        Example('a "quoted", text', "promotions", "low", "low", "en"),
        Example("hi", "none", "low", "low", "pcm"),
    ]
    write(tmp_path / "a.tsv", examples, ["a note"])
    assert read(tmp_path / "a.tsv") == (examples, [])


def test_the_training_data_are_what_the_card_says() -> None:
    hand, composed = shipped("hand"), shipped("composed")
    assert len(hand) + len(composed) >= 3000
    for examples in (hand, composed):
        assert {example.label for example in examples} == set(LABELS)
        assert {example.language for example in examples} == set(LANGUAGES) - {"other"}
    assert all(example.urgency in LEVELS and example.impact in LEVELS for example in hand + composed)
    of_each = Counter((example.label, example.language) for example in hand)
    assert min(of_each[label, language] for label in LABELS for language in LANGUAGES[:-1]) >= 3


def test_the_test_set_is_apart_from_the_training_data() -> None:
    test = shipped("test")
    assert len(test) >= 500
    assert {example.label for example in test} == set(LABELS)
    training = [example.text.casefold() for example in shipped("hand") + shipped("composed")]
    alike = [
        example.text
        for example in test
        if process.extractOne(example.text.casefold(), training, scorer=fuzz.ratio, score_cutoff=90)
    ]
    assert [text for text in alike if len(text) >= 20] == []


def test_hand_written_texts_do_not_repeat() -> None:
    texts = [example.text.casefold() for example in shipped("hand")]
    assert len(set(texts)) == len(texts)
