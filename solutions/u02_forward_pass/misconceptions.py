"""Wrong answers to u02_forward_pass that people give, each with the hint they read."""

from autograder.authoring.variants import Misconception


def wrong(exercise: str, id_: str, hint: str, *edits: tuple[str, str]) -> Misconception:
    """Return a misconception of an exercise as edits of its solution cell."""
    return Misconception(id=id_, exercise=exercise, hint=hint, edits=edits)


SIGMOID_BODY = """    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))"""
TANH, SOFTPLUS, SWISH = "return 2 * sigmoid(2 * x) - 1", "return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))", "return x * sigmoid(x)"

SMOOTH = (
    wrong(
        "sigmoid",
        "sigmoid_overflow",
        "Your sigmoid is nan for large x: exp(1000) is inf, and inf/inf is nan. For x ≥ 0 use the form that contains only exp(−x).",
        (SIGMOID_BODY, "    e = np.exp(x)\n    return e / (1 + e)"),
    ),
    wrong(
        "sigmoid",
        "sigmoid_flipped",
        "Your sigmoid falls where it should rise: you return 1 − sigmoid(x). Look at the sign of the exponent, or at the two sides "
        "of np.where.",
        ("x >= 0", "x < 0"),
    ),
    wrong(
        "sigmoid",
        "sigmoid_integer_array",
        "For integer x your sigmoid is cut to 0 and 1: an array made like x (zeros_like, empty_like, copy) holds integers too. Make "
        "it float64.",
        (
            SIGMOID_BODY,
            "    e = np.exp(-np.abs(x))\n    out = np.zeros_like(x)\n    out[...] = np.where(x >= 0, 1 / (1 + e), e / (1 + e))\n    return out",
        ),
    ),
    wrong(
        "sigmoid",
        "sigmoid_in_place",
        "Your sigmoid is right, but x is not the same afterwards: operations such as out=x or x += 1 write into the caller's array.",
        (
            SIGMOID_BODY,
            "    positive = x >= 0\n    np.abs(x, out=x)\n    e = np.exp(-x)\n    return np.where(positive, 1 / (1 + e), e / (1 + e))",
        ),
    ),
    wrong(
        "sigmoid",
        "tanh_without_doubling",
        "Your tanh rises half as fast as it should: it is tanh(x/2). The 2 belongs inside the sigmoid as well.",
        (TANH, "return 2 * sigmoid(x) - 1"),
    ),
    wrong(
        "sigmoid",
        "tanh_not_shifted",
        "Your tanh runs from 0 to 2; tanh runs from −1 to 1.",
        (TANH, "return 2 * sigmoid(2 * x)"),
    ),
    wrong(
        "sigmoid",
        "tanh_sign",
        "Your tanh has the wrong sign: it rises from −1 on the left to 1 on the right.",
        (TANH, "return 1 - 2 * sigmoid(2 * x)"),
    ),
    wrong(
        "sigmoid",
        "tanh_overflow",
        "Your tanh is nan for large |x|: exp(1000) is inf, and inf/inf is nan. Express it by your sigmoid, or by exp(−2|x|).",
        (TANH, "return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))"),
    ),
    wrong(
        "sigmoid",
        "softplus_overflow",
        "Your softplus is infinite at 1000, where it should be 1000: exp(x) overflows before the logarithm can bring it back.",
        (SOFTPLUS, "return np.log(1 + np.exp(x))"),
    ),
    wrong(
        "sigmoid",
        "softplus_clipped",
        "Your softplus stops growing at some large x: cutting x off avoids the overflow but also changes the answer, which is nearly "
        "x there.",
        (SOFTPLUS, "return np.log1p(np.exp(np.clip(x, -500, 500)))"),
    ),
    wrong(
        "sigmoid",
        "softplus_without_abs",
        "Your softplus is right for positive x only: for negative x the exponent −x is large. The exponent in the stable form is −|x|.",
        (SOFTPLUS, "return np.maximum(x, 0) + np.log1p(np.exp(-x))"),
    ),
    wrong(
        "sigmoid",
        "swish_overflow",
        "Your swish is nan for large x: it computes exp(x)/(1 + exp(x)) anew. Use the stable sigmoid that you have.",
        (SWISH, "return x * np.exp(x) / (1 + np.exp(x))"),
    ),
    wrong(
        "sigmoid",
        "swish_of_slope",
        "Your swish goes back to 0 for large x: you multiply x by the slope σ(1 − σ); it should be x times σ itself.",
        (SWISH, "return x * sigmoid(x) * (1 - sigmoid(x))"),
    ),
)

LEAKY, ELU_LEFT = "return np.where(x > 0, x, alpha * x)", "left = alpha * np.expm1(np.minimum(x, 0))"
ELU_BODY = "    left = alpha * np.expm1(np.minimum(x, 0))\n    return np.where(x > 0, x, left)"
PIECES, MAX = "pieces = x @ W + b[:, None, :]", "return pieces.max(axis=0)"

