"""Hidden tests of encode, decode and the word embedding."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, assert_same, assert_unchanged, dims, exercise, fail, raises, seeds

from ..visible.cases import relayout, text_case


@exercise("encode")
@given(seed=seeds(), size=st.integers(1, 11), length=st.integers(1, 15))
def test_encode_positions(student, seed, size, length):
    """Each character becomes its position in the vocabulary, in whatever order that is; the result is an integer array."""
    vocab, text, ids = text_case(seed, size, length)
    assert_array_equal(student.encode(text, vocab), ids, "ids")
    many = "".join(chr(0x4E00 + (7 * i) % 300) for i in range(300))  # more characters than a byte can count, in no order
    assert_array_equal(student.encode(many[299] + many[3] + many[258], many), np.array([299, 3, 258]), "ids")


@exercise("encode")
def test_encode_empty_text(student):
    """The empty text gives an integer array of shape (0,)."""
    assert_array_equal(student.encode("", "abc"), np.zeros(0, dtype=np.int64), "ids")


@exercise("encode")
@given(place=st.integers(0, 5), stranger=st.sampled_from("AzÉ \n"))
def test_encode_refuses_strangers(student, place, stranger):
    """A character that the vocabulary lacks raises an exception wherever it stands, also one that differs only in case."""
    raises(Exception, student.encode, "banana"[:place] + stranger + "banana"[place:], "nab")


@exercise("encode")
@given(seed=seeds(), size=st.integers(1, 11), length=st.integers(0, 15))
def test_decode_positions(student, seed, size, length):
    """decode glues together the characters at the given positions, line ends and blanks included."""
    vocab, text, ids = text_case(seed, size, length)
    for numbers, letters, right in ((ids, vocab, text), (np.array([1, 2, 0, 1]), "a \n", " \na ")):
        back = student.decode(numbers, letters)
        if back != right:
            fail("decode should give the text whose ids these are.", "text", back, right)


def embedding_case(seed, shape):
    """Return tokens, W and dout; tokens repeat where there are more places than tokens."""
    draw = Draw(seed)
    N, T, D, V = shape
    return draw.labels(N * T, V).reshape(N, T), draw.normal(V, D), draw.normal(N, T, D)


def embedding_gradient(source, x, W, dout):
    """Return dW of a student or the reference."""
    _, cache = source.word_embedding_forward(x, W)
    return source.word_embedding_backward(dout, cache)


@exercise("word_embedding_forward")
@given(seed=seeds(), shape=dims("N T D V"))
def test_embedding_out(student, reference, seed, shape):
    """out[n, t] is row x[n, t] of W, shape (N, T, D)."""
    x, W, _ = embedding_case(seed, shape)
    out, _ = student.word_embedding_forward(x, W)
    assert_unchanged(student)
    assert_close(out, reference.word_embedding_forward(x, W)[0], "out", rtol=1e-10)


@exercise("word_embedding_forward", weight=2)
@given(seed=seeds(), shape=dims("N T D", lo=1, hi=5), V=st.integers(1, 3))
def test_embedding_repeated_tokens(student, reference, seed, shape, V):
    """A token that stands in several places gets the sum of their gradients."""
    case = embedding_case(seed, (*shape, V))
    assert_close(embedding_gradient(student, *case), embedding_gradient(reference, *case), "dW")


@exercise("word_embedding_forward", weight=2)
@given(seed=seeds(), shape=dims("N T D", lo=1, hi=4), spare=st.integers(1, 5))
def test_embedding_distinct_tokens(student, reference, seed, shape, spare):
    """Where all tokens differ, each row of dW is one row of dout; rows of tokens that do not occur are 0, and dW has the shape of W."""
    N, T, D = shape
    draw = Draw(seed)
    x = draw.rng.permutation(N * T + spare)[: N * T].reshape(N, T).astype(np.int64)
    case = x, draw.normal(N * T + spare, D), draw.normal(N, T, D)
    assert_close(embedding_gradient(student, *case), embedding_gradient(reference, *case), "dW")


@exercise("word_embedding_forward")
@given(seed=seeds(), shape=dims("N T D V", lo=2), layout=st.sampled_from(["fortran", "strided"]))
def test_embedding_changes_nothing(student, seed, shape, layout):
    """dout and the cache are left alone: a second call gives the same dW, whatever the memory layout."""
    x, W, dout = embedding_case(seed, shape)
    plain = embedding_gradient(student, x, W, dout)
    _, cache = student.word_embedding_forward(x, relayout(W, layout))
    student.word_embedding_backward(relayout(dout, layout), cache)
    assert_unchanged(student)
    assert_same(student.word_embedding_backward(dout, cache), plain, "dW of the second call")
