"""Hidden tests of batch and layer normalisation."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, Driver, assert_close, assert_same, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import BATCHNORM, BATCHNORM_STEPS, SPATIAL, norm_case, relayout

NAMES = ("dx", "dgamma", "dbeta")
AVERAGES = ('bn_param["running_mean"]', 'bn_param["running_var"]')
EPS = st.sampled_from([1e-5, 0.01, 0.5])
MOMENTUM = st.sampled_from([0.9, 0.6, 0.25])
LAYOUTS = st.sampled_from(["fortran", "strided"])

# What a call leaves of its arrays and of the running averages that it was given.
LEFT_ALONE = Driver("""
    def inputs_afterwards(x, gamma, beta, bn_param):
        mean, var = bn_param["running_mean"], bn_param["running_var"]
        out, cache = batchnorm_forward(x, gamma, beta, bn_param)
        if bn_param["mode"] == "train":
            batchnorm_backward(np.ones_like(x), cache)
        return out, x, gamma, beta, mean, var
""")

SPATIAL_LEFT_ALONE = Driver("""
    def images_afterwards(x, gamma, beta, bn_param):
        out, _ = spatial_batchnorm_forward(x, gamma, beta, bn_param)
        return out, x
""")


def averages(seed, size):
    """Return a running mean and a running variance."""
    draw = Draw(seed)
    return {"running_mean": draw.normal(size), "running_var": draw.uniform(size, low=0.5, high=3.0)}


@exercise("batchnorm_forward", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=2), eps=EPS)
def test_batchnorm_train_out(student, reference, seed, shape, eps):
    """In training each column is shifted by its mean and divided by √(variance + eps), with the variance divided by N; then γ and β apply."""
    x, gamma, beta, _ = norm_case(seed, *shape)
    param = {"mode": "train", "eps": eps, **averages(seed + 1, shape[1])}
    assert_close(BATCHNORM(student, x, gamma, beta, param)[0], BATCHNORM(reference, x, gamma, beta, param)[0], "out")


@exercise("batchnorm_forward", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=2), momentum=MOMENTUM)
def test_batchnorm_averages(student, reference, seed, shape, momentum):
    """Training moves the running averages: momentum times the old plus (1 − momentum) times the batch's mean and biased variance."""
    x, gamma, beta, _ = norm_case(seed, *shape)
    param = {"mode": "train", "momentum": momentum, **averages(seed + 1, shape[1])}
    got, expected = BATCHNORM(student, x, gamma, beta, param), BATCHNORM(reference, x, gamma, beta, param)
    for name, mine, right in zip(AVERAGES, got[1:], expected[1:], strict=True):
        assert_close(mine, right, name)


@exercise("batchnorm_forward", weight=2)
@given(seed=seeds(), shape=dims("N D"), eps=EPS)
def test_batchnorm_test_out(student, reference, seed, shape, eps):
    """In test mode the running averages normalise, also a batch of one, and stay as they are."""
    x, gamma, beta, _ = norm_case(seed, *shape)
    param = {"mode": "test", "eps": eps, **averages(seed + 1, shape[1])}
    got, expected = BATCHNORM(student, x, gamma, beta, param), BATCHNORM(reference, x, gamma, beta, param)
    assert_close(got[0], expected[0], "out")
    for name, mine, right in zip(AVERAGES, got[1:], expected[1:], strict=True):
        assert_close(mine, right, f"{name} after test mode")


@exercise("batchnorm_forward", weight=2)
@given(seed=seeds(), shape=dims("N D M", lo=2))
def test_batchnorm_over_steps(student, reference, seed, shape):
    """From an empty dictionary, three batches of different sizes in training and then test mode give the right outputs and averages."""
    N, D, M = shape
    draw = Draw(seed)
    batches = [draw.permutation(n, D) * 2.0 + k for k, n in enumerate((N, M, N + 1))]
    gamma, beta, x_test = draw.uniform(D, low=0.5, high=2.0), draw.normal(D), draw.normal(1, D)
    got = BATCHNORM_STEPS(student, batches, x_test, gamma, beta, {"mode": "train"})
    expected = BATCHNORM_STEPS(reference, batches, x_test, gamma, beta, {"mode": "train"})
    for k, (mine, right) in enumerate(zip(got[0], expected[0], strict=True)):
        assert_close(mine, right, f"out of call {k + 1} (three in training, two in test mode)")
    for name, mine, right in zip(AVERAGES, got[1:], expected[1:], strict=True):
        assert_close(mine, right, name)


