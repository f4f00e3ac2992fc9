"""Hidden tests of Value, topological_sort and backward."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, Driver, assert_close, exercise, fail, seeds

from ..visible.cases import send_back

SENT = Driver("""
    def gradients_of(expression, numbers, gradient, before):
        values = dict(zip("ab", map(Value, numbers)))
        for value in values.values():
            value.grad = before
        out = eval(expression, dict(values))
        out.grad = gradient

        def send(node):
            node._backward()
            for child in node.children:
                send(child)

        send(out)
        return out.data, [value.grad for value in values.values()], [value.data for value in values.values()]
""")


def compare(student, reference, expression, numbers, gradient, before=0.0):
    """Compare the data and the operands' gradients of one expression in a (and b) with the reference's Values."""
    (data, grads, _), (ref_data, ref_grads, _) = (SENT(who, expression, numbers, gradient, before) for who in (student, reference))
    assert_close(data, float(ref_data), f"({expression}).data")
    there = f", with {before:g} in it before" if before else ""
    for name, got, expected in zip("ab", grads, ref_grads, strict=False):
        assert_close(got, float(expected), f"{name}.grad after {expression}{there}", atol=1e-9 if before else 1e-12)


@exercise("Value", weight=2)
@given(seed=seeds())
def test_value_sum_and_product(student, reference, seed):
    """a + b sends its gradient on unchanged; a · b multiplies it by the other factor, also where a factor is 0."""
    draw = Draw(seed)
    a, b, gradient = draw.away_from_zero(), draw.away_from_zero(), draw.away_from_zero()
    compare(student, reference, "a + b", [a, b], gradient)
    for factors in ([a, b], [a, 0.0], [0.0, b]):
        compare(student, reference, "a * b", factors, gradient)


@exercise("Value", weight=2)
@given(seed=seeds())
def test_value_difference_and_quotient(student, reference, seed):
    """a − b sends −1 times its gradient to b; a / b sends 1/b to a and −a/b² to b."""
    draw = Draw(seed)
    a, b, gradient = draw.away_from_zero(), draw.away_from_zero(margin=0.5), draw.away_from_zero()
    compare(student, reference, "a - b", [a, b], gradient)
    compare(student, reference, "a / b", [a, b], gradient)


@exercise("Value")
@given(seed=seeds(), exponent=st.sampled_from([2, 3, 0.5, 1.5, -1, -2, 1]))
def test_value_power(student, reference, seed, exponent):
    """aⁿ has the derivative n·aⁿ⁻¹ for whole, negative and fractional n; that of a² at a = 0 is 0."""
    draw = Draw(seed)
    a = draw.away_from_zero(margin=0.5)
    compare(student, reference, f"a ** {exponent}", [abs(a) if exponent in (0.5, 1.5) else a], draw.away_from_zero())
    compare(student, reference, "a ** 2", [0.0], draw.away_from_zero())


@exercise("Value")
@given(seed=seeds(), name=st.sampled_from(["tanh", "exp"]))
def test_value_smooth_functions(student, reference, seed, name):
    """tanh has the derivative 1 − tanh², exp is its own derivative; tanh is ±1 and flat at a = ±400."""
    draw = Draw(seed)
    compare(student, reference, f"a.{name}()", [draw.normal()], draw.away_from_zero())
    for a in (400.0, -400.0):
        compare(student, reference, "a.tanh()", [a], draw.away_from_zero())


@exercise("Value", examples=4)
@given(seed=seeds())
def test_value_relu(student, seed):
    """relu lets a gradient of either sign pass where a > 0, and stops it where a < 0 and at a = 0; its 0 may be multiplied on."""
    draw = Draw(seed)
    size, gradient = abs(draw.away_from_zero()), draw.away_from_zero()
    for a in (size, -size, 0.0):
        data, (grad,), _ = SENT(student, "a.relu()", [a], gradient, 0.0)
        assert_close(data, max(0.0, a), f"a.relu().data for a = {a:g}")
        assert_close(grad, gradient if a > 0 else 0.0, f"a.grad after a.relu() for a = {a:g}")
    _, (_, grad), _ = SENT(student, "a.relu() * b", [-size, size], gradient, 0.0)
    assert_close(grad, 0.0, "b.grad after a.relu() * b for a < 0")


@exercise("Value", weight=2, examples=3)
@given(seed=seeds())
def test_value_and_number(student, reference, seed):
    """A number may stand left or right of a Value in +, −, · and /; the order counts in − and /."""
    draw = Draw(seed)
    a, c, gradient = draw.away_from_zero(margin=0.5), draw.away_from_zero(margin=0.5), draw.away_from_zero()
    for sign in "+-*/":
        compare(student, reference, f"{c!r} {sign} a", [a], gradient)
        compare(student, reference, f"a {sign} {c!r}", [a], gradient)


@exercise("Value", weight=2, examples=3)
@given(seed=seeds())
def test_value_gradients_accumulate(student, reference, seed):
    """A gradient that arrives is added to what .grad already holds, also when both operands are the same Value."""
    draw = Draw(seed)
    a, b, gradient, before = abs(draw.away_from_zero(margin=0.5)), draw.away_from_zero(), draw.away_from_zero(), draw.away_from_zero()
    for sign in "+-*/":
        compare(student, reference, f"a {sign} a", [a, b], gradient, before)
        compare(student, reference, f"a {sign} b", [a, b], gradient, before)
    for expression in ("a ** 2", "a.tanh()", "a.exp()", "a.relu()"):
        compare(student, reference, expression, [a, b], gradient, before)


@exercise("Value")
@given(seed=seeds())
def test_value_keeps_its_operands(student, reference, seed):
    """An operation makes a new Value; the data of its operands stay, and one Value can serve several results."""
    draw = Draw(seed)
    a, b, first, second = draw.away_from_zero(), draw.away_from_zero(), draw.away_from_zero(), draw.away_from_zero()
    results = []
    for source in (student, reference):
        va, vb = source.Value(a), source.Value(b)
        product, total = va * vb, va + vb
        send_back(product, first)
        send_back(total, second)
        results.append((va.data, vb.data, va.grad, vb.grad, product.data, total.data))
    names = ("a.data", "b.data", "a.grad", "b.grad", "(a * b).data", "(a + b).data")
    for name, got, expected in zip(names, *results, strict=True):
        assert_close(got, float(expected), name)


FAMILIES = Driver("""
    def families(a, b):
        va, vb = Value(a), Value(b)
        results = {"a + b": va + vb, "a * b": va * vb, "a ** 3": va**3, "a.tanh()": va.tanh(), "a.exp()": va.exp(), "a.relu()": va.relu()}
        found = []
        for text, result in results.items():
            children = list(result.children)
            names = ["a" if child is va else "b" if child is vb else "another" for child in children]
            found.append((text, names, [child.data for child in children]))
        return found, len(va.children)