PIECEWISE = (
    wrong(
        "relu",
        "relu_in_place",
        "Your relu is right, but it overwrites x: boolean assignment writes into the caller's array. Make a new one.",
        ("return np.maximum(x, 0)", "x[x < 0] = 0\n    return x"),
    ),
    wrong(
        "relu",
        "relu_absolute",
        "Your relu turns −2 into 2. Negative numbers become 0.",
        ("return np.maximum(x, 0)", "return np.abs(x)"),
    ),
    wrong(
        "relu",
        "leaky_sides_swapped",
        "Your leaky_relu is flat on the right and steep on the left: the two branches are exchanged.",
        (LEAKY, "return np.where(x > 0, alpha * x, x)"),
    ),
    wrong(
        "relu",
        "leaky_constant",
        "Your leaky_relu is the same for all negative x: alpha is a slope there, not a value.",
        (LEAKY, "return np.where(x > 0, x, -alpha)"),
    ),
    wrong(
        "relu",
        "leaky_integer_array",
        "For integer x your leaky_relu is cut to whole numbers on the left: a copy of an integer array holds integers.",
        (LEAKY, "out = x.copy()\n    out[x < 0] = alpha * x[x < 0]\n    return out"),
    ),
    wrong(
        "relu",
        "leaky_in_place",
        "Your leaky_relu is right for floats, but it changes x itself: x[x < 0] *= alpha writes into the caller's array.",
        (LEAKY, "x[x < 0] *= alpha\n    return x"),
    ),
    wrong(
        "relu",
        "elu_without_minus_one",
        "Your elu jumps at 0 and stays above 0 on the left: the left side is alpha·(eˣ − 1), so that it meets x at 0.",
        (ELU_LEFT, "left = alpha * np.exp(np.minimum(x, 0))"),
    ),
    wrong(
        "relu",
        "elu_alpha_outside",
        "Your elu agrees only for alpha = 1: alpha multiplies the whole of eˣ − 1, not only eˣ.",
        (ELU_LEFT, "left = alpha * np.exp(np.minimum(x, 0)) - 1"),
    ),
    wrong(
        "relu",
        "elu_alpha_inside",
        "Your elu goes down to −1 whatever alpha is: alpha belongs in front, not into the exponent.",
        (ELU_LEFT, "left = np.expm1(alpha * np.minimum(x, 0))"),
    ),
    wrong(
        "relu",
        "elu_alpha_ignored",
        "Your elu does not depend on alpha; the left side should go down to −alpha.",
        (ELU_LEFT, "left = np.expm1(np.minimum(x, 0))"),
    ),
    wrong(
        "relu",
        "elu_mask_product",
        "Your elu is nan at large x: exp(1000) is inf, and a mask of 0 does not take it away, since 0·inf is nan. Limit the exponent "
        "first.",
        (ELU_BODY, "    return (x > 0) * x + (x <= 0) * alpha * (np.exp(x) - 1)"),
    ),
    wrong(
        "relu",
        "maxout_no_bias",
        "Your maxout leaves out b: each piece has a bias of its own, which takes part in the comparison.",
        (PIECES, "pieces = x @ W"),
    ),
    wrong(
        "relu",
        "maxout_bias_after",
        "You add the largest bias after the maximum: each piece has a bias of its own, which takes part in the comparison.",
        (PIECES, "pieces = x @ W"),
        (MAX, "return pieces.max(axis=0) + b.max(axis=0)"),
    ),
    wrong(
        "relu",
        "maxout_mean",
        "Your maxout is the average of the pieces, which is one linear layer again. Take the largest.",
        (MAX, "return pieces.mean(axis=0)"),
    ),
    wrong(
        "relu",
        "maxout_from_zero",
        "Your maxout is never below 0, but the largest of some negative numbers is negative. Start from the first piece, or from −∞, not from 0.",
        (MAX, "return np.maximum(pieces.max(axis=0), 0)"),
    ),
    wrong(
        "relu",
        "maxout_over_units",
        "Your maxout has one number for each piece and example: you took the largest over the units. The pieces compete, each unit "
        "for itself.",
        (MAX, "return pieces.max(axis=2)"),
    ),
    wrong(
        "relu",
        "maxout_weights_first",
        "Your maxout takes the largest weights and biases first: the maximum comes after the products, since a negative input turns "
        "the order around.",
        (PIECES, "pieces = (x @ W.max(axis=0) + b.max(axis=0))[None]"),
    ),
    wrong(
        "relu",
        "maxout_bias_misaligned",
        "Adding b of shape (K, M) to an array of shape (K, N, M) lines K up with N: it fails, or goes wrong in silence when K = N. "
        "Give b an axis for N.",
        (PIECES, "pieces = x @ W + b"),
    ),
)

