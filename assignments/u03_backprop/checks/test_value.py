"""Visible checks of Value, topological_sort and backward: derivatives by hand and central differences on plain numbers."""

import math

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, exercise, seeds

from .cases import central_difference, check_order, send_back


@exercise("Value")
@given(seed=seeds())
def test_value_computes(student, seed):
    """The data of a + b, a − b, a · b, a / b, a², tanh a, exp a and relu a are the usual numbers."""
    draw = Draw(seed)
    a, b = draw.away_from_zero(), draw.away_from_zero()
    va, vb = student.Value(a), student.Value(b)
    results = {
        "a + b": (va + vb, a + b),
        "a - b": (va - vb, a - b),
        "a * b": (va * vb, a * b),
        "a / b": (va / vb, a / b),
        "a ** 2": (va**2, a**2),
    }
    results |= {"a.tanh()": (va.tanh(), math.tanh(a)), "a.exp()": (va.exp(), math.exp(a)), "a.relu()": (va.relu(), max(0.0, a))}
    for name, (got, expected) in results.items():
        assert_close(got.data, expected, f"({name}).data")


@exercise("Value")
@given(seed=seeds(), operation=st.sampled_from(["+", "-", "*", "/"]))
def test_value_edges_of_two(student, seed, operation):
    """The derivatives along the edges of a + b, a − b, a · b and a / b agree with central differences, also in 0 · b and a · 0."""
    draw = Draw(seed)
    a, b, gradient = draw.away_from_zero(margin=0.5), draw.away_from_zero(margin=0.5), draw.normal()
    apply = {"+": lambda p, q: p + q, "-": lambda p, q: p - q, "*": lambda p, q: p * q, "/": lambda p, q: p / q}[operation]
    va, vb = student.Value(a), student.Value(b)
    send_back(apply(va, vb), gradient)
    assert_close(va.grad, gradient * central_difference(apply, [a, b], 0), f"a.grad after a {operation} b", rtol=1e-5, atol=1e-8)
    assert_close(vb.grad, gradient * central_difference(apply, [a, b], 1), f"b.grad after a {operation} b", rtol=1e-5, atol=1e-8)
    if operation == "*":
        for p, q in ((0.0, b), (a, 0.0)):
            vp, vq = student.Value(p), student.Value(q)
            send_back(vp * vq, gradient)
            assert_close(vp.grad, gradient * q, f"a.grad after a * b with a = {p:g}, b = {q:g}")
            assert_close(vq.grad, gradient * p, f"b.grad after a * b with a = {p:g}, b = {q:g}")


@exercise("Value")
@given(seed=seeds())
def test_value_edges_of_one(student, seed):
    """The derivatives are 3a² for a³ (also at a = 0), exp a for exp, 1 − tanh² a for tanh (0 at a = 400), and 0 or 1 for relu."""
    draw = Draw(seed)
    a, gradient = draw.away_from_zero(), draw.normal()
    slopes = {"cube": 3 * a**2, "exp": math.exp(a), "tanh": 1 - math.tanh(a) ** 2, "relu": float(a > 0)}
    for name, slope in slopes.items():
        va = student.Value(a)
        send_back(va**3 if name == "cube" else getattr(va, name)(), gradient)
        assert_close(va.grad, gradient * slope, f"a.grad after {name}", rtol=1e-6, atol=1e-12)
    zero, far = student.Value(0.0), student.Value(400.0)
    cube, flat = zero**3, far.tanh()
    send_back(cube, gradient)
    send_back(flat, gradient)
    assert_close(zero.grad, 0.0, "a.grad after cube at a = 0")
    assert_close(flat.data, 1.0, "(a.tanh()).data at a = 400")
    assert_close(far.grad, 0.0, "a.grad after tanh at a = 400")


@exercise("Value")
@given(seed=seeds())
def test_value_with_plain_numbers(student, seed):
    """Plain numbers may stand on either side: a + 2, 2 + a, 3 − a, 3 · a, 1 / a, and the gradient finds its way back to a."""
    draw = Draw(seed)
    a, gradient = draw.away_from_zero(margin=0.5), draw.away_from_zero()
    va = student.Value(a)
    results = {"a + 2": (va + 2, a + 2), "2 + a": (2 + va, 2 + a), "3 - a": (3.0 - va, 3.0 - a), "a - 3": (va - 3.0, a - 3.0)}
    results |= {"3 * a": (3.0 * va, 3.0 * a), "1 / a": (1.0 / va, 1.0 / a), "a / 2": (va / 2, a / 2)}
    for name, (got, expected) in results.items():
        assert_close(got.data, expected, f"({name}).data")
    reflected = {"2 + a": (lambda p: 2 + p, 1.0), "3 - a": (lambda p: 3.0 - p, -1.0)}
    reflected |= {"3 * a": (lambda p: 3.0 * p, 3.0), "1 / a": (lambda p: 1.0 / p, -1 / a**2)}
    for name, (apply, slope) in reflected.items():
        va = student.Value(a)
        send_back(apply(va), gradient)
        assert_close(va.grad, gradient * slope, f"a.grad after {name}")


