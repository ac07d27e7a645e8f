"""The bench of search quality over its own sample: complete files, a last line for programs, and figures that hold."""

import json

import pytest

from bench import search_quality


def test_the_sample_is_large_enough_and_every_answer_exists() -> None:
    queries, qrels, corpus = (list(search_quality._rows(file)) for file in search_quality.SAMPLE)
    assert len(queries) >= 60
    assert len(corpus) >= 400
    assert len({row[0] for row in corpus}) == len(corpus)
    assert {row[0] for row in qrels} == {row[0] for row in queries}
    assert {row[1] for row in qrels} <= {row[0] for row in corpus}


def test_the_last_line_is_json_and_search_finds_what_was_meant(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["search_quality"])
    search_quality.main()
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["queries"] == 227
    assert figures["titles"] == 449
    assert figures["mrr@10"] >= 0.92
    assert figures["recall@100"] >= 0.98