Y_HAT = "return sigmoid(x @ w + b)"
PERCEPTRON = (
    wrong(
        "perceptron",
        "perceptron_no_bias",
        "Your ŷ does not depend on b: without it every line goes through the origin.",
        (Y_HAT, "return sigmoid(x @ w)"),
    ),
    wrong(
        "perceptron",
        "perceptron_no_activation",
        "Your ŷ is the weighted sum itself, so it can be below 0 or above 1: the sigmoid is missing.",
        (Y_HAT, "return x @ w + b"),
    ),
    wrong(
        "perceptron",
        "perceptron_step",
        "Your ŷ is only ever 0 or 1: that is a step. This perceptron has the sigmoid.",
        (Y_HAT, "return np.where(x @ w + b > 0, 1.0, 0.0)"),
    ),
    wrong(
        "perceptron",
        "perceptron_relu",
        "Your ŷ is 0 on one side of the line and grows without bound on the other: that is ReLU. This perceptron has the sigmoid.",
        (Y_HAT, "return np.maximum(x @ w + b, 0)"),
    ),
    wrong(
        "perceptron",
        "perceptron_tanh",
        "Your ŷ runs from −1 to 1, and is 0 on the line: that is tanh. This perceptron has the sigmoid, which is ½ there.",
        (Y_HAT, "return tanh(x @ w + b)"),
    ),
    wrong(
        "perceptron",
        "perceptron_bias_subtracted",
        "Your ŷ is right only for b = 0: the bias is added, not subtracted.",
        (Y_HAT, "return sigmoid(x @ w - b)"),
    ),
    wrong(
        "perceptron",
        "perceptron_bias_outside",
        "You add b after the sigmoid: it belongs to the sum inside, where it moves the line.",
        (Y_HAT, "return sigmoid(x @ w) + b"),
    ),
    wrong(
        "perceptron",
        "perceptron_column",
        "Your numbers are right, but they stand in a column (N, 1). One number for each example has shape (N,).",
        (Y_HAT, "return sigmoid(x @ w.reshape(-1, 1) + b)"),
    ),
    wrong(
        "perceptron",
        "perceptron_in_place",
        "Your ŷ is right, but x is not the same afterwards: x *= w writes into the caller's array.",
        (Y_HAT, "x *= w\n    return sigmoid(x.sum(axis=1) + b)"),
    ),
    wrong(
        "perceptron",
        "perceptron_overflow",
        "Your ŷ is nan for large sums: exp(1000) is inf, and inf/inf is nan. It takes a sigmoid that is safe for every x, as in the first exercise.",
        (Y_HAT, "z = x @ w + b\n    return np.exp(z) / (1 + np.exp(z))"),
    ),
)

XOR_W1, XOR_B1 = "W1 = np.array([[20.0, -20.0], [20.0, -20.0]])", "b1 = np.array([-10.0, 30.0])"
XOR = (
    wrong(
        "xor_weights",
        "xor_small_weights",
        "Your lines are right for a step, but a sigmoid of ±0.5 is close to 1/2. Multiply the weights and biases by the same large number.",
        (XOR_W1, "W1 = np.array([[1.0, -1.0], [1.0, -1.0]])"),
        (XOR_B1, "b1 = np.array([-0.5, 1.5])"),
        ("w2 = np.array([20.0, 20.0])", "w2 = np.array([1.0, 1.0])"),
        ("b2 = -30.0", "b2 = -1.5"),
    ),
    wrong(
        "xor_weights",
        "xor_units_in_rows",
        "Your W1 is transposed: column j, not row j, holds the weights of hidden unit j, since the layer is x @ W1.",
        (XOR_W1, "W1 = np.array([[20.0, 20.0], [-20.0, -20.0]])"),
    ),
    wrong(
        "xor_weights",
        "xor_nand_never_on",
        "One hidden unit is never on: −20x₁ − 20x₂ needs a positive bias to be NAND.",
        (XOR_B1, "b1 = np.array([-10.0, -30.0])"),
    ),
    wrong(
        "xor_weights",
        "xor_output_is_or",
        "Your output unit says yes when either hidden unit does, which is always. Both must be on (AND).",
        ("b2 = -30.0", "b2 = -10.0"),
    ),
    wrong(
        "xor_weights",
        "xor_and_for_nand",
        "Your network computes AND: the second hidden unit is on at (1, 1), where it should be off (NAND).",
        (XOR_W1, "W1 = np.array([[20.0, 20.0], [20.0, 20.0]])"),
        (XOR_B1, "b1 = np.array([-10.0, -30.0])"),
    ),
    wrong(
        "xor_weights",
        "xor_bias_array",
        "Your network is right, but b2 is an array: the single output unit has one number as its bias.",
        ("b2 = -30.0", "b2 = np.array([-30.0])"),
    ),
)