@exercise("Value")
@given(seed=seeds())
def test_value_used_twice(student, seed):
    """A Value that is used twice gets both gradients: 2 for a + a, and 2a for a · a, on top of what it has from elsewhere."""
    draw = Draw(seed)
    a, gradient, before = draw.away_from_zero(), draw.away_from_zero(), draw.away_from_zero()
    for name, slope in (("a + a", 2.0), ("a * a", 2 * a)):
        va = student.Value(a)
        va.grad = before
        send_back(va + va if name == "a + a" else va * va, gradient)
        assert_close(va.grad, before + slope * gradient, f"a.grad after {name}, with {before:g} in it before", atol=1e-9)


@exercise("topological_sort")
@given(seed=seeds())
def test_order_of_a_shared_node(student, seed):
    """In the graph of b = a·c, d = b·a, e = b + d each node is listed once, after its children, and e is last."""
    a, c = (round(x, 4) for x in Draw(seed).rng.uniform(1.1, 3.0, 2))
    va, vc = student.Value(a), student.Value(c)
    vb = va * vc
    vd = vb * va
    ve = vb + vd
    check_order(student.topological_sort(ve), [va, vc, vb, vd, ve])


@exercise("topological_sort")
def test_backward_on_the_first_graph(student):
    """For loss = |4 − (w·x + b)| with x = 2, w = 3, b = 1: loss 3, and gradients 2 for w, 1 for b, 3 for x."""
    x, w, b = student.Value(2.0), student.Value(3.0), student.Value(1.0)
    x1 = w * x
    x2 = x1 + b
    loss = (4.0 - x2).relu() + (x2 - 4.0).relu()  # |4 − x2|
    loss.backward()
    assert_close(loss.data, 3.0, "loss.data")
    expected = {"loss": (loss, 1.0), "x2": (x2, 1.0), "x1": (x1, 1.0), "b": (b, 1.0), "w": (w, 2.0), "x": (x, 3.0)}
    for name, (value, gradient) in expected.items():
        assert_close(value.grad, gradient, f"{name}.grad")


@exercise("topological_sort")
@given(seed=seeds())
def test_backward_when_paths_meet(student, seed):
    """When two paths lead to one node, as to a in (a·c)·(a + c) with a = z·z, their gradients add before they go on."""
    z, c = (round(x, 2) for x in Draw(seed).rng.uniform(0.5, 2.0, 2))

    def f(z, c):
        a = z * z
        return (a * c) * (a + c)

    vz, vc = student.Value(z), student.Value(c)
    f(vz, vc).backward()
    assert_close(vz.grad, central_difference(f, [z, c], 0), "z.grad", rtol=1e-5)
    assert_close(vc.grad, central_difference(f, [z, c], 1), "c.grad", rtol=1e-5)


@exercise("topological_sort")
@given(seed=seeds())
def test_backward_through_sigmoid(student, seed):
    """The sigmoid 1 / (1 + exp(−a)), built from Values, has the derivative σ(1 − σ)."""
    a = Draw(seed).normal()
    s = 1 / (1 + math.exp(-a))
    va = student.Value(a)
    out = 1.0 / (1.0 + (-va).exp())
    out.backward()
    assert_close(out.data, s, "sigmoid(a).data")
    assert_close(va.grad, s * (1 - s), "a.grad")


@exercise("topological_sort")
def test_backward_adds_to_what_is_there(student):
    """A second backward pass adds to the first: with a = 2, a·a gives a the gradient 4, and 3·a after it makes it 7."""
    a = student.Value(2.0)
    (a * a).backward()
    assert_close(a.grad, 4.0, "a.grad after (a · a).backward()")
    (a * student.Value(3.0)).backward()
    assert_close(a.grad, 7.0, "a.grad after (3 · a).backward() as well")
