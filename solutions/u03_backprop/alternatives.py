"""Right answers to u03_backprop that look different from the reference."""

from autograder.authoring.variants import Alternative

AFFINE = (
    Alternative(
        id="affine_einsum",
        exercise="affine_backward",
        note="einsum, and a closure as cache",
        source='''
def affine_forward(x, w, b):
    def backward(dout):
        rows = x.reshape(len(x), -1)
        return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), np.einsum("nd,nm->dm", rows, dout), np.einsum("nm->m", dout)
    return np.einsum("nd,dm->nm", x.reshape(len(x), -1), w) + b, backward


def affine_backward(dout, cache):
    return cache(dout)
''',
    ),
)

ALTERNATIVES = AFFINE