AFFINE_OUT = "out = x.reshape(x.shape[0], -1) @ w + b"
LAYERS = (
    wrong("affine_forward", "affine_no_bias", "Your out is x·w: b is missing.", (AFFINE_OUT, "out = x.reshape(x.shape[0], -1) @ w")),
    wrong(
        "affine_forward",
        "affine_bias_subtracted",
        "Your out is x·w − b: the bias is added.",
        (AFFINE_OUT, "out = x.reshape(x.shape[0], -1) @ w - b"),
    ),
    wrong(
        "affine_forward",
        "affine_fortran_flatten",
        "Images come out flattened column by column (order F): the pixels meet the weights of other pixels. NumPy's usual order has "
        "the last axis fastest.",
        (AFFINE_OUT, 'out = x.reshape(x.shape[0], -1, order="F") @ w + b'),
    ),
    wrong(
        "affine_forward",
        "affine_memory_order",
        "Your answer changes when the same x lies in memory in Fortran order: order A or K follows the memory, not the indices.",
        (AFFINE_OUT, 'out = x.reshape(x.shape[0], -1, order="A") @ w + b'),
    ),
    wrong(
        "affine_forward",
        "affine_examples_mixed",
        "Your rows mix pixels of different examples: the first axis counts the examples, so it must stay in place when you reshape.",
        (AFFINE_OUT, "out = x.reshape(-1, x.shape[0]).T @ w + b"),
    ),
    wrong(
        "affine_forward",
        "affine_squeezed",
        "Axes of length 1 disappear from your out: a batch of one still has shape (1, M), a layer of width one (N, 1).",
        (AFFINE_OUT, "out = np.squeeze(x.reshape(x.shape[0], -1) @ w + b)"),
    ),
    wrong(
        "affine_forward",
        "affine_bias_column",
        "You add b down the rows, one for each example; it has one entry for each unit and is added to every row.",
        (AFFINE_OUT, "out = x.reshape(x.shape[0], -1) @ w + b.reshape(-1, 1)"),
    ),
    wrong(
        "affine_forward",
        "affine_shape_assigned",
        "Your numbers are right, but x has another shape afterwards: x.shape = … changes the caller's array, x.reshape(…) does not.",
        (AFFINE_OUT, "x.shape = (x.shape[0], -1)\n    out = x @ w + b"),
    ),
    wrong(
        "affine_forward",
        "affine_integer_array",
        "For integer x your out is cut to whole numbers: it was written into an array of x's type.",
        (AFFINE_OUT, "out = np.zeros((x.shape[0], w.shape[1]), dtype=x.dtype)\n    out[...] = x.reshape(x.shape[0], -1) @ w + b"),
    ),
    wrong(
        "affine_forward",
        "affine_with_relu",
        "Your out has no negative numbers: the affine layer has no activation, that is a layer of its own.",
        (AFFINE_OUT, "out = np.maximum(x.reshape(x.shape[0], -1) @ w + b, 0)"),
    ),
    wrong(
        "relu_forward",
        "relu_forward_in_place",
        "Your out is right, but x is overwritten: the backward pass could no longer see which entries were negative.",
        ("out = np.maximum(x, 0)", "x[x < 0] = 0\n    out = x"),
    ),
    wrong(
        "relu_forward",
        "relu_forward_mask",
        "Your out holds only 0 and 1: that is where x is positive, not x there.",
        ("out = np.maximum(x, 0)", "out = (x > 0).astype(float)"),
    ),
    wrong(
        "relu_forward",
        "relu_forward_minimum",
        "Your out keeps the negative numbers and drops the positive ones: it is the larger of x and 0.",
        ("out = np.maximum(x, 0)", "out = np.minimum(x, 0)"),
    ),
    wrong(
        "relu_forward",
        "relu_forward_leaky",
        "Your out is not 0 for negative x: this is a leaky ReLU.",
        ("out = np.maximum(x, 0)", "out = np.where(x > 0, x, 0.01 * x)"),
    ),
)