""")


@exercise("Value", examples=6)
@given(seed=seeds())
def test_value_knows_its_children(student, seed):
    """The children of a result are the very Values it was computed from; a leaf has none."""
    draw = Draw(seed)
    a, b = draw.away_from_zero(), draw.away_from_zero()
    families, leaf = FAMILIES(student, a, b)
    for text, names, data in families:
        operands = {"a", "b"} if "b" in text else {"a"}
        if len(names) != len(operands):
            fail(f"({text}).children has {len(names)} entries, expected {len(operands)}.", "children", len(names), len(operands))
        for name in sorted(operands - set(names)):
            fail(f"({text}).children does not hold the Value {name}.", "children", data, f"{name} = {a if name == 'a' else b}")
    if leaf != 0:
        fail("A leaf has no children.", "children", leaf, 0)


# ------------------------------------------------------------------ whole graphs
def program(seed, leaves, steps):
    """Return random steps (operation, i, j) on a growing list of nodes; early nodes are used again and again."""
    rng = Draw(seed).rng
    plan = []
    for k in range(steps):
        count = leaves + k
        operation = str(rng.choice(["+", "*"]))
        plan.append((operation, count - 1 if k else int(rng.integers(count)), int(rng.integers(count))))
    return plan


def execute(source, numbers, plan):
    """Return all nodes of a program run with the Values of ``source``."""
    nodes = [source.Value(x) for x in numbers]
    for operation, i, j in plan:
        a, b = nodes[i], nodes[j]
        nodes.append(a + b if operation == "+" else a * b)
    return nodes


@exercise("topological_sort", weight=2)
@given(seed=seeds(), leaves=st.integers(1, 4), steps=st.integers(2, 7))
def test_backward_on_random_graphs(student, reference, seed, leaves, steps):
    """On random graphs with shared nodes, every leaf gets the gradient of all its paths."""
    numbers = [round(float(x), 2) for x in Draw(seed).rng.uniform(0.3, 1.2, leaves)]
    plan = program(seed, leaves, steps)
    got, expected = execute(student, numbers, plan), execute(reference, numbers, plan)
    got[-1].backward()
    expected[-1].backward()
    for i in range(leaves):
        assert_close(got[i].grad, float(expected[i].grad), f"grad of leaf {i}", atol=1e-9)


@exercise("topological_sort", weight=2)
@given(seed=seeds(), rungs=st.integers(1, 5))
def test_backward_on_a_ladder(student, seed, rungs):
    """Doubling a Value k times, x → x + x → …, gives the gradient 2ᵏ: each node acts once, when its gradient is complete."""
    x = Draw(seed).away_from_zero()
    leaf = student.Value(x)
    nodes = [leaf]
    for _ in range(rungs):
        nodes.append(nodes[-1] + nodes[-1])
    nodes[-1].backward()
    for k, node in enumerate(nodes):
        assert_close(node.grad, float(2 ** (rungs - k)), f"grad of the node {rungs - k} steps before the end")


@exercise("topological_sort")
@given(seed=seeds(), shape=st.sampled_from(["long way first", "long way last"]))
def test_backward_when_a_short_path_waits(student, seed, shape):
    """A node that is reached by a short and by a long path waits for the long one, whichever operand it is."""
    draw = Draw(seed)
    z, c = draw.away_from_zero(), draw.away_from_zero()
    vz, vc = student.Value(z), student.Value(c)
    a = vz * vc
    far = (a * vc) * vc
    out = far + a if shape == "long way first" else a + far
    out.backward()
    assert_close(a.grad, 1 + c * c, "grad of a = z·c in a·c·c + a")
    assert_close(vz.grad, c + c**3, "z.grad")
    assert_close(vc.grad, z + 3 * z * c**2, "c.grad")


SORTED = Driver("""
    def sorted_graph(leaves, plan):
        nodes = [Value(x) for x in leaves]
        for operation, i, j in plan:
            nodes.append(nodes[i] + nodes[j] if operation == "+" else nodes[i] * nodes[j])
        order = topological_sort(nodes[-1])
        if not isinstance(order, (list, tuple)):
            return type(order).__name__, []
        return [node.data for node in order], [node.data for node in nodes]
