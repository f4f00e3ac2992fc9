"""Right answers to u01_linear_algebra that look different from the reference."""

from autograder.authoring.variants import Alternative

PRODUCTS = (
    Alternative(
        id="inner_python_loop",
        exercise="inner_product",
        note="a loop over Python floats; returns float",
        source="""
def inner_product(u, v):
    total = 0.0
    for a, b in zip(u, v):
        total += float(a) * float(b)
    return total
""",
    ),
    Alternative(
        id="inner_generator",
        exercise="inner_product",
        note="multiplies through Python lists; returns a 0-d array",
        source="""
def inner_product(u, v):
    pairs = np.stack([u, v]).astype(float)
    return np.array(np.prod(pairs, axis=0).sum())
""",
    ),
    Alternative(
        id="matvec_concise",
        exercise="matvec_columns",
        note="list comprehensions and sum() from different ends; columns weighted by broadcasting",
        source="""
def matvec_columns(A, x):
    A = np.array(A, dtype=float)
    return sum((float(x[j]) * A[:, j] for j in range(1, len(x))), start=float(x[0]) * A[:, 0])


def matvec_rows(A, x):
    return np.array([sum(float(a) * float(b) for a, b in zip(row, x)) for row in A])
""",
    ),
    Alternative(
        id="matvec_broadcast",
        exercise="matvec_columns",
        note="no loop at all",
        source="""
def matvec_columns(A, x):
    return np.add.reduce((A.astype(np.float64) * x).T)


def matvec_rows(A, x):
    weighted = np.multiply(A, x, dtype=np.float64)
    return weighted.sum(axis=-1)
""",
    ),
    Alternative(
        id="matmul_totals",
        exercise="matmul_loops",
        note="a running total in loops over lists; broadcasting with B transposed and the shared axis last",
        source="""
def matmul_loops(A, B):
    rows = []
    for i in range(len(A)):
        row = []
        for j in range(len(B[0])):
            total = 0.0
            for k in range(len(B)):
                total = total + float(A[i, k]) * float(B[k, j])
            row.append(total)
        rows.append(row)
    return np.array(rows)


def matmul_broadcast(A, B):
    return np.sum(A[:, np.newaxis, :].astype(float) * B.T[np.newaxis].astype(float), axis=-1)
""",
    ),
    Alternative(
        id="matmul_k_outside",
        exercise="matmul_loops",
        note="the k loop outside; a comprehension over the two arguments, the shared axis first, a Fortran-ordered view as result",
        source="""
def matmul_loops(A, B):
    C = np.zeros((A.shape[0], B.shape[1]))
    for k in range(A.shape[1]):
        for j in range(B.shape[1]):
            for i in range(A.shape[0]):
                C[i, j] = C[i, j] + float(A[i, k]) * float(B[k, j])
    return C


def matmul_broadcast(A, B):
    A, B = [np.asarray(m, dtype=np.float64) for m in (A, B)]
    product = np.multiply(B[:, :, None], A.T[:, None, :])  # (K, M, N)
    return product.sum(0).T
""",
    ),
    Alternative(
        id="matvec_inner_products",
        exercise="matvec_columns",
        note="an inner_product per row, collected by np.fromiter; a helper of its own that converts several arrays",
        source="""
def as_float64(*arrays):
    return [np.asarray(a, dtype=np.float64) for a in arrays]


def matvec_columns(A, x):
    A, x = as_float64(A, x)
    return sum((x[j] * A[:, j] for j in range(A.shape[1])), start=np.zeros(A.shape[0]))


def matvec_rows(A, x):
    return np.fromiter((inner_product(row, x) for row in A), dtype=np.float64, count=len(A))
""",
    ),
)

