"""The few words that writers add by themselves, in each language of documents."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "lemma": "Lemma", "note": "", "good": "✓", "bad": "✗", "right": "right", "wrong": "wrong", "stop": ": ",
        "table": "Table", "figure": "Figure", "drawing": "Drawing", "contents": "Contents",
        "made": "Made by chainrule. This file is whole: it runs no script and asks no network for anything.",
    },
    "zh-Hant": {
        "lemma": "引理", "note": "", "good": "✓", "bad": "✗", "right": "正確", "wrong": "錯誤", "stop": "：",
        "table": "表", "figure": "圖", "drawing": "圖", "contents": "目錄",
        "made": "由 chainrule 製作。此檔案自成一體：不執行任何程式碼，也不連線到任何網路。",
    },
}  # fmt: skip


def words(language: str) -> dict[str, str]:
    """The words of a language; those of one that has none are English."""
    return WORDS.get(language, WORDS["en"])


def mark(kind: str, language: str) -> str:
    """What stands before the title of a note, so that its kind is told by more than its colour.

    >>> mark("lemma", "en"), mark("bad", "en"), mark("note", "en")
    ('Lemma: ', '✗ ', '')
    """
    own = words(language)
    word = own[kind]
    return word + own["stop"] if kind == "lemma" else f"{word} " if word else ""