SHIFT, LOG_SUM = "shifted = x - x.max(axis=1, keepdims=True)", "return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"
SOFTMAX, HOT = "return np.exp(log_softmax(x))", "rows[np.arange(len(y)), y] = 1"
SOFT = (
    wrong(
        "log_softmax",
        "softmax_no_shift",
        "Large scores give inf or nan: exp(1000) overflows. Subtract the largest score of each row first; it cancels.",
        (SHIFT, "shifted = x"),
    ),
    wrong(
        "log_softmax",
        "softmax_global_max",
        "A row far below the others gives −inf or nan: you subtract the largest score of the whole batch, so all its exponentials "
        "become 0.",
        (SHIFT, "shifted = x - x.max()"),
    ),
    wrong(
        "log_softmax",
        "softmax_abs_shift",
        "A row of scores near −1000 gives −inf or nan: you subtract the largest |score|, which makes negative scores still smaller. Subtract the largest score.",
        (SHIFT, "shifted = x - np.abs(x).max(axis=1, keepdims=True)"),
    ),
    wrong(
        "log_softmax",
        "softmax_mean_shift",
        "One score far above the others still overflows: what you subtract from a row (its mean, say, or its smallest score) leaves large exponents. Subtract the largest.",
        (SHIFT, "shifted = x - x.mean(axis=1, keepdims=True)"),
    ),
    wrong(
        "log_softmax",
        "softmax_over_batch",
        "Your columns sum to 1, not your rows: the classes of one example compete, so max and sum run along axis 1.",
        (SHIFT, "shifted = x - x.max(axis=0, keepdims=True)"),
        (LOG_SUM, "return shifted - np.log(np.exp(shifted).sum(axis=0, keepdims=True))"),
    ),
    wrong(
        "log_softmax",
        "log_of_softmax",
        "log_softmax is −inf where the probability rounds to 0: do not take the logarithm of a softmax, subtract log(sum) from the "
        "shifted scores.",
        (LOG_SUM, "e = np.exp(shifted)\n    return np.log(e / e.sum(axis=1, keepdims=True))"),
    ),
    wrong(
        "log_softmax",
        "log_softmax_epsilon",
        "Your log_softmax never goes below −18.4: log(p + 1e-8) hides the overflow but changes every answer. Subtract log(sum) from "
        "the shifted scores.",
        (LOG_SUM, "e = np.exp(shifted)\n    return np.log(e / e.sum(axis=1, keepdims=True) + 1e-8)"),
    ),
    wrong(
        "log_softmax",
        "log_softmax_shift_lost",
        "Your log_softmax is off by the largest score of each row: the sum was taken of the shifted scores, so subtract its "
        "logarithm from the shifted scores too.",
        (LOG_SUM, "return x - np.log(np.exp(shifted).sum(axis=1, keepdims=True))"),
    ),
    wrong(
        "log_softmax",
        "log_softmax_axis_lost",
        "A sum of shape (N,) cannot be subtracted from (N, C), and for N = C it is subtracted along the wrong axis in silence: "
        "keepdims=True keeps it a column.",
        (LOG_SUM, "return shifted - np.log(np.exp(shifted).sum(axis=1))"),
    ),
    wrong(
        "log_softmax",
        "log_softmax_in_place",
        "Your log_softmax is right, but the scores are shifted afterwards: x -= … writes into the caller's array.",
        (SHIFT, "x -= x.max(axis=1, keepdims=True)\n    shifted = x"),
    ),
    wrong(
        "log_softmax",
        "softmax_unnormalised",
        "The rows of your softmax do not sum to 1: the division by the sum is missing.",
        (SOFTMAX, "return np.exp(x - x.max(axis=1, keepdims=True))"),
    ),
    wrong(
        "log_softmax",
        "softmax_twice",
        "Your softmax is too even: it was applied twice, the second time to probabilities.",
        (SOFTMAX, "return np.exp(log_softmax(np.exp(log_softmax(x))))"),
    ),
    wrong(
        "log_softmax",
        "one_hot_every_label",
        "Your one_hot has several ones in a row: rows[:, y] sets these columns in all rows. Pair each row with its own label.",
        (HOT, "rows[:, y] = 1"),
    ),
    wrong(
        "log_softmax",
        "one_hot_width_from_labels",
        "Your one_hot has too few columns when the last classes do not occur: C says how many there are.",
        ("rows = np.zeros((len(y), C))", "rows = np.zeros((len(y), y.max() + 1))"),
    ),
    wrong(
        "log_softmax",
        "one_hot_from_one",
        "Your ones stand one column too far left: labels start at 0.",
        (HOT, "rows[np.arange(len(y)), y - 1] = 1"),
    ),
    wrong(
        "log_softmax",
        "one_hot_transposed",
        "Your one_hot has one column for each example; it should have one row for each.",
        ("return rows", "return rows.T"),
    ),
    wrong(
        "log_softmax",
        "one_hot_integers",
        "Your one_hot holds integers: it stands for probabilities, which are float64.",
        ("rows = np.zeros((len(y), C))", "rows = np.zeros((len(y), C), dtype=int)"),
    ),
)

