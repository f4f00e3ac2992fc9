"""Wrong answers to u01_linear_algebra that people give, each with the hint they read."""

from autograder.authoring.variants import Misconception

INNER_PRODUCT = (
    Misconception(
        id="inner_elementwise",
        exercise="inner_product",
        hint="You return the vector of products u_i·v_i. The inner product is one number: these products are still to be added up.",
        edits=(("return np.sum(u * v)", "return u * v"),),
    ),
    Misconception(
        id="inner_every_pair",
        exercise="inner_product",
        hint="Your number is (sum of u)·(sum of v): every entry of u was multiplied with every entry of v, as (n, 1) times (n,) does. "
        "Only entries at the same place belong together.",
        edits=(("np.sum(u * v)", "np.sum(u[:, None] * v)"),),
    ),
    Misconception(
        id="inner_array_of_one",
        exercise="inner_product",
        hint="Your value is right, but it comes in an array of shape (1,). An inner product is a single number, without axes.",
        edits=(("np.sum(u * v)", "np.sum(u * v, keepdims=True)"),),
    ),
    Misconception(
        id="inner_mean",
        exercise="inner_product",
        hint="Your number is exactly n times too small: the products are added up, not averaged.",
        edits=(("np.sum(u * v)", "np.mean(u * v)"),),
    ),
    Misconception(
        id="inner_cosine",
        exercise="inner_product",
        hint="Your number lies between −1 and 1: it is the cosine of the angle. The inner product also contains the two lengths; do not divide by them.",
        edits=(("np.sum(u * v)", "np.sum(u * v) / np.sqrt(np.sum(u**2) * np.sum(v**2))"),),
    ),
    Misconception(
        id="inner_absolute",
        exercise="inner_product",
        hint="Your number is never negative. Products of entries with opposite signs count as negative; that is how the inner product tells apart vectors that point apart.",
        edits=(("np.sum(u * v)", "np.sum(np.abs(u * v))"),),
    ),
    Misconception(
        id="inner_last_missing",
        exercise="inner_product",
        hint="Your sum leaves out the last entry. A loop over all n entries runs over range(n); a slice [:-1] stops one early.",
        edits=(("np.sum(u * v)", "np.sum(u[:-1] * v[:-1])"),),
    ),
    Misconception(
        id="inner_pixels_overflow",
        exercise="inner_product",
        hint="Your products of uint8 pixels overflow: in uint8 everything is taken modulo 256. Convert to float64 before multiplying.",
        edits=(("    u = np.asarray(u, dtype=np.float64)  # float64 times any type is float64\n", ""),),
    ),
    Misconception(
        id="inner_fractions_cut",
        exercise="inner_product",
        hint="With whole numbers in u, the fractions of v are cut off: v was converted to the type of u. Convert both to float64.",
        edits=(("u = np.asarray(u, dtype=np.float64)", "v = np.asarray(v).astype(u.dtype)"),),
    ),
    Misconception(
        id="inner_in_place",
        exercise="inner_product",
        hint="Your function overwrites u with the products (u *= v): the caller's vector is changed. np.asarray makes no copy when the type is already right.",
        edits=(("return np.sum(u * v)", "u *= v\n    return np.sum(u)"),),
    ),
    Misconception(
        id="inner_float32",
        exercise="inner_product",
        hint="Your number has only seven digits: you convert to float32. With float64, 20000001 − 20000000 is 1.",
        edits=(("    u = np.asarray(u, dtype=np.float64)  # float64 times any type is float64\n", "    u, v = np.asarray(u, dtype=np.float32), np.asarray(v, dtype=np.float32)\n"),),
    ),
    Misconception(
        id="inner_whole_number",
        exercise="inner_product",
        hint="Your number has lost its fraction: int() cuts it off. Return a float.",
        edits=(("return np.sum(u * v)", "return int(np.sum(u * v))"),),
    ),
)

MATVEC = (
    Misconception(
        id="matvec_transposed",
        exercise="matvec_columns",
        hint="Your columns are rows: you mix A[j], the rows of A, so the result is Aᵀx. Column j is A[:, j].",
        edits=(("x[j] * A[:, j]", "x[j] * A[j]"),),
    ),
    Misconception(
        id="matvec_elementwise",
        exercise="matvec_columns",
        hint="Your matvec_rows returns a table of shape (M, N): A * x scales the columns but does not add them up. Entry i is the sum over row i.",
        edits=(("entries[i] = np.sum(A[i] * x)", "entries = A * x"),),
    ),
    Misconception(
        id="matvec_rows_wrong_axis",
        exercise="matvec_columns",
        hint="Your matvec_rows adds up along the columns: the result has N entries instead of M. Sum over j, the second axis.",
        source="""
def matvec_columns(A, x):
    return (np.asarray(A, dtype=np.float64) * x).sum(axis=1)


def matvec_rows(A, x):
    return (np.asarray(A, dtype=np.float64) * x).sum(axis=0)
""",
    ),
    Misconception(
        id="matvec_column_overwritten",
        exercise="matvec_columns",
        hint="Your matvec_columns keeps only the last column times its factor: each round overwrites the result instead of adding to it.",
        edits=(("result += x[j] * A[:, j]", "result = x[j] * A[:, j]"),),
    ),
    Misconception(
        id="matvec_column_missing",
        exercise="matvec_columns",
        hint="Your matvec_columns leaves out the last column. A has A.shape[1] columns; range() already stops before the end.",
        edits=(("range(A.shape[1])", "range(A.shape[1] - 1)"),),
    ),
    Misconception(
        id="matvec_counts_rows",
        exercise="matvec_columns",
        hint="Your loop over columns runs as often as A has rows: A.shape[0] counts rows, A.shape[1] columns.",
        edits=(("range(A.shape[1])", "range(A.shape[0])"),),
    ),
    Misconception(
        id="matvec_view_changed",
        exercise="matvec_columns",
        hint="Your matvec_columns destroys the first column of the caller's A: A[:, 0] is a view of A, and adding to it changes A. Start from np.zeros(M).",
        edits=(
            ("result = np.zeros(A.shape[0])", "result = A[:, 0]\n    result *= x[0]"),
            ("for j in range(A.shape[1]):", "for j in range(1, A.shape[1]):"),
        ),
    ),
    Misconception(
        id="matvec_integers_cut",
        exercise="matvec_columns",
        hint="For a matrix of whole numbers your matvec_rows cuts off fractions: an array made with A's integer type cannot hold them. Use float64.",
        edits=(
            (
                "A = np.asarray(A, dtype=np.float64)\n    entries = np.zeros(A.shape[0])",
                "A = np.asarray(A)\n    entries = np.zeros(A.shape[0], dtype=A.dtype)",
            ),
        ),
    ),
    Misconception(
        id="matvec_pixels_overflow",
        exercise="matvec_columns",
        hint="Your products overflow for uint8 pixels: in uint8 everything is taken modulo 256. Convert A to float64 first.",
        edits=(
            ("A = np.asarray(A, dtype=np.float64)\n    result", "A = np.asarray(A)\n    result"),
            ("A = np.asarray(A, dtype=np.float64)\n    entries", "A = np.asarray(A)\n    entries"),
        ),
    ),
    Misconception(
        id="matvec_squeezed",
        exercise="matvec_columns",
        hint="For a matrix of one row you return a bare number: squeeze() removes every axis of size 1, also the one that counts rows. The shape is (M,), here (1,).",
        edits=(("return result", "return result.squeeze()"), ("return entries", "return entries.squeeze()")),
    ),
    Misconception(
        id="matvec_as_column",
        exercise="matvec_columns",
        hint="Your matvec_rows returns shape (M, 1), a matrix with one column. The result is a vector, shape (M,).",
        edits=(("return entries", "return entries[:, None]"),),
    ),
)

