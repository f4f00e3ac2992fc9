"""Wrong answers to u03_backprop that people give, each with the hint they read."""

from autograder.authoring.variants import Misconception

AFFINE = (
    Misconception(
        id="affine_db_averaged",
        exercise="affine_backward",
        hint="Your db is exactly N times too small: the loss already averages over the batch, so here the gradients of the rows add up.",
        edits=(("db = dout.sum(axis=0)", "db = dout.mean(axis=0)"),),
    ),
    Misconception(
        id="affine_dx_not_reshaped",
        exercise="affine_backward",
        hint="Your dx has the right numbers but is still flat, (N, D): a gradient has the shape of its input, here (N, d1, …, dk).",
        edits=(("dx = (dout @ w.T).reshape(x.shape)", "dx = dout @ w.T"),),
    ),
)

MISCONCEPTIONS = AFFINE
