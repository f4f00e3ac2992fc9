"""Visible checks of encode, decode and the word embedding."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import (
    Draw,
    assert_array_equal,
    assert_close,
    assert_gradient,
    dims,
    exercise,
    fail,
    numeric_gradient,
    raises,
    seeds,
)

from .cases import text_case


@exercise("encode")
def test_encode_banana(student):
    """With the vocabulary "abn", "banana" is [1, 0, 2, 0, 2, 0], as integers."""
    assert_array_equal(student.encode("banana", "abn"), np.array([1, 0, 2, 0, 2, 0]), "ids")


@exercise("encode")
@given(seed=seeds(), size=st.integers(1, 8), length=st.integers(1, 9))
def test_decode_undoes_encode(student, seed, size, length):
    """Decoding what you encoded gives the text back; the vocabulary may be in any order."""
    vocab, text, ids = text_case(seed, size, length)
    assert_array_equal(student.encode(text, vocab), ids, "ids")
    back = student.decode(ids, vocab)
    if back != text:
        fail("decode should give the text whose ids these are.", "text", back, text)


@exercise("encode")
def test_encode_unknown_character(student):
    """A character that is not in the vocabulary raises an exception."""
    raises(Exception, student.encode, "bandana", "abn")


@exercise("word_embedding_forward")
def test_embedding_rows(student):
    """Token 2 gets row 2 of W wherever it stands."""
    W = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    out, _ = student.word_embedding_forward(np.array([[2, 0], [2, 2]]), W)
    assert_close(out, np.array([[[5.0, 6.0], [1.0, 2.0]], [[5.0, 6.0], [5.0, 6.0]]]), "out")


@exercise("word_embedding_forward")
@given(seed=seeds(), shape=dims("N T D V"))
def test_embedding_dw(student, seed, shape):
    """dW agrees with central differences, also where tokens repeat."""
    draw = Draw(seed)
    N, T, D, V = shape
    x, W, dout = draw.labels(N * T, V).reshape(N, T), draw.normal(V, D), draw.normal(N, T, D)
    _, cache = student.word_embedding_forward(x, W)
    dW = student.word_embedding_backward(dout, cache)
    assert_gradient(dW, numeric_gradient(student.word_embedding_forward, [x, W], wrt=1, dout=dout), "dW")