MATMUL = (
    Misconception(
        id="matmul_star",
        exercise="matmul_loops",
        hint="Your matmul_broadcast is A * B, entry by entry; it needs equal shapes and sums nothing. The product pairs rows of A with columns of B.",
        edits=(("return (left * right).sum(axis=1)", "return np.asarray(A, dtype=np.float64) * B"),),
    ),
    Misconception(
        id="matmul_sum_over_rows",
        exercise="matmul_loops",
        hint="Your matmul_broadcast sums over axis 0, the rows of A, and returns shape (K, M). The axis to sum away is the shared one, K, in the middle.",
        edits=((".sum(axis=1)", ".sum(axis=0)"),),
    ),
    Misconception(
        id="matmul_sum_over_columns",
        exercise="matmul_loops",
        hint="Your matmul_broadcast sums over the last axis, the columns of B, and returns shape (N, K). The axis to sum away is the shared one, K, in the middle.",
        edits=((".sum(axis=1)", ".sum(axis=2)"),),
    ),
    Misconception(
        id="matmul_mean",
        exercise="matmul_loops",
        hint="Your matmul_broadcast is exactly K times too small: the products are added up, not averaged.",
        edits=((".sum(axis=1)", ".mean(axis=1)"),),
    ),
    Misconception(
        id="matmul_overwrites",
        exercise="matmul_loops",
        hint="Your matmul_loops keeps only the last product of each entry: inside the k loop the entry is overwritten where it should grow.",
        edits=(("C[i, j] += A[i, k] * B[k, j]", "C[i, j] = A[i, k] * B[k, j]"),),
    ),
    Misconception(
        id="matmul_b_transposed",
        exercise="matmul_loops",
        hint="Your matmul_loops reads B[j, k]: that pairs rows of A with rows of B, the product with Bᵀ. The shared index k is B's first.",
        edits=(("A[i, k] * B[k, j]", "A[i, k] * B[j, k]"),),
    ),
    Misconception(
        id="matmul_result_transposed",
        exercise="matmul_loops",
        hint="Your matmul_loops gives the transposed product, shape (M, N): row i of A belongs to row i of the result.",
        edits=(("return C\n", "return C.T\n"),),
    ),
    Misconception(
        id="matmul_not_reset",
        exercise="matmul_loops",
        hint="Your entries grow from one to the next: the running total is set to zero once, but each entry needs a fresh one.",
        edits=(
            ("    for i in range(N):\n", "    total = 0.0\n    for i in range(N):\n"),
            ("                C[i, j] += A[i, k] * B[k, j]", "                total += A[i, k] * B[k, j]\n            C[i, j] = total"),
        ),
    ),
    Misconception(
        id="matmul_starts_at_one",
        exercise="matmul_loops",
        hint="Your matmul_loops leaves out the first product of each entry: indices start at 0.",
        edits=(("for k in range(K):", "for k in range(1, K):"),),
    ),
    Misconception(
        id="matmul_wrong_length",
        exercise="matmul_loops",
        hint="Your k loop runs M times, as often as B has columns. k counts the shared axis: the columns of A, which are the rows of B.",
        edits=(("for k in range(K):", "for k in range(M):"),),
    ),
    Misconception(
        id="matmul_integers_cut",
        exercise="matmul_loops",
        hint="For whole numbers in A your matmul_loops cuts off fractions: an array made with A's integer type cannot hold them. Use float64.",
        edits=(
            ("    A = np.asarray(A, dtype=np.float64)\n", ""),
            ("C = np.zeros((N, M))", "C = np.zeros((N, M), dtype=A.dtype)"),
        ),
    ),
    Misconception(
        id="matmul_pixels_overflow",
        exercise="matmul_loops",
        hint="Your matmul_broadcast overflows for uint8 pixels: in uint8 everything is taken modulo 256. Convert to float64 before multiplying.",
        edits=(("np.asarray(A, dtype=np.float64)[:", "A[:"),),
    ),
    Misconception(
        id="matmul_squeezed",
        exercise="matmul_loops",
        hint="Your matmul_broadcast loses axes of size 1: squeeze() removes them all. The result of (N, K) times (K, M) always has shape (N, M).",
        edits=((".sum(axis=1)", ".sum(axis=1).squeeze()"),),
    ),
    Misconception(
        id="matmul_broadcast_b_transposed",
        exercise="matmul_loops",
        hint="Your matmul_broadcast multiplies with Bᵀ: the axes of B must come as (1, K, M), with the shared axis K in the middle.",
        edits=(("right = B[None, :, :]", "right = B.T[None, :, :]"),),
    ),
    Misconception(
        id="matmul_broadcast_swapped",
        exercise="matmul_loops",
        hint="Your matmul_broadcast computes B·A. The order matters: rows come from A, columns from B.",
        edits=(
            ("left = np.asarray(A, dtype=np.float64)", "left = np.asarray(B, dtype=np.float64)"),
            ("right = B[None, :, :]", "right = A[None, :, :]"),
        ),
    ),
    Misconception(
        id="matmul_broadcast_loops",
        exercise="matmul_loops",
        hint="Your matmul_broadcast has the right numbers but is as slow as the loops. Let NumPy do all products at once, on an array of shape (N, K, M).",
        edits=(("return (left * right).sum(axis=1)", "return matmul_loops(A, B)"),),
    ),
)