SQUARES, ERROR = "return np.mean(error**2)", "error = pred.reshape(-1) - y"
LOG_P, LOG_Q, BCE = (
    "log_p = np.maximum(np.log(p), -100)",
    "log_q = np.maximum(np.log(1 - p), -100)",
    "return -np.mean(y * log_p + (1 - y) * log_q)",
)
CE_LOG, CE = "log_p = log_softmax(scores)", "return -np.mean(log_p[np.arange(len(y)), y])"
LOSSES = (
    wrong(
        "mse_loss",
        "mse_sum",
        "Your mse_loss is N times too large: it is the mean over the batch, not the sum.",
        (SQUARES, "return np.sum(error**2)"),
    ),
    wrong(
        "mse_loss",
        "mse_half",
        "Your mse_loss is half of what it should be: some books put a ½ in front, this definition does not.",
        (SQUARES, "return 0.5 * np.mean(error**2)"),
    ),
    wrong("mse_loss", "mse_root", "Your mse_loss is the root of the mean squared error.", (SQUARES, "return np.sqrt(np.mean(error**2))")),
    wrong(
        "mse_loss",
        "mse_in_place",
        "Your mse_loss is right, but pred is not the same afterwards: reshape gives a view, and -= writes through it into the caller's array.",
        ("error = pred.reshape(-1) - y", "error = pred.reshape(-1)\n    error -= y"),
    ),
    wrong("mse_loss", "mse_absolute", "You average the absolute errors; square them instead.", (SQUARES, "return np.mean(np.abs(error))")),
    wrong(
        "mse_loss",
        "mse_broadcast",
        "For pred of shape (N, 1) every prediction is compared with every target: (N, 1) − (N,) is an (N, N) table. Bring both to "
        "(N,) first.",
        (ERROR, "error = pred - y"),
    ),
    wrong(
        "mse_loss",
        "bce_epsilon",
        "Your loss is off for very small p: log(p + 1e-8) changes p. Cut the logarithm off at −100 instead.",
        (LOG_P, "log_p = np.log(p + 1e-8)"),
        (LOG_Q, "log_q = np.log(1 - p + 1e-8)"),
    ),
    wrong(
        "mse_loss",
        "bce_clipped",
        "A certain wrong answer costs less than 100 with you: clipping p at 1e-12 cuts its logarithm off at −27.6. Cut off the "
        "logarithm, at −100.",
        ("p = p.reshape(-1)", "p = np.clip(p.reshape(-1), 1e-12, 1 - 1e-12)"),
    ),
    wrong(
        "mse_loss",
        "bce_not_cut",
        "Your loss is nan or infinite when p is exactly 0 or 1: 0·log 0 is nan on a computer. Cut each logarithm off at −100 before "
        "you multiply.",
        (LOG_P, "log_p = np.log(p)"),
        (LOG_Q, "log_q = np.log(1 - p)"),
    ),
    wrong(
        "mse_loss",
        "bce_only_zero_cut",
        "You replace the logarithm only where p is exactly 0: the rule cuts off every logarithm below −100, such as that of 1e-60.",
        (LOG_P, "log_p = np.where(p > 0, np.log(p), -100)"),
        (LOG_Q, "log_q = np.where(p < 1, np.log(1 - p), -100)"),
    ),
    wrong(
        "mse_loss",
        "bce_one_sided",
        "Examples with y = 0 cost nothing with you: the term (1 − y)·log(1 − p) is missing.",
        (BCE, "return -np.mean(y * log_p)"),
    ),
    wrong(
        "mse_loss",
        "bce_swapped",
        "You pay for right answers: y belongs to log p, 1 − y to log(1 − p).",
        (BCE, "return -np.mean((1 - y) * log_p + y * log_q)"),
    ),
    wrong(
        "mse_loss",
        "bce_sum",
        "Your binary_cross_entropy is N times too large: it is the mean over the batch.",
        (BCE, "return -np.sum(y * log_p + (1 - y) * log_q)"),
    ),
    wrong(
        "mse_loss",
        "bce_sign",
        "Your binary_cross_entropy is negative: the logarithm of a probability is at most 0, and the loss is minus that.",
        (BCE, "return np.mean(y * log_p + (1 - y) * log_q)"),
    ),
    wrong(
        "mse_loss",
        "bce_broadcast",
        "For p of shape (N, 1) every probability is compared with every target: the product is an (N, N) table. Bring p to (N,) first.",
        ("    p = p.reshape(-1)\n", ""),
    ),
    wrong(
        "mse_loss",
        "ce_sum",
        "Your cross_entropy is N times too large: it is the mean over the batch.",
        (CE, "return -np.sum(log_p[np.arange(len(y)), y])"),
    ),
    wrong(
        "mse_loss",
        "ce_mean_over_classes",
        "Your cross_entropy is divided by the number of classes: only one entry of each row counts, so divide by N alone.",
        (CE, "return -np.sum(log_p[np.arange(len(y)), y]) / log_p.size"),
    ),
    wrong(
        "mse_loss",
        "ce_softmax_twice",
        "Your loss changes too little with the scores: softmax is applied to probabilities again. log_softmax takes the raw scores.",
        (CE_LOG, "log_p = log_softmax(softmax(scores))"),
    ),
    wrong(
        "mse_loss",
        "ce_epsilon",
        "Your loss never exceeds 18.4 for one example: log(p + 1e-8) changes small probabilities. Use log_softmax.",
        (CE_LOG, "log_p = np.log(softmax(scores) + 1e-8)"),
    ),
    wrong(
        "mse_loss",
        "ce_log_of_softmax",
        "Your loss is infinite for large scores: a probability that rounds to 0 has the logarithm −inf. Use log_softmax.",
        (CE_LOG, "log_p = np.log(softmax(scores))"),
    ),
    wrong(
        "mse_loss",
        "ce_all_pairs",
        "log_p[:, y] takes every label from every row. Pair row n with label y[n].",
        (CE, "return -np.mean(log_p[:, y])"),
    ),
    wrong(
        "mse_loss",
        "ce_raw_scores",
        "Your loss is minus the score of the right class: without the softmax the other scores do not count.",
        (CE_LOG, "log_p = scores"),
    ),
    wrong(
        "mse_loss",
        "ce_sign",
        "Your cross_entropy is negative: a log-probability is at most 0, and the loss is minus that.",
        (CE, "return np.mean(log_p[np.arange(len(y)), y])"),
    ),
)