""")


@exercise("topological_sort", examples=6)
@given(seed=seeds(), steps=st.integers(1, 6))
def test_order_is_topological(student, seed, steps):
    """The list holds each node once, leaves included, children before parents and the value itself last."""
    rng = Draw(seed).rng
    leaves = [round(float(x), 3) for x in (rng.uniform(1.1, 1.4), rng.uniform(1.5, 1.9))]  # > 1: each node is larger than its children
    plan = [("*", 0, 1)]
    for last in range(2, 2 + steps):
        earlier = int(rng.integers(last))
        plan.append(("+", last, earlier) if rng.random() < 0.5 else ("*", earlier, last))
    order, data = SORTED(student, leaves, plan)
    if isinstance(order, str):
        fail("topological_sort should return a list of Values.", "order", order, "list")
    if sorted(order) != sorted(data):
        fail("The list should hold every node of the graph exactly once (shown: the data of the nodes).", "order", order, sorted(data))
    place = {number: i for i, number in enumerate(order)}
    for node, (_, *children) in enumerate(plan, 2):
        for child in children:
            if place[data[child]] > place[data[node]]:
                fail(f"The node with data {data[node]:g} stands before its child with data {data[child]:g}.", "order", order, "children first")
    if order[-1] != data[-1]:
        fail("The value itself should come last.", "order", order, data[-1])


@exercise("topological_sort")
@given(seed=seeds())
def test_backward_with_equal_numbers(student, seed):
    """Different nodes that happen to hold the same number are different nodes, as a·b and c·d with a = b = c = d in a·b + (c·d)·a."""
    x = Draw(seed).away_from_zero()
    a, b, c, d = (student.Value(x) for _ in range(4))
    first, second = a * b, c * d
    (first + second * a).backward()
    for name, leaf, expected in (("a", a, x + x**2), ("b", b, x), ("c", c, x**2), ("d", d, x**2)):
        assert_close(leaf.grad, expected, f"{name}.grad", atol=1e-9)


@exercise("topological_sort")
@given(seed=seeds())
def test_backward_adds_to_gradients(student, seed):
    """A second backward pass, through another graph on the same leaf, adds to the gradient that is there."""
    draw = Draw(seed)
    a, c = draw.away_from_zero(), draw.away_from_zero()
    leaf = student.Value(a)
    (leaf * leaf).backward()
    assert_close(leaf.grad, 2 * a, "a.grad after a·a")
    (leaf * student.Value(c)).backward()
    assert_close(leaf.grad, 2 * a + c, "a.grad after a·a and then a·c", atol=1e-9)


@exercise("topological_sort")
@given(seed=seeds(), length=st.integers(1, 60))
def test_backward_along_a_chain(student, seed, length):
    """The end of a graph has gradient 1, even when it is a lone leaf, and a chain of additions hands it on to every link."""
    draw = Draw(seed)
    alone = student.Value(draw.normal())
    alone.backward()
    assert_close(alone.grad, 1.0, "grad of a lone Value after its backward()")
    start = student.Value(draw.normal())
    end, step = start, student.Value(0.5)
    for _ in range(length):
        end = end + step
    end.backward()
    assert_close(start.grad, 1.0, "grad of the first link")
    assert_close(step.grad, float(length), "grad of the step that was added each time")