STANDARDIZE = (
    Misconception(
        id="standardize_rows",
        exercise="standardize",
        hint="You average along each row: axis=1 gives one mean per example. A mean per feature is taken over the examples, axis=0.",
        source="""
def standardize(X, eps):
    X = np.asarray(X, dtype=np.float64)
    mu = X.mean(axis=1)
    sd = X.std(axis=1)
    return (X - mu[:, None]) / (sd[:, None] + eps), mu, sd
""",
    ),
    Misconception(
        id="standardize_global_mean",
        exercise="standardize",
        hint="You subtract one mean of the whole table. Each column has a mean of its own; mu has shape (D,).",
        edits=(("mu = X.mean(axis=0)", "mu = np.full(X.shape[1], X.mean())"),),
    ),
    Misconception(
        id="standardize_global_deviation",
        exercise="standardize",
        hint="You divide by one deviation of the whole table. Each column has its own; sd has shape (D,).",
        edits=(("sd = np.sqrt((centred**2).mean(axis=0))", "sd = np.full(X.shape[1], np.sqrt((centred**2).mean()))"),),
    ),
    Misconception(
        id="standardize_ddof",
        exercise="standardize",
        hint="Your sd is a factor √(N/(N−1)) too large: it divides by N−1 (ddof=1). Here the deviation is with 1/N.",
        edits=(("sd = np.sqrt((centred**2).mean(axis=0))", "sd = X.std(axis=0, ddof=1)"),),
    ),
    Misconception(
        id="standardize_variance",
        exercise="standardize",
        hint="Your sd is the variance: the square root is missing.",
        edits=(("sd = np.sqrt((centred**2).mean(axis=0))", "sd = (centred**2).mean(axis=0)"),),
    ),
    Misconception(
        id="standardize_sum",
        exercise="standardize",
        hint="Your sd is a factor √N too large: the squares were added up but not divided by N.",
        edits=(("(centred**2).mean(axis=0)", "(centred**2).sum(axis=0)"),),
    ),
    Misconception(
        id="standardize_not_centred",
        exercise="standardize",
        hint="Your Z still has its means: X was divided by the deviation, but the mean was not subtracted.",
        edits=(("return centred / (sd + eps)", "return X / (sd + eps)"),),
    ),
    Misconception(
        id="standardize_eps_under_root",
        exercise="standardize",
        hint="You add eps to the variance, under the root: with a large eps the difference shows. Here it is added to the standard deviation.",
        edits=(("centred / (sd + eps)", "centred / np.sqrt(sd**2 + eps)"),),
    ),
    Misconception(
        id="standardize_eps_in_sd",
        exercise="standardize",
        hint="Your sd is too large by eps: eps only protects the division, the returned sd does not contain it.",
        edits=(
            ("sd = np.sqrt((centred**2).mean(axis=0))", "sd = np.sqrt((centred**2).mean(axis=0)) + eps"),
            ("centred / (sd + eps)", "centred / sd"),
        ),
    ),
    Misconception(
        id="standardize_no_eps",
        exercise="standardize",
        hint="eps is missing from your division, so a column of equal numbers becomes 0/0 = NaN.",
        edits=(("centred / (sd + eps)", "centred / sd"),),
    ),
    Misconception(
        id="standardize_eps_only_for_zero",
        exercise="standardize",
        hint="You use eps only where sd is zero. It is added to every deviation.",
        edits=(("centred / (sd + eps)", "centred / np.where(sd == 0, eps, sd)"),),
    ),
    Misconception(
        id="standardize_keepdims",
        exercise="standardize",
        hint="Your mu and sd have shape (1, D): keepdims=True keeps the averaged axis. Asked for is (D,), which broadcasts against (N, D) as well.",
        edits=(("return centred / (sd + eps), mu, sd", "return centred / (sd + eps), mu[None], sd[None]"),),
    ),
    Misconception(
        id="standardize_in_place",
        exercise="standardize",
        hint="Your function changes the caller's X (X -= mu works in place). np.asarray makes no copy when the type is already float64.",
        edits=(("centred = X - mu", "X -= mu\n    centred = X"),),
    ),
    Misconception(
        id="standardize_integers_cut",
        exercise="standardize",
        hint="For whole numbers your Z is cut off to whole numbers: np.zeros_like(X) and astype(X.dtype) keep the integer type.",
        edits=(
            ("X = np.asarray(X, dtype=np.float64)", "X = np.asarray(X)"),
            ("return centred / (sd + eps)", "return (centred / (sd + eps)).astype(X.dtype)"),
        ),
    ),
    Misconception(
        id="standardize_cancellation",
        exercise="standardize",
        hint="With large means your sd loses its digits: mean(X²) − mean(X)² subtracts two huge, nearly equal numbers. Centre first, then square.",
        edits=(("np.sqrt((centred**2).mean(axis=0))", "np.sqrt(np.maximum((X**2).mean(axis=0) - mu**2, 0))"),),
    ),
    Misconception(
        id="standardize_squeezed",
        exercise="standardize",
        hint="For a single example your Z loses an axis: squeeze() removes the axis of examples when there is only one. Z has the shape of X.",
        edits=(("return centred / (sd + eps), mu, sd", "return np.squeeze(centred / (sd + eps)), mu, sd"),),
    ),
    Misconception(
        id="standardize_order",
        exercise="standardize",
        hint="You return sd before mu; the order is Z, mu, sd.",
        edits=(("return centred / (sd + eps), mu, sd", "return centred / (sd + eps), sd, mu"),),
    ),
    Misconception(
        id="standardize_precedence",
        exercise="standardize",
        hint="You divide by sd and then add eps to the result: division comes before addition. Put sd + eps in parentheses.",
        edits=(("centred / (sd + eps)", "centred / sd + eps"),),
    ),
    Misconception(
        id="standardize_floor",
        exercise="standardize",
        hint="You use eps as the smallest deviation allowed, np.maximum(sd, eps). It is added to every deviation.",
        edits=(("centred / (sd + eps)", "centred / np.maximum(sd, eps)"),),
    ),
    Misconception(
        id="standardize_float32",
        exercise="standardize",
        hint="Your results have only seven digits: you convert to float32. The rule of this unit is float64.",
        edits=(("X = np.asarray(X, dtype=np.float64)", "X = np.asarray(X, dtype=np.float32)"),),
    ),
    Misconception(
        id="standardize_median",
        exercise="standardize",
        hint="You subtract the median of each column. The mean is the sum divided by N.",
        edits=(("mu = X.mean(axis=0)", "mu = np.median(X, axis=0)"),),
    ),
    Misconception(
        id="standardize_data_last",
        exercise="standardize",
        hint="You return mu and sd before Z; the order is Z, mu, sd.",
        edits=(("return centred / (sd + eps), mu, sd", "return mu, sd, centred / (sd + eps)"),),
    ),
)