DATA = (
    Alternative(
        id="standardize_numpy",
        exercise="standardize",
        note="np.mean and np.std",
        source="""
def standardize(X, eps):
    mu, sd = np.mean(X, axis=0, dtype=float), np.std(X, axis=0, dtype=float)
    return (X - mu) / (sd + eps), mu, sd
""",
    ),
    Alternative(
        id="standardize_columns",
        exercise="standardize",
        note="one column after the other, into an empty array; returns a list instead of a tuple",
        source="""
def standardize(X, eps):
    N, D = X.shape
    Z, mu, sd = np.empty((N, D)), np.empty(D), np.empty(D)
    for d in range(D):
        column = X[:, d].astype(float)
        mu[d] = sum(column) / N
        sd[d] = (sum((value - mu[d]) ** 2 for value in column) / N) ** 0.5
        Z[:, d] = (column - mu[d]) / (sd[d] + eps)
    return [Z, mu, sd]
""",
    ),
    Alternative(
        id="distances_difference_tensor",
        exercise="compute_distances_two_loops",
        note="norm of each difference; the (N, M, D) array of differences",
        source="""
def compute_distances_two_loops(X, Y):
    return np.array([[np.linalg.norm(x.astype(float) - y) for y in Y] for x in X])


def compute_distances_no_loops(X, Y):
    differences = X[:, None, :].astype(float) - Y[None, :, :]
    return np.sqrt((differences**2).sum(axis=-1))
""",
    ),
    Alternative(
        id="distances_clip",
        exercise="compute_distances_two_loops",
        note="loops over single numbers; einsum, in-place steps on own arrays and clip",
        source="""
def compute_distances_two_loops(X, Y):
    dists = np.empty((len(X), len(Y)))
    for j in range(len(Y)):
        for i in range(len(X)):
            total = 0.0
            for d in range(X.shape[1]):
                total += (float(X[i, d]) - float(Y[j, d])) ** 2
            dists[i, j] = total ** 0.5
    return dists


def compute_distances_no_loops(X, Y):
    X, Y = X.astype(float), Y.astype(float)
    squared = np.dot(X, -2.0 * Y.T)
    squared += np.einsum("nd,nd->n", X, X).reshape(-1, 1)
    squared += np.einsum("md,md->m", Y, Y).reshape(1, -1)
    squared[squared < 0] = 0.0
    return squared**0.5
""",
    ),
    Alternative(
        id="knn_python_sort",
        exercise="predict_labels",
        note="sorted() on pairs and a dictionary of counts",
        source="""
def predict_labels(dists, y_train, k):
    predicted = []
    for row in dists.tolist():
        nearest = sorted(zip(row, range(len(row))))[:k]
        counts = {}
        for _, j in nearest:
            label = int(y_train[j])
            counts[label] = counts.get(label, 0) + 1
        most = max(counts.values())
        predicted.append(min(label for label, count in counts.items() if count == most))
    return np.array(predicted)
""",
    ),
    Alternative(
        id="knn_one_hot",
        exercise="predict_labels",
        note="no loop over test examples: votes as a sum of one-hot rows; returns the labels in their own dtype",
        source="""
def predict_labels(dists, y_train, k):
    nearest = np.lexsort((np.broadcast_to(np.arange(dists.shape[1]), dists.shape), dists), axis=1)[:, :k]
    classes = np.unique(y_train)
    votes = (y_train[nearest][:, :, None] == classes).sum(axis=1)
    return classes[votes.argmax(axis=1)]
""",
    ),
    Alternative(
        id="unbroadcast_while",
        exercise="unbroadcast",
        note="the usual loop: sum away axes in front while there are any, then one axis of size 1 after another",
        source="""
def unbroadcast(grad, shape):
    grad = np.array(grad, dtype=float)
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, size in enumerate(shape):
        if size == 1 and grad.shape[axis] != 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad
""",
    ),
    Alternative(
        id="unbroadcast_reshape",
        exercise="unbroadcast",
        note="pads the shape with ones, sums once, reshapes",
        source="""
def unbroadcast(grad, shape):
    grad = np.asarray(grad)
    padded = (1,) * (grad.ndim - len(shape)) + tuple(shape)
    axes = tuple(i for i, (size, big) in enumerate(zip(padded, grad.shape)) if size != big)
    return np.sum(grad, axis=axes, dtype=np.float64).reshape(shape)
""",
    ),
    Alternative(
        id="distances_shifted",
        exercise="compute_distances_two_loops",
        note="a generator over the two arguments; both sets moved to a mean of zero first; the absolute value instead of the maximum",
        source="""
def compute_distances_two_loops(X, Y):
    return np.stack([np.stack([np.linalg.norm(np.subtract(x, y, dtype=float)) for y in Y]) for x in X])


def compute_distances_no_loops(X, Y):
    X, Y = (np.asarray(m, dtype=float) for m in (X, Y))
    centre = X.mean(axis=0)
    X, Y = X - centre, Y - centre
    squared = (X * X).sum(1, keepdims=True) + (Y * Y).sum(1) - 2 * np.dot(X, Y.T)
    return np.abs(squared) ** 0.5
""",
    ),
)