HE, XAVIER = (
    "return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)",
    "return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / (fan_in + fan_out))",
)
INIT = (
    wrong(
        "he_init",
        "he_without_two",
        "Your variance is half of what it should be: the 2 makes up for the half that ReLU sets to 0.",
        (HE, "return rng.standard_normal((fan_in, fan_out)) * np.sqrt(1 / fan_in)"),
    ),
    wrong(
        "he_init",
        "he_without_root",
        "Your standard deviation is 2/fan_in; this is the variance. The factor is its square root.",
        (HE, "return rng.standard_normal((fan_in, fan_out)) * (2 / fan_in)"),
    ),
    wrong(
        "he_init",
        "he_fan_out",
        "Your variance depends on fan_out: a unit adds up fan_in terms, so that is what counts.",
        (HE, "return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_out)"),
    ),
    wrong(
        "he_init",
        "he_transposed",
        "Your weights have shape (fan_out, fan_in): with x @ w the inputs come first.",
        (HE, "return rng.standard_normal((fan_out, fan_in)) * np.sqrt(2 / fan_in)"),
    ),
    wrong(
        "he_init",
        "he_positive",
        "All your weights are positive: rng.random draws from 0 to 1. The mean must be 0.",
        (HE, "return rng.random((fan_in, fan_out)) * np.sqrt(2 / fan_in)"),
    ),
    wrong(
        "he_init",
        "he_narrow_uniform",
        "Your variance is a third of what it should be: uniform numbers from −s to s have variance s²/3.",
        (HE, "s = np.sqrt(2 / fan_in)\n    return rng.uniform(-s, s, (fan_in, fan_out))"),
    ),
    wrong(
        "he_init",
        "he_own_generator",
        "You make a new generator inside, so every layer gets the same numbers. Draw from the rng that you are given.",
        (HE, "return np.random.default_rng(0).standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)"),
    ),
    wrong(
        "he_init",
        "he_equal_units",
        "All units start with the same weights, and would stay equal for ever: draw a number for every entry.",
        (HE, "return rng.standard_normal((fan_in, 1)) * np.ones((1, fan_out)) * np.sqrt(2 / fan_in)"),
    ),
    wrong(
        "he_init",
        "xavier_fan_in_only",
        "Your Xavier variance is 1/fan_in; here it takes the middle, 2/(fan_in + fan_out).",
        (XAVIER, "return rng.standard_normal((fan_in, fan_out)) * np.sqrt(1 / fan_in)"),
    ),
    wrong(
        "he_init",
        "xavier_without_two",
        "Your Xavier variance is half of what it should be: one over the *mean* of fan_in and fan_out.",
        (XAVIER, "return rng.standard_normal((fan_in, fan_out)) * np.sqrt(1 / (fan_in + fan_out))"),
    ),
    wrong(
        "he_init",
        "xavier_without_root",
        "Your Xavier standard deviation is 2/(fan_in + fan_out); this is the variance. Take its square root.",
        (XAVIER, "return rng.standard_normal((fan_in, fan_out)) * (2 / (fan_in + fan_out))"),
    ),
    wrong(
        "he_init",
        "xavier_is_he",
        "Your xavier_init is he_init: fan_out plays no part in it.",
        (XAVIER, "return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)"),
    ),
    wrong(
        "he_init",
        "xavier_six",
        "Your Xavier variance is three times too large: √(6/(fan_in + fan_out)) is the limit of a uniform draw, not a standard deviation.",
        (XAVIER, "return rng.standard_normal((fan_in, fan_out)) * np.sqrt(6 / (fan_in + fan_out))"),
    ),
)

FIRST, BEND = 'a, _ = affine_forward(X, params["W1"], params["b1"])', "h, _ = relu_forward(a)"
SECOND, SCORES = 'scores, _ = affine_forward(h, params["W2"], params["b2"])', "return scores"
NETWORK = (
    wrong(
        "two_layer_forward", "two_layer_linear", "Your network is linear: without the ReLU in between, two layers are one.", (BEND, "h = a")
    ),
    wrong(
        "two_layer_forward",
        "two_layer_relu_on_scores",
        "Your scores are never negative: there is no ReLU after the last layer.",
        (SCORES, "return np.maximum(scores, 0)"),
    ),
    wrong(
        "two_layer_forward",
        "two_layer_softmax",
        "Your scores are probabilities: the softmax is inside the loss, this function returns raw scores.",
        (SCORES, "return softmax(scores)"),
    ),
    wrong("two_layer_forward", "two_layer_no_b1", "Your hidden layer leaves out b1.", (FIRST, 'a = X @ params["W1"]')),
    wrong("two_layer_forward", "two_layer_no_b2", "Your scores leave out b2.", (SECOND, 'scores = h @ params["W2"]')),
    wrong(
        "two_layer_forward",
        "two_layer_bias_after_relu",
        "You add b1 after the ReLU: it belongs to the sum before, where it decides when a unit switches on.",
        (FIRST, 'a = X @ params["W1"]'),
        (BEND, 'h = np.maximum(a, 0) + params["b1"]'),
    ),
    wrong("two_layer_forward", "two_layer_tanh", "Your hidden layer has a tanh; this network has ReLU.", (BEND, "h = tanh(a)")),
    wrong("two_layer_forward", "two_layer_sigmoid", "Your hidden layer has a sigmoid; this network has ReLU.", (BEND, "h = sigmoid(a)")),
    wrong(
        "two_layer_forward",
        "two_layer_relu_first",
        "You apply the ReLU to the input instead of the hidden layer: negative inputs are lost.",
        (FIRST, 'h, _ = relu_forward(X)\n    a, _ = affine_forward(h, params["W1"], params["b1"])'),
        (BEND, "h = a"),
    ),
    wrong(
        "two_layer_forward",
        "two_layer_squeezed",
        "Axes of length 1 disappear from your scores: a batch of one still has shape (1, C), a single class (N, 1).",
        (SCORES, "return np.squeeze(scores)"),
    ),
    wrong(
        "two_layer_forward",
        "two_layer_pops",
        "Your scores are right, but params is not the same afterwards: pop removes an entry and params[…] = … replaces it; params[…] alone only reads.",
        (FIRST, 'a, _ = affine_forward(X, params.pop("W1"), params["b1"])'),
    ),
    wrong(
        "predict",
        "predict_over_batch",
        "You look for the best example of each class: the largest score of each *row* is along axis 1.",
        ("return np.argmax(scores, axis=1)", "return np.argmax(scores, axis=0)"),
    ),
    wrong(
        "predict",
        "predict_value",
        "You return the largest score itself; the prediction is its place.",
        ("return np.argmax(scores, axis=1)", "return np.max(scores, axis=1)"),
    ),
    wrong(
        "predict",
        "predict_from_one",
        "Your labels are one too large: classes are counted from 0, as argmax counts them.",
        ("return np.argmax(scores, axis=1)", "return np.argmax(scores, axis=1) + 1"),
    ),
    wrong(
        "predict",
        "predict_smallest",
        "You return the class with the smallest score.",
        ("return np.argmax(scores, axis=1)", "return np.argmin(scores, axis=1)"),
    ),
    wrong(
        "predict",
        "predict_last_of_equals",
        "Among equal scores you take the last class; take the first.",
        ("return np.argmax(scores, axis=1)", "return scores.shape[1] - 1 - np.argmax(scores[:, ::-1], axis=1)"),
    ),
    wrong(
        "predict",
        "predict_magnitude",
        "You choose the largest |score|: a score of −9 speaks against a class, not for it.",
        ("return np.argmax(scores, axis=1)", "return np.argmax(np.abs(scores), axis=1)"),
    ),
    wrong(
        "predict",
        "predict_column",
        "Your labels stand in a column (N, 1); compared with y of shape (N,), every row meets every label. One label for each row "
        "has shape (N,).",
        ("return np.argmax(scores, axis=1)", "return np.argmax(scores, axis=1, keepdims=True)"),
    ),
    wrong(
        "predict",
        "accuracy_percent",
        "Your accuracy is a percentage; it is a share between 0 and 1.",
        ("return np.mean(predict(scores) == y)", "return 100 * np.mean(predict(scores) == y)"),
    ),
    wrong(
        "predict",
        "accuracy_count",
        "Your accuracy counts the right rows; divide by their number.",
        ("return np.mean(predict(scores) == y)", "return np.sum(predict(scores) == y)"),
    ),
    wrong(
        "predict",
        "accuracy_errors",
        "You return the share of errors.",
        ("return np.mean(predict(scores) == y)", "return np.mean(predict(scores) != y)"),
    ),
    wrong(
        "predict",
        "accuracy_over_classes",
        "You divide by the number of classes; divide by the number of rows.",
        ("return np.mean(predict(scores) == y)", "return np.sum(predict(scores) == y) / scores.shape[1]"),
    ),
)