DISTANCES = (
    Misconception(
        id="distances_no_cross_term",
        exercise="compute_distances_two_loops",
        hint="Your no_loops result is √(‖x‖² + ‖y‖²): the middle term −2·x·y is missing.",
        edits=(("squares_x - 2 * left @ right.T + squares_y", "squares_x + squares_y"),),
    ),
    Misconception(
        id="distances_factor_two",
        exercise="compute_distances_two_loops",
        hint="Your no_loops result has x·y once; in (x − y)² the middle term appears twice.",
        edits=(("- 2 * left @ right.T", "- left @ right.T"),),
    ),
    Misconception(
        id="distances_cross_sign",
        exercise="compute_distances_two_loops",
        hint="Your no_loops result is the length of x + y: the middle term of (x − y)² is negative.",
        edits=(("- 2 * left @ right.T", "+ 2 * left @ right.T"),),
    ),
    Misconception(
        id="distances_nan",
        exercise="compute_distances_two_loops",
        hint="For equal rows your no_loops result can be NaN: rounding makes the square −1e-14 or so, and its root is NaN. Replace negative values by 0 before the root.",
        edits=(("np.sqrt(np.maximum(squared, 0))", "np.sqrt(squared)"),),
    ),
    Misconception(
        id="distances_padded",
        exercise="compute_distances_two_loops",
        hint="Equal rows get a distance above 0: you add a small number under the root. Replace only the negative values, by 0.",
        edits=(("np.sqrt(np.maximum(squared, 0))", "np.sqrt(np.maximum(squared, 0) + 1e-6)"),),
    ),
    Misconception(
        id="distances_no_root",
        exercise="compute_distances_two_loops",
        hint="Your no_loops result holds the squared distances: the square root is missing.",
        edits=(("return np.sqrt(np.maximum(squared, 0))", "return np.maximum(squared, 0)"),),
    ),
    Misconception(
        id="distances_loops_no_root",
        exercise="compute_distances_two_loops",
        hint="Your two_loops result holds the squared distances: the square root is missing.",
        edits=(("np.sqrt(np.sum((X[i] - Y[j]) ** 2))", "np.sum((X[i] - Y[j]) ** 2)"),),
    ),
    Misconception(
        id="distances_city_block",
        exercise="compute_distances_two_loops",
        hint="Your two_loops result adds up absolute differences, the city-block distance. The Euclidean distance is the root of the sum of squares.",
        edits=(("np.sqrt(np.sum((X[i] - Y[j]) ** 2))", "np.sum(np.abs(X[i] - Y[j]))"),),
    ),
    Misconception(
        id="distances_mean",
        exercise="compute_distances_two_loops",
        hint="Your two_loops result is a factor √D too small: the squares are added up, not averaged.",
        edits=(("np.sqrt(np.sum((X[i] - Y[j]) ** 2))", "np.sqrt(np.mean((X[i] - Y[j]) ** 2))"),),
    ),
    Misconception(
        id="distances_transposed",
        exercise="compute_distances_two_loops",
        hint="Your no_loops table is transposed: rows belong to X, columns to Y, shape (N, M).",
        edits=(("return np.sqrt(np.maximum(squared, 0))", "return np.sqrt(np.maximum(squared, 0)).T"),),
    ),
    Misconception(
        id="distances_loops_square_table",
        exercise="compute_distances_two_loops",
        hint="Both of your loops run over the rows of X. The inner one belongs to Y, which may have more or fewer rows.",
        edits=(("for j in range(Y.shape[0]):", "for j in range(X.shape[0]):"),),
    ),
    Misconception(
        id="distances_upper_half",
        exercise="compute_distances_two_loops",
        hint="Your two_loops table is filled only on and above the diagonal. It is not symmetric: X and Y are different sets.",
        edits=(("for j in range(Y.shape[0]):", "for j in range(i, Y.shape[0]):"),),
    ),
    Misconception(
        id="distances_norms_swapped",
        exercise="compute_distances_two_loops",
        hint="Your norms stand on the wrong sides: ‖x‖² varies down the rows and needs shape (N, 1), ‖y‖² along the columns, shape (M,).",
        edits=(
            ("squares_x = np.sum(left**2, axis=1)[:, None]", "squares_x = np.sum(left**2, axis=1)"),
            ("squares_y = np.sum(right**2, axis=1)", "squares_y = np.sum(right**2, axis=1)[:, None]"),
        ),
    ),
    Misconception(
        id="distances_norms_flat",
        exercise="compute_distances_two_loops",
        hint="You add ‖x‖² of shape (N,) along the columns. When N = M this gives wrong numbers without an error; as a column it needs shape (N, 1).",
        edits=(("squares_x = np.sum(left**2, axis=1)[:, None]", "squares_x = np.sum(left**2, axis=1)"),),
    ),
    Misconception(
        id="distances_norms_wrong_axis",
        exercise="compute_distances_two_loops",
        hint="You sum the squares over the examples (axis=0). The length of each row is a sum over its D entries, axis=1.",
        edits=(("squares_y = np.sum(right**2, axis=1)", "squares_y = np.sum(right**2, axis=0)"),),
    ),
    Misconception(
        id="distances_pixels_overflow",
        exercise="compute_distances_two_loops",
        hint="For uint8 pixels your differences wrap around: 10 − 20 becomes 246. Convert X and Y to float64 first.",
        edits=(("    X = np.asarray(X, dtype=np.float64)\n", ""),),
    ),
    Misconception(
        id="distances_no_loops_pixels_overflow",
        exercise="compute_distances_two_loops",
        hint="For uint8 pixels the squares and products in your no_loops version overflow. Convert X and Y to float64 first.",
        edits=(
            ("left = np.asarray(X, dtype=np.float64)", "left = np.asarray(X)"),
            ("right = np.asarray(Y, dtype=np.float64)", "right = np.asarray(Y)"),
        ),
    ),
    Misconception(
        id="distances_squeezed",
        exercise="compute_distances_two_loops",
        hint="With a single row your no_loops table loses an axis: squeeze() removes all axes of size 1. The shape is (N, M).",
        edits=(("return np.sqrt(np.maximum(squared, 0))", "return np.squeeze(np.sqrt(np.maximum(squared, 0)))"),),
    ),
    Misconception(
        id="distances_still_loops",
        exercise="compute_distances_two_loops",
        hint="Your no_loops version has the right numbers but is as slow as the loops. One matrix product X @ Y.T gives all x·y at once.",
        edits=(("return np.sqrt(np.maximum(squared, 0))", "return compute_distances_two_loops(X, Y)"),),
    ),
    Misconception(
        id="distances_norms_twice_x",
        exercise="compute_distances_two_loops",
        hint="You add ‖x‖² on both sides: the third term of the square is ‖y‖², summed over the rows of Y.",
        edits=(("squares_y = np.sum(right**2, axis=1)", "squares_y = np.sum(left**2, axis=1)"),),
    ),
    Misconception(
        id="distances_diagonal_zeroed",
        exercise="compute_distances_two_loops",
        hint="You set the diagonal to 0. Entry (i, i) is the distance from X[i] to Y[i], which are equal only when X and Y are the same data; keep all values, and replace the negative ones under the root.",
        edits=(("return np.sqrt(np.maximum(squared, 0))", "dists = np.sqrt(np.abs(squared))\n    np.fill_diagonal(dists, 0)\n    return dists"),),
    ),
    Misconception(
        id="distances_small_cut",
        exercise="compute_distances_two_loops",
        hint="Your no_loops version takes small distances for 0: what counts as small depends on the data. Only negative values are rounding error for sure.",
        edits=(("np.sqrt(np.maximum(squared, 0))", "np.sqrt(np.where(squared < 1e-9, 0, squared))"),),
    ),
    Misconception(
        id="distances_floor",
        exercise="compute_distances_two_loops",
        hint="Your no_loops version has a smallest distance above 0: data in small units are then all equally far apart. The floor under the root is 0.",
        edits=(("np.sqrt(np.maximum(squared, 0))", "np.sqrt(np.maximum(squared, 1e-10))"),),
    ),
)