MODELS = (
    Alternative(
        id="ridge_augmented",
        exercise="ridge_fit",
        note="a column of ones whose price is zero",
        source="""
def ridge_fit(X, y, lam):
    N, D = X.shape
    X1 = np.column_stack([X.astype(float), np.ones(N)])
    price = np.diag([float(lam)] * D + [0.0])
    solution = np.linalg.solve(X1.T @ X1 + price, X1.T @ y)
    return solution[:D], float(solution[D])
""",
    ),
    Alternative(
        id="ridge_extra_rows",
        exercise="ridge_fit",
        note="least squares with √lam·I as extra rows of the centred data",
        source="""
def ridge_fit(X, y, lam):
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    D = X.shape[1]
    rows = np.vstack([X - np.mean(X, axis=0), np.sqrt(lam) * np.identity(D)])
    targets = np.concatenate([y - np.mean(y), np.zeros(D)])
    w, *_ = np.linalg.lstsq(rows, targets, rcond=None)
    return w, np.mean(y - X @ w)
""",
    ),
    Alternative(
        id="ridge_svd",
        exercise="ridge_fit",
        note="filter factors s/(s² + lam) of the singular value decomposition",
        source="""
def ridge_fit(X, y, lam):
    X, y = X.astype(float), y.astype(float)
    Xc = X - X.mean(axis=0)
    U, s, Vt = np.linalg.svd(Xc, full_matrices=False)
    w = Vt.T @ (s / (s**2 + lam) * (U.T @ (y - y.mean())))
    return w, y.mean() - np.dot(X.mean(axis=0), w)
""",
    ),
    Alternative(
        id="ridge_dual",
        exercise="ridge_fit",
        note="one equation per example instead of one per feature",
        source="""
def ridge_fit(X, y, lam):
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    Xc = X - X.mean(axis=0)
    w = Xc.T @ np.linalg.solve(Xc @ Xc.T + lam * np.eye(len(X)), y - y.mean())
    return w, float(np.mean(y) - np.mean(X, axis=0) @ w)
""",
    ),
    Alternative(
        id="pca_eigh",
        exercise="pca",
        note="eigenvectors of the covariance matrix, with the other sign",
        source="""
def pca(X, k):
    X = X.astype(float)
    Xc = X - X.mean(axis=0)
    values, vectors = np.linalg.eigh(Xc.T @ Xc / len(X))
    order = np.argsort(values)[::-1][:k]
    return -vectors[:, order], values[order]
""",
    ),
    Alternative(
        id="pca_variance_of_scores",
        exercise="pca",
        note="full svd; variances measured on the scores; random signs",
        source="""
def pca(X, k):
    mean = np.mean(X, axis=0, dtype=np.float64)
    _, _, Vt = np.linalg.svd(X - mean, full_matrices=True)
    W = np.empty((X.shape[1], k))
    for i in range(k):
        W[:, i] = Vt[i] * (-1) ** i
    return W, np.var((X - mean) @ W, axis=0)
""",
    ),
    Alternative(
        id="power_uniform_start",
        exercise="power_iteration",
        note="uniform start, vector flipped to a positive first entry, Rayleigh quotient with division",
        source="""
def power_iteration(A, iters, rng):
    v = rng.uniform(-1, 1, size=len(A))
    v /= np.sqrt(v.dot(v))
    for _ in range(iters):
        w = A.dot(v)
        if not w.any():
            break
        v = w / np.sqrt(w.dot(w))
    v = v if v[0] >= 0 else -v
    return float(v.dot(A.dot(v)) / v.dot(v)), v
""",
    ),
    Alternative(
        id="power_while",
        exercise="power_iteration",
        note="a while loop that stops early on a zero product and normalises with a safe length",
        source="""
def power_iteration(A, iters, rng):
    v = rng.normal(size=(A.shape[0], 1))
    v = v / np.linalg.norm(v)
    done = 0
    while done < iters:
        product = A @ v
        length = np.linalg.norm(product)
        v = product / length if length > 0 else v
        done += 1
    v = v[:, 0]
    return np.sum(v * (A @ v)), v
""",
    ),
)

ALTERNATIVES = (*PRODUCTS, *DATA, *MODELS)