MEAN, STD, RELU_STEP = "means.append(h.mean())", "stds.append(h.std())", "h, _ = relu_forward(a)"
STATS = (
    wrong(
        "activation_stats",
        "stats_before_relu",
        "Your numbers describe the layers before the ReLU: measure h, after it.",
        (MEAN, "means.append(a.mean())"),
        (STD, "stds.append(a.std())"),
    ),
    wrong("activation_stats", "stats_without_relu", "There is no ReLU between your layers.", (RELU_STEP, "h = a")),
    wrong(
        "activation_stats",
        "stats_layers_not_chained",
        "Every layer gets X: each should get the output of the one before.",
        ("affine_forward(h, W, b)", "affine_forward(X, W, b)"),
    ),
    wrong("activation_stats", "stats_no_bias", "Your layers leave out b.", ("a, _ = affine_forward(h, W, b)", "a = h @ W")),
    wrong("activation_stats", "stats_variance", "Your stds are variances: the square root is missing.", (STD, "stds.append(h.var())")),
    wrong(
        "activation_stats",
        "stats_sample_deviation",
        "Your stds are slightly too large: you divide by the number of entries minus one.",
        (STD, "stds.append(h.std(ddof=1) if h.size > 1 else np.nan)"),
    ),
    wrong(
        "activation_stats",
        "stats_per_unit",
        "You average the deviations of the single units: take one standard deviation over all entries of the layer.",
        (STD, "stds.append(h.std(axis=0).mean())"),
    ),
    wrong(
        "activation_stats",
        "stats_around_zero",
        "Your stds measure the distance from 0, not from the mean.",
        (STD, "stds.append(np.sqrt((h**2).mean()))"),
    ),
    wrong(
        "activation_stats",
        "stats_active_only",
        "You average over the positive activations only: zeros count too.",
        (MEAN, "means.append(h[h > 0].mean() if (h > 0).any() else 0.0)"),
    ),
    wrong(
        "activation_stats",
        "stats_with_input",
        "Your results have L + 1 entries: the input X is not a layer.",
        ("means, stds = [], []", "means, stds = [X.mean()], [X.std()]"),
    ),
    wrong(
        "activation_stats",
        "stats_pops",
        "Your numbers are right, but params_list is empty afterwards: pop takes the layers out of the caller's list.",
        ("for W, b in params_list:", "while params_list:\n        W, b = params_list.pop(0)"),
    ),
    wrong(
        "activation_stats",
        "stats_last_layer_only",
        "All your entries are those of the last layer: measure after each one.",
        ("return np.array(means), np.array(stds)", "return np.full(len(means), means[-1]), np.full(len(stds), stds[-1])"),
    ),
)

MISCONCEPTIONS = (*SMOOTH, *PIECEWISE, *PERCEPTRON, *XOR, *LAYERS, *SOFT, *LOSSES, *INIT, *NETWORK, *STATS)