NEIGHBOURS = (
    Misconception(
        id="knn_farthest",
        exercise="predict_labels",
        hint="You let the k farthest examples vote: argsort sorts ascending, so the nearest come first.",
        edits=(("order[i, :k]", "order[i, ::-1][:k]"),),
    ),
    Misconception(
        id="knn_wrong_axis",
        exercise="predict_labels",
        hint="You sort down the columns (axis=0), among test examples. Each test example is a row; its neighbours are found along axis=1.",
        edits=(("np.argsort(dists, axis=1", "np.argsort(dists, axis=0"),),
    ),
    Misconception(
        id="knn_one_too_many",
        exercise="predict_labels",
        hint="k+1 examples vote: a slice [:k] already holds k entries.",
        edits=(("order[i, :k]", "order[i, : k + 1]"),),
    ),
    Misconception(
        id="knn_skips_nearest",
        exercise="predict_labels",
        hint="You skip the nearest example, as if it were the test example itself. Test examples are not among the training examples.",
        edits=(("order[i, :k]", "order[i, 1 : k + 1] if order.shape[1] > k else order[i, 1:]"),),
    ),
    Misconception(
        id="knn_nearest_only",
        exercise="predict_labels",
        hint="You always return the label of the single nearest example; k has no effect.",
        edits=(("order[i, :k]", "order[i, :1]"),),
    ),
    Misconception(
        id="knn_tie_largest",
        exercise="predict_labels",
        hint="With equal votes you return the largest label; the rule here is the smallest.",
        edits=(("np.argmax(votes)", "len(votes) - 1 - np.argmax(votes[::-1])"),),
    ),
    Misconception(
        id="knn_tie_nearest",
        exercise="predict_labels",
        hint="With equal votes you return the label that was met first, the nearest one (Counter.most_common does that). The rule here is the smallest label.",
        edits=(
            (
                "votes = np.bincount(y_train[order[i, :k]])\n        labels[i] = np.argmax(votes)",
                "nearest = [int(label) for label in y_train[order[i, :k]]]\n        labels[i] = max(dict.fromkeys(nearest), key=nearest.count)",
            ),
        ),
    ),
    Misconception(
        id="knn_tie_last_index",
        exercise="predict_labels",
        hint="Of equal distances you take the example with the larger index. Sort so that equal values keep their order (a stable sort).",
        edits=(('np.argsort(dists, axis=1, kind="stable")', 'dists.shape[1] - 1 - np.argsort(dists[:, ::-1], axis=1, kind="stable")'),),
    ),
    Misconception(
        id="knn_unstable_sort",
        exercise="predict_labels",
        hint='Among many equal distances your neighbours come in an arbitrary order: argsort is stable only with kind="stable", argpartition never.',
        edits=((', kind="stable"', ""),),
    ),
    Misconception(
        id="knn_indices",
        exercise="predict_labels",
        hint="You count training indices instead of their labels: look the labels up in y_train before counting.",
        edits=(("np.bincount(y_train[order[i, :k]])", "np.bincount(order[i, :k])"),),
    ),
    Misconception(
        id="knn_mean_label",
        exercise="predict_labels",
        hint="You average the labels. Labels are names: the mean of a 3 and a 9 is not a 6. Count votes instead.",
        edits=(("np.argmax(votes)", "int(round(float(np.mean(y_train[order[i, :k]]))))"),),
    ),
    Misconception(
        id="knn_vote_count",
        exercise="predict_labels",
        hint="You return how many votes the winner has; asked for is its label (argmax, not max).",
        edits=(("np.argmax(votes)", "np.max(votes)"),),
    ),
    Misconception(
        id="knn_floats",
        exercise="predict_labels",
        hint="Your labels are floating point numbers: np.zeros(n) makes floats. Labels are integers.",
        edits=((", dtype=np.int64", ""),),
    ),
    Misconception(
        id="knn_squeezed",
        exercise="predict_labels",
        hint="For a single test example you return a bare number; the result is an array of shape (1,).",
        edits=(("return labels", "return labels.squeeze()"),),
    ),
    Misconception(
        id="knn_sorts_in_place",
        exercise="predict_labels",
        hint="Your function sorts the caller's distances in place (dists.sort()). np.sort and np.argsort return new arrays.",
        edits=(('kind="stable")  # (num_test, num_train)', 'kind="stable")\n    dists.sort(axis=1)'),),
    ),
    Misconception(
        id="knn_all_equal_distances",
        exercise="predict_labels",
        hint="More than k examples vote: you let in all that are as near as the k-th. Exactly k vote; of equal distances the smaller index is nearer.",
        edits=(("y_train[order[i, :k]]", "y_train[dists[i] <= np.sort(dists[i])[k - 1]]"),),
    ),
    Misconception(
        id="knn_weighted",
        exercise="predict_labels",
        hint="You weigh each vote by the inverse distance. Here every one of the k neighbours has one vote.",
        edits=(("np.bincount(y_train[order[i, :k]])", "np.bincount(y_train[order[i, :k]], weights=1 / (dists[i, order[i, :k]] + 1e-9))"),),
    ),
    Misconception(
        id="knn_ten_classes",
        exercise="predict_labels",
        hint="You count votes for the labels 0 to 9 only. Labels may be any whole numbers ≥ 0; np.bincount and np.unique go as far as they go.",
        edits=(("np.bincount(y_train[order[i, :k]])", "np.array([np.sum(y_train[order[i, :k]] == c) for c in range(10)])"),),
    ),
    Misconception(
        id="knn_list",
        exercise="predict_labels",
        hint="Your labels come in a list; asked for is an array, np.array(labels).",
        edits=(("return labels", "return labels.tolist()"),),
    ),
)

UNBROADCAST = (
    Misconception(
        id="unbroadcast_front_kept",
        exercise="unbroadcast",
        hint="The axes that broadcasting put in front are still there. They are summed away; there are grad.ndim − len(shape) of them.",
        edits=(
            ("    grad = grad.sum(axis=tuple(range(leading)))\n", ""),
            ("for axis, size in enumerate(shape)", "for axis, size in enumerate(shape, leading)"),
        ),
    ),
    Misconception(
        id="unbroadcast_one_front_axis",
        exercise="unbroadcast",
        hint="You sum away one axis in front, but broadcasting may have added several (or none): their number is grad.ndim − len(shape).",
        edits=(("grad.sum(axis=tuple(range(leading)))", "grad.sum(axis=0) if leading else grad"),),
    ),
    Misconception(
        id="unbroadcast_trailing",
        exercise="unbroadcast",
        hint="You sum away axes at the end. Shapes are lined up at the right, so broadcasting adds axes in front.",
        edits=(("tuple(range(leading))", "tuple(range(grad.ndim - leading, grad.ndim))"),),
    ),
    Misconception(
        id="unbroadcast_ones_ignored",
        exercise="unbroadcast",
        hint="Axes that had size 1 keep their broadcast size: they were repeated as well and are summed back to size 1.",
        edits=(("return grad.sum(axis=repeated, keepdims=True)", "return grad"),),
    ),
    Misconception(
        id="unbroadcast_ones_dropped",
        exercise="unbroadcast",
        hint="The axes of size 1 have disappeared from your result. They are summed, but stay with size 1, so that the shape is exactly the one asked for.",
        edits=((", keepdims=True", ""),),
    ),
    Misconception(
        id="unbroadcast_first_one_only",
        exercise="unbroadcast",
        hint="You sum only the first axis of size 1; there may be several.",
        edits=(("return grad.sum(axis=repeated, keepdims=True)", "return grad.sum(axis=repeated[:1], keepdims=True)"),),
    ),
    Misconception(
        id="unbroadcast_not_shifted",
        exercise="unbroadcast",
        hint="You number the axes of size 1 as in shape, but grad still has extra axes in front, so the wrong ones are summed. Remove those first, or shift the numbers.",
        edits=(
            (
                "    grad = grad.sum(axis=tuple(range(leading)))\n    repeated",
                "    repeated",
            ),
            (
                "return grad.sum(axis=repeated, keepdims=True)",
                "return grad.sum(axis=repeated, keepdims=True).sum(axis=tuple(range(leading)))",
            ),
        ),
    ),
    Misconception(
        id="unbroadcast_mean",
        exercise="unbroadcast",
        hint="You average over the copies. Each copy passes its derivative on, and they add up: sum, not mean.",
        edits=(
            ("grad = grad.sum(axis=tuple(range(leading)))", "grad = grad.mean(axis=tuple(range(leading))) if leading else grad"),
            ("return grad.sum(axis=repeated, keepdims=True)", "return grad.mean(axis=repeated, keepdims=True) if repeated else grad"),
        ),
    ),
    Misconception(
        id="unbroadcast_first_copy",
        exercise="unbroadcast",
        hint="You keep the first copy's derivative and drop the others. All copies contribute: add them up.",
        edits=(
            ("grad = grad.sum(axis=tuple(range(leading)))", "grad = grad[(0,) * leading]"),
            (
                "return grad.sum(axis=repeated, keepdims=True)",
                "return grad[tuple(slice(0, 1) if axis in repeated else slice(None) for axis in range(len(shape)))]",
            ),
        ),
    ),
    Misconception(
        id="unbroadcast_everything",
        exercise="unbroadcast",
        hint="You sum over all axes and spread the total over the shape. Sum only over the axes that were repeated.",
        edits=(("return grad.sum(axis=repeated, keepdims=True)", "return np.full(shape, grad.sum())"),),
    ),
    Misconception(
        id="unbroadcast_resized",
        exercise="unbroadcast",
        hint="You fit grad into the shape by keeping its first entries (np.resize). Copies are to be summed, not dropped.",
        edits=(
            ("return grad.sum(axis=repeated, keepdims=True)", "return grad"),
            ("grad = grad.sum(axis=tuple(range(leading)))", "grad = np.resize(grad, shape)"),
        ),
    ),
    Misconception(
        id="unbroadcast_integers",
        exercise="unbroadcast",
        hint="For a grad of whole numbers your result is of integer type; asked for is float64. Convert first.",
        edits=(("np.asarray(grad, dtype=np.float64)", "np.asarray(grad)"),),
    ),
    Misconception(
        id="unbroadcast_in_place",
        exercise="unbroadcast",
        hint="Your function adds the copies up in the caller's grad: grad[0] is a view, and += changes it. Start from zeros, or use sum.",
        edits=(
            (
                "    grad = grad.sum(axis=tuple(range(leading)))\n",
                "    while grad.ndim > len(shape):\n        total = grad[0]\n        for part in grad[1:]:\n            total += part\n        grad = total\n",
            ),
        ),
    ),
)