@exercise("batchnorm_forward", weight=3)
@given(seed=seeds(), shape=dims("N D", lo=2), eps=EPS)
def test_batchnorm_dx(student, reference, seed, shape, eps):
    """dx has three parts: the direct path, the path through the mean and the path through the variance."""
    x, gamma, beta, dout = norm_case(seed, *shape)
    got, expected = (
        source.batchnorm_backward(dout, source.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": eps})[1])[0]
        for source in (student, reference)
    )
    assert_close(got, expected, "dx", rtol=1e-6)


@exercise("batchnorm_forward", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=2), eps=EPS)
def test_batchnorm_dgamma_dbeta(student, reference, seed, shape, eps):
    """dgamma sums dout · x̂ over the batch and dbeta sums dout; both have the shape (D,)."""
    x, gamma, beta, dout = norm_case(seed, *shape)
    got, expected = (
        source.batchnorm_backward(dout, source.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": eps})[1])
        for source in (student, reference)
    )
    assert_close(got[1], expected[1], "dgamma", rtol=1e-6)
    assert_close(got[2], expected[2], "dbeta")


@exercise("batchnorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=2), mode=st.sampled_from(["train", "test"]))
def test_batchnorm_leaves_arrays(student, seed, shape, mode):
    """x, gamma, beta and the old running averages are left alone: the new averages are new arrays."""
    x, gamma, beta, _ = norm_case(seed, *shape)
    param = {"mode": mode, **averages(seed + 1, shape[1])}
    got = LEFT_ALONE(student, x, gamma, beta, param)
    assert_shape(got[0], shape, "out")
    kept = (x, gamma, beta, param["running_mean"], param["running_var"])
    for name, mine, right in zip(("x", "gamma", "beta", "the old running_mean", "the old running_var"), got[1:], kept, strict=True):
        assert_close(mine, right, f"{name} after the call")


@exercise("batchnorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=2), layout=LAYOUTS)
def test_batchnorm_backward_changes_nothing(student, seed, shape, layout):
    """Neither dout nor the cache is changed: a second call gives the same gradients, whatever the memory layout."""
    x, gamma, beta, dout = norm_case(seed, *shape)
    param = {"mode": "train", "eps": 0.01}
    plain = student.batchnorm_backward(dout, student.batchnorm_forward(x, gamma, beta, dict(param))[1])
    _, cache = student.batchnorm_forward(relayout(x, layout), gamma, beta, param)
    student.batchnorm_backward(relayout(dout, layout), cache)
    assert_unchanged(student)
    again = student.batchnorm_backward(dout, cache)
    for name, mine, first in zip(NAMES, again, plain, strict=True):
        assert_same(mine, first, f"{name} of the second call", rtol=1e-6)


@exercise("spatial_batchnorm_forward", weight=3)
@given(seed=seeds(), shape=dims("N C H W"), eps=EPS)
def test_spatial_train(student, reference, seed, shape, eps):
    """In training each channel is normalised over all images and places, and the running averages of the channels move."""
    x, gamma, beta, _ = norm_case(seed, *shape)
    param = {"mode": "train", "eps": eps, **averages(seed + 1, shape[1])}
    got, expected = SPATIAL(student, x, gamma, beta, param), SPATIAL(reference, x, gamma, beta, param)
    assert_close(got[0], expected[0], "out")
    for name, mine, right in zip(AVERAGES, got[1:], expected[1:], strict=True):
        assert_close(mine, right, name)


@exercise("spatial_batchnorm_forward", weight=2)
@given(seed=seeds(), shape=dims("N C H W"), momentum=MOMENTUM)
def test_spatial_test(student, reference, seed, shape, momentum):
    """In test mode the channels' running averages normalise and stay as they are."""
    x, gamma, beta, _ = norm_case(seed, *shape)
    param = {"mode": "test", "momentum": momentum, **averages(seed + 1, shape[1])}
    got, expected = SPATIAL(student, x, gamma, beta, param), SPATIAL(reference, x, gamma, beta, param)
    assert_close(got[0], expected[0], "out")
    for name, mine, right in zip(AVERAGES, got[1:], expected[1:], strict=True):
        assert_close(mine, right, f"{name} after test mode")


@exercise("spatial_batchnorm_forward")
@given(seed=seeds(), shape=dims("N C H W", lo=2), layout=LAYOUTS)
def test_spatial_memory_layout(student, seed, shape, layout):
    """x is left alone, and how it lies in memory does not matter."""
    x, gamma, beta, _ = norm_case(seed, *shape)
    got, plain = (SPATIAL_LEFT_ALONE(student, array, gamma, beta, {"mode": "train"}) for array in (relayout(x, layout), x))
    assert_close(plain[1], x, "x after the call")
    assert_same(got[0], plain[0], f"out of a {layout} array")


def layer_gradients(source, x, gamma, beta, dout, eps):
    """Return dx, dgamma, dbeta of layer normalisation."""
    _, cache = source.layernorm_forward(x, gamma, beta, {"eps": eps})
    return source.layernorm_backward(dout, cache)


@exercise("layernorm_forward", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=2), eps=EPS)
def test_layernorm_out(student, reference, seed, shape, eps):
    """Each row is normalised over its D features, with eps inside the root; γ and β belong to the columns."""
    x, gamma, beta, _ = norm_case(seed, *shape)
    out, _ = student.layernorm_forward(x, gamma, beta, {"eps": eps})
    assert_unchanged(student)
    assert_close(out, reference.layernorm_forward(x, gamma, beta, {"eps": eps})[0], "out")
    out, _ = student.layernorm_forward(x, gamma, beta, {})
    assert_close(out, reference.layernorm_forward(x, gamma, beta, {})[0], "out, with eps left out")


@exercise("layernorm_forward", weight=3)
@given(seed=seeds(), shape=dims("N D", lo=2), eps=EPS)
def test_layernorm_dx(student, reference, seed, shape, eps):
    """dx has three parts, as for batch normalisation, with means over the row."""
    case = norm_case(seed, *shape)
    assert_close(layer_gradients(student, *case, eps)[0], layer_gradients(reference, *case, eps)[0], "dx", rtol=1e-6)


@exercise("layernorm_forward", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=2), eps=EPS)
def test_layernorm_dgamma_dbeta(student, reference, seed, shape, eps):
    """dgamma and dbeta sum over the batch and have the shape (D,)."""
    case = norm_case(seed, *shape)
    got, expected = layer_gradients(student, *case, eps), layer_gradients(reference, *case, eps)
    assert_close(got[1], expected[1], "dgamma", rtol=1e-6)
    assert_close(got[2], expected[2], "dbeta")


@exercise("layernorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=2), layout=LAYOUTS)
def test_layernorm_changes_nothing(student, seed, shape, layout):
    """Neither dout nor the cache is changed, whatever the memory layout, and a row's dx is the same in a batch of one."""
    x, gamma, beta, dout = norm_case(seed, *shape)
    batch = layer_gradients(student, x, gamma, beta, dout, 0.01)
    x, dout = x[:1], dout[:1]
    plain = layer_gradients(student, x, gamma, beta, dout, 0.01)
    _, cache = student.layernorm_forward(relayout(x, layout), gamma, beta, {"eps": 0.01})
    student.layernorm_backward(relayout(dout, layout), cache)
    assert_unchanged(student)
    again = student.layernorm_backward(dout, cache)
    for name, mine, first in zip(NAMES, again, plain, strict=True):
        assert_same(mine, first, f"{name} of the second call", rtol=1e-6)
    assert_same(plain[0], batch[0][:1], "dx of the first row alone", rtol=1e-6)
