"""A procedure file as a tree, and back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.procedures import document
from overture.procedures.document import NotADocument

TEXT = """procedure: late-order
name: Late order
steps:
  - ask: Which order?   # the number
    save: order_id
  - if: order_id == "1"
    then:
      - say: Found it.
      - end: {}
"""

_words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=40)
_keys = st.from_regex(r"[a-z][a-z_]{0,12}", fullmatch=True)
_trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | _words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(_keys, _trees, max_size=6))
def test_what_is_written_reads_the_same(tree: dict[str, Any]) -> None:
    assert tree == (document.read(document.write(tree)).content or {})


def test_every_line_has_its_place() -> None:
    tree = document.read(TEXT)
    assert "name" == tree.place(2)
    assert "steps.0.save" == tree.place(5)
    assert "steps.1.then.0.say" == tree.place(8)
    assert tree.has_comments


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words", "a: [1, 2"])
def test_a_text_that_is_no_mapping_has_no_tree(text: str) -> None:
    assert document.read(text).content is None


@pytest.mark.parametrize("content", ["words", ["a"], {"a": {1: 2}}, {"a": object()}, None])
def test_what_no_file_can_hold_is_refused(content: Any) -> None:
    with pytest.raises(NotADocument):
        document.write(content)


def test_a_tree_that_is_too_deep_is_refused() -> None:
    deep: Any = "end"
    for _ in range(100):
        deep = {"a": deep}
    with pytest.raises(NotADocument, match="too deeply"):
        document.write(deep)