RIDGE = (
    Misconception(
        id="ridge_bias_penalised",
        exercise="ridge_fit",
        hint="Your bias is shrunk too: adding 100 to all targets changes your w. With a column of ones in X, its entry of lam·I must be 0.",
        source="""
def ridge_fit(X, y, lam):
    ones = np.ones((len(X), 1))
    X1 = np.hstack([X, ones])
    full = np.linalg.solve(X1.T @ X1 + lam * np.eye(X1.shape[1]), X1.T @ y)
    return full[:-1], full[-1]
""",
    ),
    Misconception(
        id="ridge_no_bias",
        exercise="ridge_fit",
        hint="You fit without a bias and return 0 for b. The plane need not go through the origin: centre X and y first.",
        edits=(
            (
                "w = np.linalg.solve(Xc.T @ Xc + lam * np.eye(X.shape[1]), Xc.T @ yc)",
                "w = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)",
            ),
            ("return w, y_mean - x_mean @ w", "return w, 0.0"),
        ),
    ),
    Misconception(
        id="ridge_uncentred",
        exercise="ridge_fit",
        hint="You find w from the uncentred X and add b afterwards. w and b must be found together: with the best b put in, only centred data remain.",
        edits=(
            (
                "w = np.linalg.solve(Xc.T @ Xc + lam * np.eye(X.shape[1]), Xc.T @ yc)",
                "w = np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T @ y)",
            ),
        ),
    ),
    Misconception(
        id="ridge_x_uncentred",
        exercise="ridge_fit",
        hint="You centre y but not X. The equations for w need both centred.",
        edits=(("Xc, yc = X - x_mean, y - y_mean", "Xc, yc = X, y - y_mean"),),
    ),
    Misconception(
        id="ridge_lam_everywhere",
        exercise="ridge_fit",
        hint="You add the number lam to every entry of X̃ᵀX̃. It belongs on the diagonal only: lam times the identity matrix.",
        edits=(("lam * np.eye(X.shape[1])", "lam"),),
    ),
    Misconception(
        id="ridge_lam_times_n",
        exercise="ridge_fit",
        hint="Your penalty is N times too high: the squared errors in this loss are summed, not averaged, so lam stands alone.",
        edits=(("lam * np.eye(X.shape[1])", "lam * len(X) * np.eye(X.shape[1])"),),
    ),
    Misconception(
        id="ridge_lam_halved",
        exercise="ridge_fit",
        hint="Your penalty has the wrong factor: the derivatives of both squares carry a 2, which cancels, so lam appears in full.",
        edits=(("lam * np.eye(X.shape[1])", "lam / 2 * np.eye(X.shape[1])"),),
    ),
    Misconception(
        id="ridge_lam_ignored",
        exercise="ridge_fit",
        hint="lam has no effect on your answer: this is ordinary least squares.",
        edits=(("np.linalg.solve(Xc.T @ Xc + lam * np.eye(X.shape[1]), Xc.T @ yc)", "np.linalg.lstsq(Xc, yc, rcond=None)[0]"),),
    ),
    Misconception(
        id="ridge_lam_sign",
        exercise="ridge_fit",
        hint="You subtract lam·I: large weights are rewarded. The penalty is added.",
        edits=(("Xc.T @ Xc + lam", "Xc.T @ Xc - lam"),),
    ),
    Misconception(
        id="ridge_lam_squared",
        exercise="ridge_fit",
        hint="Your penalty is lam²: √lam as extra rows of the data, or lam on the diagonal, but not lam as extra rows.",
        edits=(("lam * np.eye(X.shape[1])", "lam**2 * np.eye(X.shape[1])"),),
    ),
    Misconception(
        id="ridge_bias_mean",
        exercise="ridge_fit",
        hint="Your b is the mean of y. That holds for centred X only; for the X as given subtract x̄·w.",
        edits=(("return w, y_mean - x_mean @ w", "return w, y_mean"),),
    ),
    Misconception(
        id="ridge_bias_sign",
        exercise="ridge_fit",
        hint="Your b has x̄·w with the wrong sign: the plane goes through the means, so b + x̄·w = ȳ.",
        edits=(("y_mean - x_mean @ w", "y_mean + x_mean @ w"),),
    ),
    Misconception(
        id="ridge_inverse",
        exercise="ridge_fit",
        hint="With nearly equal columns your w loses digits: you multiply by an explicit inverse. Solve the system instead.",
        edits=(
            (
                "np.linalg.solve(Xc.T @ Xc + lam * np.eye(X.shape[1]), Xc.T @ yc)",
                "np.linalg.inv(Xc.T @ Xc + lam * np.eye(X.shape[1])) @ (Xc.T @ yc)",
            ),
        ),
    ),
    Misconception(
        id="ridge_column",
        exercise="ridge_fit",
        hint="Your w has shape (D, 1). For targets of shape (N,) it is a vector, shape (D,).",
        edits=(("Xc.T @ yc)", "Xc.T @ yc)[:, None]"), ("x_mean @ w", "(x_mean @ w)[0]")),
    ),
    Misconception(
        id="ridge_bias_array",
        exercise="ridge_fit",
        hint="Your b is an array of shape (1,); it is a single number.",
        edits=(("y_mean - x_mean @ w", "np.array([y_mean - x_mean @ w])"),),
    ),
    Misconception(
        id="ridge_in_place",
        exercise="ridge_fit",
        hint="Your function centres the caller's X in place (X -= ...). np.asarray makes no copy when the type is already float64.",
        edits=(("Xc, yc = X - x_mean, y - y_mean", "X -= x_mean\n    Xc, yc = X, y - y_mean"),),
    ),
    Misconception(
        id="ridge_integers_cut",
        exercise="ridge_fit",
        hint="For whole numbers your means are cut off to whole numbers, so the data are not centred. Convert to float64 first.",
        edits=(
            ("X = np.asarray(X, dtype=np.float64)", "X = np.asarray(X)"),
            ("X.mean(axis=0), y.mean()", "X.mean(axis=0).astype(X.dtype), y.mean()"),
        ),
    ),
    Misconception(
        id="ridge_standardized",
        exercise="ridge_fit",
        hint="You divide each column by its deviation, so w belongs to other features than those of X. Only the mean is subtracted.",
        edits=(("Xc, yc = X - x_mean, y - y_mean", "Xc, yc = (X - x_mean) / (X.std(axis=0) + 1e-12), y - y_mean"),),
    ),
    Misconception(
        id="ridge_descent",
        exercise="ridge_fit",
        hint="Your w is on its way to the answer: gradient descent with a fixed number of steps stops before it is there, or runs away. Solve the equations.",
        edits=(("w = np.linalg.solve(Xc.T @ Xc + lam * np.eye(X.shape[1]), Xc.T @ yc)", "w = np.zeros(X.shape[1])\n    for _ in range(2000):\n        w = w - 1e-3 * (Xc.T @ (Xc @ w - yc) + lam * w)"),),
    ),
)

PCA = (
    Misconception(
        id="pca_uncentred",
        exercise="pca",
        hint="Your first direction points at the mean: the data were not centred. Subtract the mean of each column first.",
        edits=(("Xc = X - X.mean(axis=0)", "Xc = X"),),
    ),
    Misconception(
        id="pca_global_mean",
        exercise="pca",
        hint="You subtract one mean of the whole table. Each column has its own: mean(axis=0).",
        edits=(("X.mean(axis=0)", "X.mean()"),),
    ),
    Misconception(
        id="pca_row_mean",
        exercise="pca",
        hint="You subtract each row's mean. The mean example is the mean over rows, one number per column: axis=0.",
        edits=(("X.mean(axis=0)", "X.mean(axis=1, keepdims=True)"),),
    ),
    Misconception(
        id="pca_standardized",
        exercise="pca",
        hint="You divide each column by its deviation first. That is PCA of standardized data; here the columns keep their scale.",
        edits=(("Xc = X - X.mean(axis=0)", "Xc = (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-12)"),),
    ),
    Misconception(
        id="pca_transposed",
        exercise="pca",
        hint="Your W is transposed, shape (k, D): svd returns the directions as rows of Vt, asked for are columns.",
        edits=(("Vt[:k].T", "Vt[:k]"),),
    ),
    Misconception(
        id="pca_columns_of_vt",
        exercise="pca",
        hint="You take columns of Vt. The directions are its rows; the shape (D, k) is right by accident, the numbers are not.",
        edits=(("Vt[:k].T", "Vt[:, :k]"),),
    ),
    Misconception(
        id="pca_ascending",
        exercise="pca",
        hint="You return the directions of least variance: eigh sorts eigenvalues ascending, so the largest are at the end.",
        edits=(
            (
                "_, s, Vt = np.linalg.svd(Xc, full_matrices=False)\n    return Vt[:k].T, s[:k] ** 2 / X.shape[0]",
                "values, vectors = np.linalg.eigh(Xc.T @ Xc / X.shape[0])\n    return vectors[:, :k], values[:k]",
            ),
        ),
    ),
    Misconception(
        id="pca_last_not_reversed",
        exercise="pca",
        hint="You found the k largest variances, but in ascending order: the last columns of eigh must be reversed.",
        edits=(
            (
                "_, s, Vt = np.linalg.svd(Xc, full_matrices=False)\n    return Vt[:k].T, s[:k] ** 2 / X.shape[0]",
                "values, vectors = np.linalg.eigh(Xc.T @ Xc / X.shape[0])\n    return vectors[:, -k:], values[-k:]",
            ),
        ),
    ),
    Misconception(
        id="pca_only_values_sorted",
        exercise="pca",
        hint="Your variances are sorted, but the directions are still in the old order: they must be reordered together.",
        edits=(
            (
                "_, s, Vt = np.linalg.svd(Xc, full_matrices=False)\n    return Vt[:k].T, s[:k] ** 2 / X.shape[0]",
                "values, vectors = np.linalg.eigh(Xc.T @ Xc / X.shape[0])\n    return vectors[:, :k], values[::-1][:k]",
            ),
        ),
    ),
    Misconception(
        id="pca_rows_sorted",
        exercise="pca",
        hint="You reorder the rows of the eigenvector matrix. eigh returns eigenvectors as columns: reorder vectors[:, order].",
        edits=(
            (
                "_, s, Vt = np.linalg.svd(Xc, full_matrices=False)\n    return Vt[:k].T, s[:k] ** 2 / X.shape[0]",
                "values, vectors = np.linalg.eigh(Xc.T @ Xc / X.shape[0])\n    return vectors[::-1][:, :k], values[::-1][:k]",
            ),
        ),
    ),
    Misconception(
        id="pca_ddof",
        exercise="pca",
        hint="Your var is a factor N/(N−1) too large: here the variance is with 1/N, as np.var has it.",
        edits=(("/ X.shape[0]", "/ max(X.shape[0] - 1, 1)"),),
    ),
    Misconception(
        id="pca_singular_values",
        exercise="pca",
        hint="Your var holds the singular values. The variances are their squares, divided by N.",
        edits=(("s[:k] ** 2 / X.shape[0]", "s[:k]"),),
    ),
    Misconception(
        id="pca_not_divided",
        exercise="pca",
        hint="Your var is exactly N times too large: the squared singular values are sums over the examples, the variance is their mean.",
        edits=(("s[:k] ** 2 / X.shape[0]", "s[:k] ** 2"),),
    ),
    Misconception(
        id="pca_divided_by_features",
        exercise="pca",
        hint="You divide by D, the number of features. The variance is a mean over the N examples.",
        edits=(("/ X.shape[0]", "/ X.shape[1]"),),
    ),
    Misconception(
        id="pca_deviation",
        exercise="pca",
        hint="Your var holds standard deviations: a variance is the square.",
        edits=(("s[:k] ** 2 / X.shape[0]", "s[:k] / np.sqrt(X.shape[0])"),),
    ),
    Misconception(
        id="pca_share",
        exercise="pca",
        hint="Your var adds up to 1: you return shares of the total variance. Asked for are the variances themselves.",
        edits=(("s[:k] ** 2 / X.shape[0]", "s[:k] ** 2 / max(np.sum(s**2), 1e-300)"),),
    ),
    Misconception(
        id="pca_scaled_directions",
        exercise="pca",
        hint="Your columns do not have length 1: they were multiplied by the deviations. W holds pure directions.",
        edits=(("return Vt[:k].T,", "return Vt[:k].T * s[:k] / np.sqrt(X.shape[0]),"),),
    ),
    Misconception(
        id="pca_scores",
        exercise="pca",
        hint="You return the scores (X − mean)·W of shape (N, k), not the directions W of shape (D, k).",
        edits=(("return Vt[:k].T,", "return Xc @ Vt[:k].T,"),),
    ),
    Misconception(
        id="pca_in_place",
        exercise="pca",
        hint="Your function centres the caller's X in place (X -= ...). np.asarray makes no copy when the type is already float64.",
        edits=(("Xc = X - X.mean(axis=0)", "X -= X.mean(axis=0)\n    Xc = X"),),
    ),
    Misconception(
        id="pca_integers_cut",
        exercise="pca",
        hint="For whole numbers your mean is cut off to whole numbers, so the data are not quite centred. Convert to float64 first.",
        edits=(("X = np.asarray(X, dtype=np.float64)", "X = np.asarray(X)"), ("X.mean(axis=0)", "X.mean(axis=0).astype(X.dtype)")),
    ),
    Misconception(
        id="pca_absolute",
        exercise="pca",
        hint="Your W has no negative entry: the sign of a whole column is free, but not that of its entries.",
        edits=(("Vt[:k].T", "np.abs(Vt[:k].T)"),),
    ),
)

POWER = (
    Misconception(
        id="power_not_normalised",
        exercise="power_iteration",
        hint="Your vector grows or shrinks with every step: divide by its length after each multiplication.",
        edits=(("v = product / length", "v = product"),),
    ),
    Misconception(
        id="power_normalised_at_end",
        exercise="power_iteration",
        hint="You divide by the length only once, at the end; by then many steps have overflowed or vanished. Divide in every step.",
        edits=(("v = product / length", "v = product"), ("return v @ A @ v, v", "v = v / np.linalg.norm(v)\n    return v @ A @ v, v")),
    ),
    Misconception(
        id="power_sign_lost",
        exercise="power_iteration",
        hint="Your eigenvalue is never negative: it is the length of A·v. The Rayleigh quotient v·(A v) also has the sign.",
        edits=(("return v @ A @ v, v", "return np.linalg.norm(A @ v), v"),),
    ),
    Misconception(
        id="power_stale_value",
        exercise="power_iteration",
        hint="Your eigenvalue belongs to the vector of the step before. Compute v·(A v) once more, for the vector you return.",
        source="""
def power_iteration(A, iters, rng):
    A = np.asarray(A, dtype=np.float64)
    v = rng.standard_normal(A.shape[0])
    v = v / np.linalg.norm(v)
    value = v @ A @ v
    for _ in range(iters):
        product = A @ v
        length = np.linalg.norm(product)
        if length == 0:
            break
        value = v @ product
        v = product / length
    return value, v
""",
    ),
    Misconception(
        id="power_start_ones",
        exercise="power_iteration",
        hint="You start from (1, …, 1). When the eigenvector is perpendicular to it, no number of steps finds it; start from a random vector.",
        edits=(("v = rng.standard_normal(A.shape[0])", "v = np.ones(A.shape[0])"),),
    ),
    Misconception(
        id="power_start_axis",
        exercise="power_iteration",
        hint="You start from (1, 0, …, 0). When the eigenvector is perpendicular to it, no number of steps finds it; start from a random vector.",
        edits=(("v = rng.standard_normal(A.shape[0])", "v = np.eye(A.shape[0])[0]"),),
    ),
    Misconception(
        id="power_one_short",
        exercise="power_iteration",
        hint="You make one multiplication less than asked: range(iters) runs iters times, range(1, iters) does not.",
        edits=(("range(iters)", "range(iters - 1)"),),
    ),
    Misconception(
        id="power_fixed_steps",
        exercise="power_iteration",
        hint="The number of steps has no effect on your answer: use iters.",
        edits=(("range(iters)", "range(100)"),),
    ),
    Misconception(
        id="power_zero_division",
        exercise="power_iteration",
        hint="When A·v is zero you divide by zero and get NaN. Then v is an eigenvector with eigenvalue 0: stop there.",
        edits=(("        if length == 0:\n            break\n", ""),),
    ),
    Misconception(
        id="power_largest_entry",
        exercise="power_iteration",
        hint="You divide by the largest entry, so the vector's length is not 1. Use the Euclidean length.",
        edits=(("length = np.linalg.norm(product)", "length = np.max(np.abs(product))"),),
    ),
    Misconception(
        id="power_squared_length",
        exercise="power_iteration",
        hint="You divide by the squared length: the root is missing, so the vector's length is not 1.",
        edits=(("length = np.linalg.norm(product)", "length = np.sum(product**2)"),),
    ),
    Misconception(
        id="power_elementwise",
        exercise="power_iteration",
        hint="You multiply entry by entry: A * v is a matrix. The step is the matrix-vector product A @ v.",
        edits=(("product = A @ v", "product = (A * v).sum(axis=0)"),),
    ),
    Misconception(
        id="power_smallest",
        exercise="power_iteration",
        hint="You find the eigenvalue of smallest absolute value: solving with A is inverse iteration. Multiply by A instead.",
        edits=(("product = A @ v", "product = np.linalg.pinv(A) @ v"),),
    ),
    Misconception(
        id="power_start_not_scaled",
        exercise="power_iteration",
        hint="With few or no steps your vector does not have length 1: scale the start vector too.",
        edits=(("    v = v / np.linalg.norm(v)\n", ""),),
    ),
    Misconception(
        id="power_changes_matrix",
        exercise="power_iteration",
        hint="Your function scales the caller's A in place (A /= ...). np.asarray makes no copy when the type is already float64.",
        source="""
def power_iteration(A, iters, rng):
    A = np.asarray(A)
    v = rng.standard_normal(A.shape[0])
    v = v / np.linalg.norm(v)
    scale = np.max(np.abs(A)) or 1.0
    A /= scale
    for _ in range(iters):
        product = A @ v
        length = np.linalg.norm(product)
        if length == 0:
            break
        v = product / length
    return v @ A @ v * scale, v
""",
    ),
    Misconception(
        id="power_one_more",
        exercise="power_iteration",
        hint="You make one multiplication more than asked: with iters = 0 the start vector itself is returned.",
        edits=(("range(iters)", "range(iters + 1)"),),
    ),
    Misconception(
        id="power_no_iteration",
        exercise="power_iteration",
        hint="Your vector does not depend on iters or rng: you call an eigenvalue solver. Write the iteration itself.",
        source="""
def power_iteration(A, iters, rng):
    values, vectors = np.linalg.eigh(A)
    i = np.argmax(np.abs(values))
    return values[i], vectors[:, i]
""",
    ),
    Misconception(
        id="power_own_seed",
        exercise="power_iteration",
        hint="Your start is the same for every rng: you make a generator of your own. Draw with the one that is given.",
        edits=(("v = rng.standard_normal(", "v = np.random.default_rng(0).standard_normal("),),
    ),
    Misconception(
        id="power_stops_early",
        exercise="power_iteration",
        hint="You stop as soon as a step changes little, before iters steps are done. When the two largest eigenvalues are close, each step changes little long before the end.",
        edits=(("        v = product / length\n", "        if np.allclose(product / length, v, atol=1e-3):\n            break\n        v = product / length\n"),),
    ),
    Misconception(
        id="power_padded_length",
        exercise="power_iteration",
        hint="Your vector is too short when the eigenvalues are small: a number is added to the length before you divide. Ask for length 0 instead.",
        edits=(("v = product / length", "v = product / (length + 1e-8)"),),
    ),
)

MISCONCEPTIONS = (
    *INNER_PRODUCT, *MATVEC, *MATMUL, *STANDARDIZE, *DISTANCES, *NEIGHBOURS, *UNBROADCAST, *RIDGE, *PCA, *POWER,
)  # fmt: skip
