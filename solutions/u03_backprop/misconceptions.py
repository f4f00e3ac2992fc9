"""Wrong answers to u03_backprop that people give, each with the hint they read."""

from autograder.authoring.variants import Misconception

NUMERIC = (
    Misconception(
        id="numeric_forward_difference",
        exercise="eval_numerical_gradient_array",
        hint="Your difference is one-sided, f(x + h) − f(x): its error grows like h. Step to both sides, and divide by the distance between the two points.",
        edits=(("x[i] = old - h", "x[i] = old"), ("/ (2 * h)", "/ h")),
    ),
    Misconception(
        id="numeric_backward_difference",
        exercise="eval_numerical_gradient_array",
        hint="Your difference is one-sided, f(x) − f(x − h): its error grows like h. Step to both sides of x.",
        edits=(("x[i] = old + h", "x[i] = old"), ("/ (2 * h)", "/ h")),
    ),
    Misconception(
        id="numeric_divides_by_h",
        exercise="eval_numerical_gradient_array",
        hint="Every entry is exactly twice too large: how far apart are x + h and x − h?",
        edits=(("/ (2 * h)", "/ h"),),
    ),
    Misconception(
        id="numeric_precedence",
        exercise="eval_numerical_gradient_array",
        hint="`a / 2 * h` means (a / 2) · h in Python, so you multiply by the step instead of dividing. Put 2h in parentheses.",
        edits=(("/ (2 * h)", "/ 2 * h"),),
    ),
    Misconception(
        id="numeric_not_restored",
        exercise="eval_numerical_gradient_array",
        hint="You leave x[i] displaced when you go on to the next entry, so x comes back changed and later entries see a different x. Put the old value back.",
        edits=(("x[i] = old\n", "pass\n"),),
    ),
    Misconception(
        id="numeric_steps_back",
        exercise="eval_numerical_gradient_array",
        hint="Stepping back with `+= h` does not quite restore x: each step is rounded. Keep the old value and assign it.",
        edits=(("x[i] = old + h", "x[i] += h"), ("x[i] = old - h", "x[i] -= 2 * h"), ("x[i] = old\n", "x[i] += h\n")),
    ),
    Misconception(
        id="numeric_ignores_df",
        exercise="eval_numerical_gradient_array",
        hint="Your gradient does not depend on df: each output's change has to be weighted with its upstream gradient before you sum.",
        edits=(("(plus - minus) * df", "plus - minus"),),
    ),
    Misconception(
        id="numeric_mean",
        exercise="eval_numerical_gradient_array",
        hint="Your gradient is too small by the number of outputs: the weighted changes add up, they are not averaged.",
        edits=(("np.sum(", "np.mean("),),
    ),
    Misconception(
        id="numeric_all_at_once",
        exercise="eval_numerical_gradient_array",
        hint="You move all entries of x together. That works only while each output depends on one input; move one entry and keep the others where they are.",
        source="""
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    return np.zeros_like(x) + np.array((f(x + h) - f(x - h)) * df / (2 * h))
""",
    ),
    Misconception(
        id="numeric_total_move",
        exercise="eval_numerical_gradient_array",
        hint="All your entries are the same number: you move all of x at once and then sum. One entry at a time.",
        edits=(("x[i] = old + h", "x += h"), ("x[i] = old - h", "x -= 2 * h"), ("x[i] = old\n", "x += h\n")),
    ),
    Misconception(
        id="numeric_ignores_h",
        exercise="eval_numerical_gradient_array",
        hint="Your step does not follow the argument h: it is a fixed number in your code.",
        edits=(("x[i] = old + h", "h = 1e-5; x[i] = old + h"),),
    ),
    Misconception(
        id="numeric_large_default",
        exercise="eval_numerical_gradient_array",
        hint="With the default step your numbers are off by about a thousandth: the default of h should be 1e-5.",
        edits=(("def eval_numerical_gradient_array(f, x, df, h=1e-5):", "def eval_numerical_gradient_array(f, x, df, h=1e-2):"),),
    ),
    Misconception(
        id="numeric_keeps_views",
        exercise="eval_numerical_gradient_array",
        hint="Where f returns a view of x, such as its transpose, your gradient is 0: both results changed when you moved x on. Keep copies of them.",
        edits=(("plus = np.array(f(x))", "plus = f(x)"), ("minus = np.array(f(x))", "minus = f(x)")),
    ),
    Misconception(
        id="numeric_flat_copy",
        exercise="eval_numerical_gradient_array",
        hint="Your gradient is 0 for arrays that are not contiguous in memory: there `x.reshape(-1)` is a copy, and moving the copy does not move x.",
        source="""
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    flat, grad = x.reshape(-1), np.zeros(x.size)
    for i in range(x.size):
        old = flat[i]
        flat[i] = old + h
        plus = np.array(f(x))
        flat[i] = old - h
        minus = np.array(f(x))
        flat[i] = old
        grad[i] = np.sum((plus - minus) * df) / (2 * h)
    return grad.reshape(x.shape)
""",
    ),
    Misconception(
        id="numeric_flat_result",
        exercise="eval_numerical_gradient_array",
        hint="Your numbers are right, but the gradient came back flat: it has the shape of x.",
        edits=(("return grad", "return grad.reshape(-1)"),),
    ),
    Misconception(
        id="numeric_sign",
        exercise="eval_numerical_gradient_array",
        hint="Your gradient has the wrong sign everywhere: which of the two values is subtracted from which?",
        edits=(("(plus - minus)", "(minus - plus)"),),
    ),
    Misconception(
        id="numeric_five_point",
        exercise="eval_numerical_gradient_array",
        hint="You use a longer formula with four values of f for each entry. It is accurate, but asked for is the central difference, (f(x + h) − f(x − h)) / 2h.",
        edits=(
            (
                "        x[i] = old\n        grad[i] = np.sum((plus - minus) * df) / (2 * h)",
                "        x[i] = old + 2 * h\n        far = np.array(f(x))\n        x[i] = old - 2 * h\n        far = far - np.array(f(x))\n        x[i] = old\n        grad[i] = np.sum((8 * (plus - minus) - far) * df) / (12 * h)",
            ),
        ),
    ),
    Misconception(
        id="numeric_two_sums",
        exercise="eval_numerical_gradient_array",
        hint="You add up the changes and add up df, and multiply the two sums. Each output's change is multiplied by its own entry of df first; then you add.",
        edits=(("np.sum((plus - minus) * df)", "np.sum(plus - minus) * np.sum(df)"),),
    ),
)

REL_ERROR = (
    Misconception(
        id="rel_error_no_abs_difference",
        exercise="rel_error",
        hint="Your answer depends on the order of x and y, and can be negative: take the absolute value of the difference.",
        edits=(("np.abs(x - y)", "(x - y)"),),
    ),
    Misconception(
        id="rel_error_no_abs_sum",
        exercise="rel_error",
        hint="For opposite signs your denominator nearly vanishes: add the absolute values, not the numbers.",
        edits=(("np.abs(x) + np.abs(y)", "np.abs(x + y)"),),
    ),
    Misconception(
        id="rel_error_no_floor",
        exercise="rel_error",
        hint="Where both entries are 0 you divide 0 by 0 and get NaN: the denominator needs its floor of 1e-8.",
        edits=(("np.maximum(1e-8, np.abs(x) + np.abs(y))", "(np.abs(x) + np.abs(y))"),),
    ),
    Misconception(
        id="rel_error_floor_added",
        exercise="rel_error",
        hint="For tiny entries you are off by a factor: the formula takes the larger of 1e-8 and |x| + |y|, you add them.",
        edits=(("np.maximum(1e-8, np.abs(x) + np.abs(y))", "(1e-8 + np.abs(x) + np.abs(y))"),),
    ),
    Misconception(
        id="rel_error_small_floor",
        exercise="rel_error",
        hint="Your floor is far below 1e-8: entries of size 1e-9, which are rounding, count as completely wrong.",
        edits=(("np.maximum(1e-8, ", "np.maximum(1e-12, "),),
    ),
    Misconception(
        id="rel_error_mean",
        exercise="rel_error",
        hint="You average the entries' errors, so that one wrong entry among many hides. Report the worst one.",
        edits=(("np.max(np", "np.mean(np"),),
    ),
    Misconception(
        id="rel_error_sum",
        exercise="rel_error",
        hint="You add up the entries' errors, so large arrays look worse. Report the worst one.",
        edits=(("np.max(np", "np.sum(np"),),
    ),
    Misconception(
        id="rel_error_array",
        exercise="rel_error",
        hint="You return one error per entry; asked for is a single number, the largest.",
        edits=(
            ("np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))", "np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y))"),
        ),
    ),
    Misconception(
        id="rel_error_max_over_max",
        exercise="rel_error",
        hint="You divide the largest difference by the largest sum. A badly wrong small entry disappears beside large ones: divide entry by entry, then take the maximum.",
        edits=(
            (
                "np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))",
                "np.max(np.abs(x - y)) / max(1e-8, np.max(np.abs(x) + np.abs(y)))",
            ),
        ),
    ),
    Misconception(
        id="rel_error_norms",
        exercise="rel_error",
        hint="You compare norms of the whole arrays. A badly wrong small entry disappears beside large ones: divide entry by entry, then take the maximum.",
        edits=(
            (
                "np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))",
                "np.linalg.norm(x - y) / max(1e-8, np.linalg.norm(x) + np.linalg.norm(y))",
            ),
        ),
    ),
    Misconception(
        id="rel_error_larger_of_two",
        exercise="rel_error",
        hint="Your errors are up to twice too large: the denominator is the sum |x| + |y|, not the larger of the two.",
        edits=(("np.maximum(1e-8, np.abs(x) + np.abs(y))", "np.maximum(1e-8, np.maximum(np.abs(x), np.abs(y)))"),),
    ),
    Misconception(
        id="rel_error_one_sided",
        exercise="rel_error",
        hint="You divide by |x| alone, so the answer changes when x and y are swapped. The denominator is |x| + |y|.",
        edits=(("np.abs(x) + np.abs(y)", "np.abs(x)"),),
    ),
    Misconception(
        id="rel_error_other_side",
        exercise="rel_error",
        hint="You divide by |y| alone, so the answer changes when x and y are swapped. The denominator is |x| + |y|.",
        edits=(("np.abs(x) + np.abs(y)", "np.abs(y)"),),
    ),
)

ADD = "self.grad += out.grad\n            other.grad += out.grad"
MUL = "self.grad += other.data * out.grad\n            other.grad += self.data * out.grad"
VALUE = (
    Misconception(
        id="value_add_overwrites",
        exercise="Value",
        hint="In a + b you assign the gradients with `=`. When a Value is used twice, as in a + a, the second assignment wipes out the first: add with `+=`.",
        edits=((ADD, "self.grad = out.grad\n            other.grad = out.grad"),),
    ),
    Misconception(
        id="value_mul_overwrites",
        exercise="Value",
        hint="In a · b you assign the gradients with `=`. When a Value is used twice, as in a · a, the second assignment wipes out the first: add with `+=`.",
        edits=((MUL, "self.grad = other.data * out.grad\n            other.grad = self.data * out.grad"),),
    ),
    Misconception(
        id="value_pow_overwrites",
        exercise="Value",
        hint="In aⁿ you assign the gradient with `=`; what other uses of a have already sent is lost. Add with `+=`.",
        edits=(("self.grad += exponent", "self.grad = exponent"),),
    ),
    Misconception(
        id="value_tanh_overwrites",
        exercise="Value",
        hint="In tanh you assign the gradient with `=`; what other uses of a have already sent is lost. Add with `+=`.",
        edits=(("self.grad += (1.0 - out.data**2)", "self.grad = (1.0 - out.data**2)"),),
    ),
    Misconception(
        id="value_exp_overwrites",
        exercise="Value",
        hint="In exp you assign the gradient with `=`; what other uses of a have already sent is lost. Add with `+=`.",
        edits=(("self.grad += out.data * out.grad", "self.grad = out.data * out.grad"),),
    ),
    Misconception(
        id="value_relu_overwrites",
        exercise="Value",
        hint="In relu you assign the gradient with `=`; what other uses of a have already sent is lost. Add with `+=`.",
        edits=(("self.grad += float(self.data > 0)", "self.grad = float(self.data > 0)"),),
    ),
    Misconception(
        id="value_add_ignores_upstream",
        exercise="Value",
        hint="In a + b your gradients are always 1. That is the derivative along the edge; it still has to be multiplied by the gradient of the result.",
        edits=((ADD, "self.grad += 1.0\n            other.grad += 1.0"),),
    ),
    Misconception(
        id="value_mul_ignores_upstream",
        exercise="Value",
        hint="In a · b you send back only the other factor. Multiply it by the gradient of the result.",
        edits=((MUL, "self.grad += other.data\n            other.grad += self.data"),),
    ),
    Misconception(
        id="value_mul_own_factor",
        exercise="Value",
        hint="In a · b each factor gets its own number as derivative. If b is fixed and a grows by 1, by how much does a · b grow?",
        edits=((MUL, "self.grad += self.data * out.grad\n            other.grad += other.data * out.grad"),),
    ),
    Misconception(
        id="value_mul_one_side",
        exercise="Value",
        hint="In a · b only the left factor gets a gradient: the right one is a child too.",
        edits=((MUL, "self.grad += other.data * out.grad"),),
    ),
    Misconception(
        id="value_mul_same_operand_once",
        exercise="Value",
        hint="When both operands of a product are the same Value, as in a · a, you send only one gradient. There are two edges, and `+=` takes both.",
        edits=((MUL, "self.grad += other.data * out.grad\n            if other is not self:\n                other.grad += self.data * out.grad"),),
    ),
    Misconception(
        id="value_mul_by_quotient",
        exercise="Value",
        hint="a · b fails where a factor is 0: to have the other factor you divide the product by this one. The other factor is at hand.",
        edits=((MUL, "self.grad += out.data / self.data * out.grad\n            other.grad += out.data / other.data * out.grad"),),
    ),
    Misconception(
        id="value_same_operand_once",
        exercise="Value",
        hint="When both operands of a sum are the same Value, as in a + a, you send its gradient only once. There are two edges.",
        edits=((ADD, "for node in {self, other}:\n                node.grad += out.grad"),),
    ),
    Misconception(
        id="value_pow_exponent_kept",
        exercise="Value",
        hint="Your derivative of aⁿ is n·aⁿ: the exponent goes down by one.",
        edits=(("exponent * self.data ** (exponent - 1)", "exponent * self.data ** exponent"),),
    ),
    Misconception(
        id="value_pow_without_factor",
        exercise="Value",
        hint="Your derivative of aⁿ lacks the factor n.",
        edits=(("exponent * self.data ** (exponent - 1)", "self.data ** (exponent - 1)"),),
    ),
    Misconception(
        id="value_pow_sign_lost",
        exercise="Value",
        hint="For negative n your derivative of aⁿ has the wrong sign: the factor is n itself, not its absolute value.",
        edits=(("exponent * self.data ** (exponent - 1)", "abs(exponent) * self.data ** (exponent - 1)"),),
    ),
    Misconception(
        id="value_pow_by_quotient",
        exercise="Value",
        hint="The derivative of aⁿ fails at a = 0: you take aⁿ⁻¹ as aⁿ divided by a. Raise a to the power n − 1.",
        edits=(("exponent * self.data ** (exponent - 1)", "exponent * out.data / self.data"),),
    ),
    Misconception(
        id="value_pow_ignores_upstream",
        exercise="Value",
        hint="In aⁿ you send back only n·aⁿ⁻¹. Multiply it by the gradient of the result.",
        edits=(("exponent * self.data ** (exponent - 1) * out.grad", "exponent * self.data ** (exponent - 1)"),),
    ),
    Misconception(
        id="value_sub_swapped",
        exercise="Value",
        hint="a − b comes out with the wrong sign: you compute b − a.",
        edits=(("return self + (-other)", "return -self + other"),),
    ),
    Misconception(
        id="value_sub_gradient_sign",
        exercise="Value",
        hint="In a − b you send +1 times the gradient to b. When b grows, a − b falls.",
        edits=(
            (
                "return self + (-other)",
                "other = other if isinstance(other, Value) else Value(other)\n        out = self + other\n        out.data = self.data - other.data\n        return out",
            ),
        ),
    ),
    Misconception(
        id="value_div_gradient",
        exercise="Value",
        hint="In a / b the divisor gets +a/b². When b grows, does a / b grow or fall?",
        edits=(
            (
                "return self * other**-1.0",
                """other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data / other.data, (self, other), "/")

        def _backward():
            self.grad += out.grad / other.data
            other.grad += out.grad * self.data / other.data**2

        out._backward = _backward
        return out""",
            ),
        ),
    ),
    Misconception(
        id="value_div_unsquared",
        exercise="Value",
        hint="In a / b your derivative for b is −a/b. Write a / b as a · b⁻¹ and differentiate b⁻¹ once more.",
        edits=(
            (
                "return self * other**-1.0",
                """other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data / other.data, (self, other), "/")

        def _backward():
            self.grad += out.grad / other.data
            other.grad += -out.grad * self.data / other.data

        out._backward = _backward
        return out""",
            ),
        ),
    ),
    Misconception(
        id="value_div_constant",
        exercise="Value",
        hint="In a / b the divisor gets no gradient: you divide by its number, and the edge from b to the result is lost.",
        edits=(("return self * other**-1.0", "return self * (1.0 / (other.data if isinstance(other, Value) else other))"),),
    ),
    Misconception(
        id="value_no_radd",
        exercise="Value",
        hint="2 + a raises a TypeError: Python asks a float, which knows nothing of Values, and then looks for `__radd__`.",
        edits=(("return self + other\n", "return NotImplemented\n"),),
    ),
    Misconception(
        id="value_no_rmul",
        exercise="Value",
        hint="2 · a raises a TypeError: Python asks a float, which knows nothing of Values, and then looks for `__rmul__`.",
        edits=(("return self * other\n", "return NotImplemented\n"),),
    ),
    Misconception(
        id="value_rmul_detached",
        exercise="Value",
        hint="2 · a has the right number, but it is a new Value that does not know a: no gradient finds its way back. Let `self * other` do the work.",
        edits=(("return self * other\n", "return Value(self.data * other)\n"),),
    ),
    Misconception(
        id="value_rsub_order",
        exercise="Value",
        hint="5 − a comes out as a − 5. In `__rsub__(self, other)` the other number stands on the left.",
        edits=(("return -self + other", "return self + (-other)"),),
    ),
    Misconception(
        id="value_rtruediv_order",
        exercise="Value",
        hint="5 / a comes out as a / 5. In `__rtruediv__(self, other)` the other number stands on the left.",
        edits=(("return self**-1.0 * other", "return self * other**-1"),),
    ),
    Misconception(
        id="value_add_number",
        exercise="Value",
        hint="a + 2.0 fails because a plain number has no .data: turn it into a Value before you use it, whether int or float.",
        edits=(
            (
                'other = other if isinstance(other, Value) else Value(other)\n        out = Value(self.data + other.data, (self, other), "+")',
                'out = Value(self.data + other.data, (self, other), "+")',
            ),
        ),
    ),
    Misconception(
        id="value_mul_number",
        exercise="Value",
        hint="a · 2.0 fails because a plain number has no .data: turn it into a Value before you use it, whether int or float.",
        edits=(
            (
                'other = other if isinstance(other, Value) else Value(other)\n        out = Value(self.data * other.data, (self, other), "·")',
                'out = Value(self.data * other.data, (self, other), "·")',
            ),
        ),
    ),
    Misconception(
        id="value_tanh_of_input",
        exercise="Value",
        hint="Your derivative of tanh is 1 − a² with the input a. The formula squares tanh(a), which is the result.",
        edits=(("(1.0 - out.data**2)", "(1.0 - self.data**2)"),),
    ),
    Misconception(
        id="value_tanh_unsquared",
        exercise="Value",
        hint="Your derivative of tanh is 1 − tanh(a); the square is missing.",
        edits=(("(1.0 - out.data**2)", "(1.0 - out.data)"),),
    ),
    Misconception(
        id="value_tanh_like_sigmoid",
        exercise="Value",
        hint="t·(1 − t) is the derivative of sigmoid. The one of tanh is 1 − t².",
        edits=(("(1.0 - out.data**2)", "out.data * (1.0 - out.data)"),),
    ),
    Misconception(
        id="value_tanh_overflows",
        exercise="Value",
        hint="tanh of a large number fails: on the way a power of e overflows. math.tanh works for all numbers, and its derivative is 1 − tanh².",
        edits=(("math.tanh(self.data)", "(math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)"),),
    ),
    Misconception(
        id="value_exp_of_input",
        exercise="Value",
        hint="Your derivative of exp uses the input a. The exponential is its own derivative: use the result.",
        edits=(("self.grad += out.data * out.grad", "self.grad += self.data * out.grad"),),
    ),
    Misconception(
        id="value_exp_as_power",
        exercise="Value",
        hint="You differentiate exp as if it were a power, a·exp(a − 1). Here the variable is in the exponent, and exp is its own derivative.",
        edits=(("self.grad += out.data * out.grad", "self.grad += self.data * math.exp(self.data - 1.0) * out.grad"),),
    ),
    Misconception(
        id="value_relu_passes_all",
        exercise="Value",
        hint="Your relu sends its gradient back even where a < 0: there the curve is flat, and nothing comes back.",
        edits=(("float(self.data > 0) * out.grad", "out.grad"),),
    ),
    Misconception(
        id="value_relu_at_zero",
        exercise="Value",
        hint="At exactly a = 0 your relu lets the gradient pass; the convention here is 0.",
        edits=(("float(self.data > 0)", "float(self.data >= 0)"),),
    ),
    Misconception(
        id="value_relu_mask_from_gradient",
        exercise="Value",
        hint="Your relu asks whether the incoming gradient is positive. What decides is whether the input was.",
        edits=(("float(self.data > 0)", "float(out.grad > 0)"),),
    ),
    Misconception(
        id="value_relu_times_output",
        exercise="Value",
        hint="In relu you multiply the gradient by the output. The derivative where a > 0 is 1, not a.",
        edits=(("float(self.data > 0)", "out.data"),),
    ),
    Misconception(
        id="value_relu_leaky",
        exercise="Value",
        hint="For negative numbers your relu returns something other than 0: that is a leaky relu.",
        edits=(("max(0.0, self.data)", "max(0.01 * self.data, self.data)"),),
    ),
    Misconception(
        id="value_children_forgotten",
        exercise="Value",
        hint="The product does not know its children: pass them to the new Value, or the backward pass cannot find its way.",
        edits=(('Value(self.data * other.data, (self, other), "·")', 'Value(self.data * other.data, op="·")'),),
    ),
    Misconception(
        id="value_in_place",
        exercise="Value",
        hint="a + b changes a itself. Make a new Value; other results still need the old a.",
        edits=(
            (
                'out = Value(self.data + other.data, (self, other), "+")',
                'out = Value(self.data + other.data, (self, other), "+")\n        self.data = out.data',
            ),
        ),
    ),
    Misconception(
        id="value_backward_called",
        exercise="Value",
        hint="You call `_backward()` when you store it, so it runs at once and what is stored is None. Store the function itself, without parentheses.",
        edits=(
            (
                "other.grad += self.data * out.grad\n\n        out._backward = _backward",
                "other.grad += self.data * out.grad\n\n        out._backward = _backward()",
            ),
        ),
    ),
)

LOOP = "for node in reversed(topological_sort(self)):\n        node._backward()"
TOPOLOGICAL = (
    Misconception(
        id="topo_forward_order",
        exercise="topological_sort",
        hint="Only the last operation has sent its gradient on: you visit the nodes in the order in which they were created, leaves first, before anything has reached them. Go through the list from its end.",
        edits=(("reversed(topological_sort(self))", "topological_sort(self)"),),
    ),
    Misconception(
        id="topo_parents_first",
        exercise="topological_sort",
        hint="You append a node before you visit its children. Append it after the recursion, so that its children stand before it.",
        edits=(
            ("            seen.add(node)\n", "            seen.add(node)\n            order.append(node)\n"),
            ("                visit(child)\n            order.append(node)", "                visit(child)"),
        ),
    ),
    Misconception(
        id="topo_reversed_list",
        exercise="topological_sort",
        hint="Your list begins with the value itself: asked for is children before parents, so that the value comes last.",
        edits=(("    return order", "    return order[::-1]"), ("reversed(topological_sort(self))", "topological_sort(self)")),
    ),
    Misconception(
        id="topo_no_seen",
        exercise="topological_sort",
        hint="A node that is used twice appears twice in your list, and so sends its gradient twice. Remember which nodes you have visited.",
        edits=(("if node not in seen:", "if True:"),),
    ),
    Misconception(
        id="topo_levels",
        exercise="topological_sort",
        hint="You go level by level from the end. A node that is reached by a short and by a long path then acts before the long path has delivered; it is counted only in part.",
        source="""
def topological_sort(value):
    order, seen, queue = [], {value}, [value]
    while queue:
        node = queue.pop(0)
        order.append(node)
        for child in node.children:
            if child not in seen:
                seen.add(child)
                queue.append(child)
    return order[::-1]


def backward(self):
    self.grad = 1.0
    for node in reversed(topological_sort(self)):
        node._backward()


Value.backward = backward
""",
    ),
    Misconception(
        id="topo_stack_preorder",
        exercise="topological_sort",
        hint="Your stack lists a node as soon as it is taken off, before all its users have been. A node may come only after everything that uses it, seen from the end.",
        source="""
def topological_sort(value):
    order, seen, stack = [], set(), [value]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            order.append(node)
            stack.extend(node.children)
    return order[::-1]


def backward(self):
    self.grad = 1.0
    for node in reversed(topological_sort(self)):
        node._backward()


Value.backward = backward
""",
    ),
    Misconception(
        id="topo_seen_by_number",
        exercise="topological_sort",
        hint="You recognise visited nodes by their data, so two nodes that happen to hold the same number are taken for one. Compare the objects.",
        edits=(("if node not in seen:", "if node.data not in seen:"), ("seen.add(node)", "seen.add(node.data)")),
    ),
    Misconception(
        id="topo_without_leaves",
        exercise="topological_sort",
        hint="Your list leaves out the nodes without children: the leaves belong to the graph, too.",
        edits=(("            order.append(node)", "            if node.children:\n                order.append(node)"),),
    ),
    Misconception(
        id="topo_without_itself",
        exercise="topological_sort",
        hint="The value itself is missing from the end of your list.",
        edits=(("    visit(value)\n", "    for child in value.children:\n        visit(child)\n"),),
    ),
    Misconception(
        id="topo_first_child_only",
        exercise="topological_sort",
        hint="You follow only the first child of each node; operations with two operands have two.",
        edits=(("in node.children:", "in node.children[:1]:"),),
    ),
    Misconception(
        id="backward_no_seed",
        exercise="topological_sort",
        hint="All gradients are 0: nothing starts the flow. What is the derivative of the result with respect to itself?",
        edits=(("    self.grad = 1.0\n", ""),),
    ),
    Misconception(
        id="backward_seed_is_data",
        exercise="topological_sort",
        hint="Your gradients are too large by the factor self.data: the gradient of the result with respect to itself is 1, whatever its value.",
        edits=(("self.grad = 1.0", "self.grad = self.data"),),
    ),
    Misconception(
        id="backward_recursive",
        exercise="topological_sort",
        hint="You recurse into the children straight away, so a shared node acts once for each path that reaches it, with a gradient that is counted again. Use the topological order.",
        edits=(
            (
                LOOP,
                "def act(node):\n        node._backward()\n        for child in node.children:\n            act(child)\n\n    act(self)",
            ),
        ),
    ),
    Misconception(
        id="backward_resets",
        exercise="topological_sort",
        hint="Your backward sets all gradients to 0 first, so a second pass forgets the first. Here gradients add up until the user resets them.",
        edits=(("    self.grad = 1.0\n", "    for node in topological_sort(self):\n        node.grad = 0.0\n    self.grad = 1.0\n"),),
    ),
)

AFFINE = (
    Misconception(
        id="affine_db_averaged",
        exercise="affine_backward",
        hint="Your db is exactly N times too small: the loss already averages over the batch, so here the gradients of the rows add up.",
        edits=(("db = dout.sum(axis=0)", "db = dout.mean(axis=0)"),),
    ),
    Misconception(
        id="affine_db_row",
        exercise="affine_backward",
        hint="Your db has the shape (1, M). A gradient has the shape of its parameter: b is (M,).",
        edits=(("db = dout.sum(axis=0)", "db = dout.sum(axis=0, keepdims=True)"),),
    ),
    Misconception(
        id="affine_db_wrong_axis",
        exercise="affine_backward",
        hint="Your db has one entry per example. The bias has one entry per output: sum over the batch.",
        edits=(("db = dout.sum(axis=0)", "db = dout.sum(axis=1)"),),
    ),
    Misconception(
        id="affine_db_single",
        exercise="affine_backward",
        hint="Your db is a single number, the sum of all of dout. Each output has its own bias: sum over the batch only.",
        edits=(("db = dout.sum(axis=0)", "db = dout.sum()"),),
    ),
    Misconception(
        id="affine_db_first_row",
        exercise="affine_backward",
        hint="Your db holds the first example's dout only. The same bias serves every example.",
        edits=(("db = dout.sum(axis=0)", "db = dout[0]"),),
    ),
    Misconception(
        id="affine_db_not_summed",
        exercise="affine_backward",
        hint="Your db has one row per example. All rows use the same bias, so their gradients add up.",
        edits=(("db = dout.sum(axis=0)", "db = dout * 1.0"),),
    ),
    Misconception(
        id="affine_dw_averaged",
        exercise="affine_backward",
        hint="Your dw is exactly N times too small: the loss has averaged over the batch once, and you do it a second time.",
        edits=(("dw = rows.T @ dout", "dw = rows.T @ dout / len(x)"),),
    ),
    Misconception(
        id="affine_dw_transposed",
        exercise="affine_backward",
        hint="Your dw is transposed: it needs the shape of w, (D, M).",
        edits=(("dw = rows.T @ dout", "dw = dout.T @ rows"),),
    ),
    Misconception(
        id="affine_w_not_transposed",
        exercise="affine_backward",
        hint="The shapes in your product for dx do not fit, (N, M)·(D, M): which one has to be turned?",
        edits=(("(dout @ w.T)", "(dout @ w)"),),
    ),
    Misconception(
        id="affine_dx_not_reshaped",
        exercise="affine_backward",
        hint="Your dx has the right numbers but is still flat, (N, D): a gradient has the shape of its input, here (N, d1, …, dk).",
        edits=(("dx = (dout @ w.T).reshape(x.shape)", "dx = dout @ w.T"),),
    ),
    Misconception(
        id="affine_dx_fortran",
        exercise="affine_backward",
        hint="Your dx has the right shape, but its entries are folded back in another order than the forward pass flattened them.",
        edits=((".reshape(x.shape)", '.reshape(x.shape, order="F")'),),
    ),
    Misconception(
        id="affine_dw_fortran",
        exercise="affine_backward",
        hint="Your dw is right for x of shape (N, D), but for images you flatten x in another order than the forward pass.",
        edits=(("x.reshape(x.shape[0], -1)", 'x.reshape(x.shape[0], -1, order="F")'),),
    ),
    Misconception(
        id="affine_dw_memory_order",
        exercise="affine_backward",
        hint='Your numbers depend on how x lies in memory: `reshape(order="A")` follows the memory, not the indices.',
        edits=(("x.reshape(x.shape[0], -1)", 'x.reshape(x.shape[0], -1, order="A")'),),
    ),
    Misconception(
        id="affine_dx_squeezed",
        exercise="affine_backward",
        hint="For a batch of one, or a width of one, an axis of dx is lost: `squeeze` removes every axis of length 1.",
        edits=((".reshape(x.shape)", ".reshape(x.shape).squeeze()"),),
    ),
    Misconception(
        id="affine_dx_sign",
        exercise="affine_backward",
        hint="Your dx has the wrong sign. A backward pass returns the gradient itself; the minus of gradient descent comes in the update.",
        edits=(("(dout @ w.T)", "(-dout @ w.T)"),),
    ),
    Misconception(
        id="affine_dw_sign",
        exercise="affine_backward",
        hint="Your dw has the wrong sign. A backward pass returns the gradient itself; the minus of gradient descent comes in the update.",
        edits=(("dw = rows.T @ dout", "dw = -rows.T @ dout"),),
    ),
    Misconception(
        id="affine_dx_averaged",
        exercise="affine_backward",
        hint="Your dx is exactly N times too small: each example has its own row of dx, there is nothing to average.",
        edits=(("(dout @ w.T)", "(dout @ w.T / len(x))"),),
    ),
    Misconception(
        id="affine_dx_with_bias",
        exercise="affine_backward",
        hint="There is a bias in your gradients. b is added in the forward pass, so its derivative does not contain b.",
        edits=(("(dout @ w.T)", "((dout + b) @ w.T)"),),
    ),
    Misconception(
        id="affine_dout_scaled_in_place",
        exercise="affine_backward",
        hint="You divide dout by N in place: the caller's array is changed, and all gradients are N times too small.",
        edits=(("dx = (dout", "dout /= len(x)\n    dx = (dout"),),
    ),
    Misconception(
        id="affine_result_in_cache",
        exercise="affine_backward",
        hint="You write dw into the cached w: the first call is right, the second one computes with a w that is gone.",
        edits=(("dw = rows.T @ dout", "dw = np.matmul(rows.T, dout, out=w)"),),
    ),
    Misconception(
        id="affine_first_axis_only",
        exercise="affine_backward",
        hint="For images your dw has the wrong shape or fails: every example has to be flattened to one row first, as in the forward pass.",
        edits=(("x.reshape(x.shape[0], -1)", "x"),),
    ),
)

ELEMENTWISE = (
    Misconception(
        id="relu_mask_from_dout",
        exercise="relu_backward",
        hint="You stop the gradient where dout is negative. What decides is whether the *input* was positive.",
        edits=(("dout * (x > 0)", "dout * (dout > 0)"),),
    ),
    Misconception(
        id="relu_mask_includes_zero",
        exercise="relu_backward",
        hint="Where x is exactly 0 you let the gradient pass; the convention here is 0.",
        edits=(("(x > 0)", "(x >= 0)"),),
    ),
    Misconception(
        id="relu_threshold",
        exercise="relu_backward",
        hint="Your mask is false for very small positive inputs: ask for x > 0, not for more than a small number.",
        edits=(("(x > 0)", "(x > 1e-8)"),),
    ),
    Misconception(
        id="relu_sign",
        exercise="relu_backward",
        hint="Where x < 0 you send −dout back: that is the derivative of |x|. There relu is flat, and nothing comes back.",
        edits=(("dout * (x > 0)", "dout * np.sign(x)"),),
    ),
    Misconception(
        id="relu_no_mask",
        exercise="relu_backward",
        hint="You hand dout on unchanged. Where x < 0 the output is flat, so nothing comes back.",
        edits=(("dout * (x > 0)", "dout * 1.0"),),
    ),
    Misconception(
        id="relu_mask_only",
        exercise="relu_backward",
        hint="You return the local derivative, 0 or 1. It still has to be multiplied by dout.",
        edits=(("dout * (x > 0)", "(x > 0) * 1.0"),),
    ),
    Misconception(
        id="relu_times_x",
        exercise="relu_backward",
        hint="You multiply dout by relu(x). The derivative of relu where x > 0 is 1, not x.",
        edits=(("dout * (x > 0)", "dout * np.maximum(x, 0.0)"),),
    ),
    Misconception(
        id="relu_of_dout",
        exercise="relu_backward",
        hint="Negative gradients are lost: you apply relu to the gradient itself. A gradient may have either sign.",
        edits=(("dout * (x > 0)", "np.maximum(dout * (x > 0), 0.0)"),),
    ),
    Misconception(
        id="relu_mask_inverted",
        exercise="relu_backward",
        hint="Your mask is the wrong way round: the gradient passes where x > 0.",
        edits=(("(x > 0)", "(x <= 0)"),),
    ),
    Misconception(
        id="relu_leaks",
        exercise="relu_backward",
        hint="A hundredth of the gradient passes where x < 0: that is leaky ReLU.",
        edits=(("dout * (x > 0)", "dout * np.where(x > 0, 1.0, 0.01)"),),
    ),
    Misconception(
        id="relu_dout_mutated",
        exercise="relu_backward",
        hint="Your numbers are right, but you wrote the zeros into the caller's dout. If another branch needs that dout, its gradient is now wrong.",
        edits=(("dx = dout * (x > 0)", "dx = dout\n    dx[x <= 0] = 0.0"),),
    ),
    Misconception(
        id="relu_flattened",
        exercise="relu_backward",
        hint="Indexing with a mask gives a flat array of the entries that pass. dx has the shape of x, with zeros where nothing passes.",
        edits=(("dout * (x > 0)", "dout[x > 0]"),),
    ),
    Misconception(
        id="relu_squeezed",
        exercise="relu_backward",
        hint="Axes of length 1 are lost: dx must have the shape of x, also for one example or one feature.",
        edits=(("dout * (x > 0)", "np.squeeze(dout * (x > 0))"),),
    ),
    Misconception(
        id="sigmoid_twice",
        exercise="relu_backward",
        hint="The cache already holds σ(x). You apply sigmoid to it once more.",
        edits=(("    return dout * out * (1.0 - out)", "    out = sigmoid(out)\n    return dout * out * (1.0 - out)"),),
    ),
    Misconception(
        id="sigmoid_no_dout",
        exercise="relu_backward",
        hint="You return σ(1 − σ), the local derivative. It still has to be multiplied by dout.",
        edits=(("return dout * out * (1.0 - out)", "return out * (1.0 - out)"),),
    ),
    Misconception(
        id="sigmoid_like_tanh",
        exercise="relu_backward",
        hint="1 − out² is the derivative of tanh. The one of sigmoid is σ(1 − σ).",
        edits=(("dout * out * (1.0 - out)", "dout * (1.0 - out**2)"),),
    ),
    Misconception(
        id="sigmoid_half",
        exercise="relu_backward",
        hint="Your factor is 1 − σ only: the other factor, σ, is missing.",
        edits=(("dout * out * (1.0 - out)", "dout * (1.0 - out)"),),
    ),
    Misconception(
        id="sigmoid_sign",
        exercise="relu_backward",
        hint="Your sigmoid gradient has the wrong sign: sigmoid rises, so its slope σ(1 − σ) is positive.",
        edits=(("(1.0 - out)", "(out - 1.0)"),),
    ),
    Misconception(
        id="sigmoid_dout_mutated",
        exercise="relu_backward",
        hint="Your sigmoid numbers are right, but `*=` changed the caller's dout. Make a new array.",
        edits=(("return dout * out * (1.0 - out)", "dout *= out * (1.0 - out)\n    return dout"),),
    ),
    Misconception(
        id="sigmoid_cache_mutated",
        exercise="relu_backward",
        hint="The first call is right, a second one is not: you overwrite the cached output. Make a new array.",
        edits=(("return dout * out * (1.0 - out)", "out *= 1.0 - out\n    return dout * out"),),
    ),
)

SHIFT = "shifted = x - x.max(axis=1, keepdims=True)"
SOFTMAX = (
    Misconception(
        id="softmax_no_shift",
        exercise="softmax_loss",
        hint="Large scores give NaN or infinity: e to the power of 1000 overflows. Subtract the largest score of each row first; the probabilities stay the same.",
        edits=((SHIFT, "shifted = x"),),
    ),
    Misconception(
        id="softmax_global_shift",
        exercise="softmax_loss",
        hint="You subtract the largest score of the whole batch. In rows that are far below it everything becomes 0: each row needs its own maximum.",
        edits=((SHIFT, "shifted = x - x.max()"),),
    ),
    Misconception(
        id="softmax_shift_mean",
        exercise="softmax_loss",
        hint="You subtract the mean of each row. A score far above the mean still overflows: subtract the largest.",
        edits=((SHIFT, "shifted = x - x.mean(axis=1, keepdims=True)"),),
    ),
    Misconception(
        id="softmax_shift_abs",
        exercise="softmax_loss",
        hint="You subtract the largest absolute value of each row. In a row of large negative scores everything becomes 0: subtract the largest score itself.",
        edits=((SHIFT, "shifted = x - np.abs(x).max(axis=1, keepdims=True)"),),
    ),
    Misconception(
        id="softmax_float32",
        exercise="softmax_loss",
        hint="Your numbers have only seven digits: somewhere on the way they become float32. Stay with float64.",
        edits=(("np.log(np.exp(shifted).sum", "np.log(np.exp(shifted.astype(np.float32)).sum"),),
    ),
    Misconception(
        id="softmax_log_of_zero",
        exercise="softmax_loss",
        hint="Your loss becomes infinite when the right class has a probability that is rounded to 0. Compute log p as score − log-sum-exp instead of taking the logarithm of p.",
        edits=(
            (
                "log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))",
                "p = np.exp(shifted)\n    log_p = np.log(p / p.sum(axis=1, keepdims=True))",
            ),
        ),
    ),
    Misconception(
        id="softmax_log_epsilon",
        exercise="softmax_loss",
        hint="A small number added inside the logarithm cuts the loss off: a right class with probability e⁻²⁰⁰⁰ should cost 2000. Compute log p as score − log-sum-exp.",
        edits=(("loss = -log_p[rows, y].mean()", "loss = -np.log(np.exp(log_p[rows, y]) + 1e-8).mean()"),),
    ),
    Misconception(
        id="softmax_dx_not_divided",
        exercise="softmax_loss",
        hint="Your dx is exactly N times too large: the loss is a mean over the batch, and so its gradient carries 1/N.",
        edits=(("    dx /= N\n", ""),),
    ),
    Misconception(
        id="softmax_sum_loss",
        exercise="softmax_loss",
        hint="Your loss is N times too large (dx is right): take the mean over the batch, not the sum.",
        edits=(("[rows, y].mean()", "[rows, y].sum()"),),
    ),
    Misconception(
        id="softmax_sum_everywhere",
        exercise="softmax_loss",
        hint="Loss and dx are both N times too large: they agree with each other, but the loss is the mean over the batch.",
        edits=(("[rows, y].mean()", "[rows, y].sum()"), ("    dx /= N\n", "")),
    ),
    Misconception(
        id="softmax_mean_over_all",
        exercise="softmax_loss",
        hint="Your dx is C times too small: divide by the number of examples N, not by the number of entries N·C.",
        edits=(("dx /= N", "dx /= x.size"),),
    ),
    Misconception(
        id="softmax_divided_by_classes",
        exercise="softmax_loss",
        hint="You divide dx by the number of classes. The mean is over the N examples.",
        edits=(("dx /= N", "dx /= x.shape[1]"),),
    ),
    Misconception(
        id="softmax_no_one_hot",
        exercise="softmax_loss",
        hint="Your dx is p / N: you have not subtracted 1 at the right class, so nothing pulls its score up.",
        edits=(("    dx[rows, y] -= 1.0\n", ""),),
    ),
    Misconception(
        id="softmax_one_hot_late",
        exercise="softmax_loss",
        hint="You subtract 1 after dividing by N, so the right class gets −1 instead of −1/N.",
        edits=(("    dx[rows, y] -= 1.0\n    dx /= N\n", "    dx /= N\n    dx[rows, y] -= 1.0\n"),),
    ),
    Misconception(
        id="softmax_dx_sign",
        exercise="softmax_loss",
        hint="Your dx has the wrong sign everywhere: the gradient is p − one-hot, negative at the right class.",
        edits=(("dx /= N", "dx /= -N"),),
    ),
    Misconception(
        id="softmax_all_columns",
        exercise="softmax_loss",
        hint="`dx[:, y]` takes whole columns, once for each label. You want one entry per row: index rows and columns together.",
        edits=(("dx[rows, y] -= 1.0", "dx[:, y] -= 1.0"),),
    ),
    Misconception(
        id="softmax_over_batch",
        exercise="softmax_loss",
        hint="You normalise over the batch (axis 0). The probabilities of one example sum to 1 over its classes: axis 1.",
        edits=(
            (SHIFT, "shifted = x - x.max(axis=0, keepdims=True)"),
            ("np.exp(shifted).sum(axis=1, keepdims=True)", "np.exp(shifted).sum(axis=0, keepdims=True)"),
        ),
    ),
    Misconception(
        id="softmax_x_mutated",
        exercise="softmax_loss",
        hint="Your numbers are right, but you subtracted the maximum from the caller's scores. Make a new array.",
        edits=((SHIFT, "x -= x.max(axis=1, keepdims=True)\n    shifted = x"),),
    ),
    Misconception(
        id="softmax_loss_sign",
        exercise="softmax_loss",
        hint="Your loss is negative: log p is below 0, and the loss is its negative.",
        edits=(("loss = -log_p", "loss = log_p"),),
    ),
    Misconception(
        id="softmax_log2",
        exercise="softmax_loss",
        hint="Your loss is too large by 1/log 2 ≈ 1.44: use the natural logarithm.",
        edits=(("loss = -log_p[rows, y].mean()", "loss = -log_p[rows, y].mean() / np.log(2.0)"),),
    ),
    Misconception(
        id="softmax_all_classes",
        exercise="softmax_loss",
        hint="You average −log p over all classes. Only the right class of each example counts.",
        edits=(("log_p[rows, y].mean()", "log_p.mean()"),),
    ),
    Misconception(
        id="softmax_loss_all_columns",
        exercise="softmax_loss",
        hint="In the loss `log_p[:, y]` takes whole columns, once for each label. You want one entry per row: index rows and columns together.",
        edits=(("log_p[rows, y].mean()", "log_p[:, y].mean()"),),
    ),
    Misconception(
        id="softmax_binary_style",
        exercise="softmax_loss",
        hint="You add −log(1 − p) for the wrong classes, as in a binary cross-entropy. With softmax the right class alone counts.",
        edits=(
            (
                "loss = -log_p[rows, y].mean()",
                "wrong = np.ones(x.shape, dtype=bool)\n    wrong[rows, y] = False\n    loss = -(log_p[rows, y].sum() + np.log1p(-np.exp(log_p[wrong]) + 1e-12).sum()) / N",
            ),
        ),
    ),
    Misconception(
        id="softmax_squeezed",
        exercise="softmax_loss",
        hint="For a batch of one or a single class your dx loses an axis: it must keep the shape (N, C).",
        edits=(("return loss, dx", "return loss, dx.squeeze()"),),
    ),
)

DATA_LOSS = 'loss = data_loss + 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))'
NETWORK = (
    Misconception(
        id="network_reg_gradient_halved",
        exercise="two_layer_loss",
        hint="The part of your weight gradients that comes from reg is half of what it should be: the derivative of ½·reg·W² is reg·W.",
        edits=(("dW1 + reg * params", "dW1 + 0.5 * reg * params"), ("dW2 + reg * params", "dW2 + 0.5 * reg * params")),
    ),
    Misconception(
        id="network_reg_gradient_doubled",
        exercise="two_layer_loss",
        hint="The part of your weight gradients that comes from reg is twice what it should be: there is a ½ in the loss.",
        edits=(("dW1 + reg * params", "dW1 + 2 * reg * params"), ("dW2 + reg * params", "dW2 + 2 * reg * params")),
    ),
    Misconception(
        id="network_reg_gradient_forgotten",
        exercise="two_layer_loss",
        hint="With reg = 0 your gradients are right, otherwise not: the loss contains W directly, so reg·W belongs to its gradient.",
        edits=(("dW1 + reg * params", "dW1 + 0 * params"), ("dW2 + reg * params", "dW2 + 0 * params")),
    ),
    Misconception(
        id="network_reg_gradient_w1_forgotten",
        exercise="two_layer_loss",
        hint="W2's gradient contains the regularisation, W1's does not.",
        edits=(("dW1 + reg * params", "dW1 + 0 * params"),),
    ),
    Misconception(
        id="network_reg_gradient_w2_forgotten",
        exercise="two_layer_loss",
        hint="W1's gradient contains the regularisation, W2's does not.",
        edits=(("dW2 + reg * params", "dW2 + 0 * params"),),
    ),
    Misconception(
        id="network_reg_gradient_only",
        exercise="two_layer_loss",
        hint="The gradient of W1 is only reg·W: you assign the regularisation over the gradient from the data. The two add up.",
        edits=(("dW1 = dW1 + reg * params", "dW1 = reg * params"),),
    ),
    Misconception(
        id="network_reg_over_batch",
        exercise="two_layer_loss",
        hint="You divide the regularisation by the batch size. It depends on the weights alone.",
        edits=(
            ("0.5 * reg * (", "0.5 * reg / len(X) * ("),
            ("dW1 + reg * params", "dW1 + reg / len(X) * params"),
            ("dW2 + reg * params", "dW2 + reg / len(X) * params"),
        ),
    ),
    Misconception(
        id="network_reg_on_biases",
        exercise="two_layer_loss",
        hint="You regularise the biases, too: here only W1 and W2 are.",
        edits=(
            (DATA_LOSS, "loss = data_loss + 0.5 * reg * sum(np.sum(p**2) for p in params.values())"),
            ('"b1": db1', '"b1": db1 + reg * params["b1"]'),
            ('"b2": db2', '"b2": db2 + reg * params["b2"]'),
        ),
    ),
    Misconception(
        id="network_reg_bias_gradients",
        exercise="two_layer_loss",
        hint="Your loss is right, but the bias gradients contain reg·b: the biases are not regularised.",
        edits=(('"b1": db1', '"b1": db1 + reg * params["b1"]'), ('"b2": db2', '"b2": db2 + reg * params["b2"]')),
    ),
    Misconception(
        id="network_reg_bias_loss",
        exercise="two_layer_loss",
        hint="Your gradients are right, but the loss contains the squares of the biases: only W1 and W2 are regularised.",
        edits=((DATA_LOSS, "loss = data_loss + 0.5 * reg * sum(np.sum(p**2) for p in params.values())"),),
    ),
    Misconception(
        id="network_default_reg",
        exercise="two_layer_loss",
        hint="When reg is left out, it is 0: your function has another default.",
        edits=(("reg=0.0", "reg=1e-3"),),
    ),
    Misconception(
        id="network_reg_loss_forgotten",
        exercise="two_layer_loss",
        hint="Your loss is that of the data alone: the regularisation is missing from the loss (your gradients have it).",
        edits=((DATA_LOSS, "loss = data_loss"),),
    ),
    Misconception(
        id="network_reg_loss_no_half",
        exercise="two_layer_loss",
        hint="The regularisation in your loss is twice too large: the ½ is missing.",
        edits=(("0.5 * reg * (", "reg * ("),),
    ),
    Misconception(
        id="network_reg_loss_norm",
        exercise="two_layer_loss",
        hint="You add the norms of the weights. The regularisation uses their squares: the sum of all squared entries.",
        edits=(
            ('(np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))', '(np.linalg.norm(params["W1"]) + np.linalg.norm(params["W2"]))'),
        ),
    ),
    Misconception(
        id="network_reg_loss_one_layer",
        exercise="two_layer_loss",
        hint="Only W1 is regularised in your loss; W2 belongs to it as well.",
        edits=((' + np.sum(params["W2"] ** 2))', ")"),),
    ),
    Misconception(
        id="network_relu_mask_missing",
        exercise="two_layer_loss",
        hint="dW2 and db2 are right, dW1 and db1 are not: on the way back you pass the ReLU without stopping what it stops.",
        edits=(("dhidden = relu_backward(dactive, relu_cache)", "dhidden = dactive"),),
    ),
    Misconception(
        id="network_relu_forward_missing",
        exercise="two_layer_loss",
        hint="Your scores are those of a linear network: the ReLU between the layers is missing.",
        edits=(("active, relu_cache = relu_forward(hidden)", "active, relu_cache = hidden, np.ones_like(hidden)"),),
    ),
    Misconception(
        id="network_relu_on_scores",
        exercise="two_layer_loss",
        hint="Your scores are never negative: there is a ReLU after the last layer. It belongs only between the layers.",
        edits=(
            (
                'scores, affine2_cache = affine_forward(active, params["W2"], params["b2"])',
                'scores, affine2_cache = affine_forward(active, params["W2"], params["b2"])\n    scores = np.maximum(scores, 0.0)',
            ),
        ),
    ),
    Misconception(
        id="network_softmax_returned",
        exercise="two_layer_loss",
        hint="Without labels you return probabilities: each row sums to 1. Asked for are the scores.",
        edits=(
            (
                "return scores",
                "return np.exp(scores - scores.max(axis=1, keepdims=True)) / np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)",
            ),
        ),
    ),
    Misconception(
        id="network_classes_returned",
        exercise="two_layer_loss",
        hint="Without labels you return the predicted classes. Asked for are the scores, (N, C).",
        edits=(("return scores", "return np.argmax(scores, axis=1)"),),
    ),
    Misconception(
        id="network_hidden_input",
        exercise="two_layer_loss",
        hint="Your dW2 is wrong: the second layer's input is the output of the ReLU, and so that is what its gradient uses.",
        edits=(
            (
                "dactive, dW2, db2 = affine_backward(dscores, affine2_cache)",
                "dactive, dW2, db2 = affine_backward(dscores, affine2_cache)\n    dW2 = hidden.T @ dscores",
            ),
        ),
    ),
    Misconception(
        id="network_relu_of_gradient",
        exercise="two_layer_loss",
        hint="On the way back you apply ReLU to the gradient. What decides is where the hidden values were positive.",
        edits=(("relu_backward(dactive, relu_cache)", "np.maximum(dactive, 0.0)"),),
    ),
    Misconception(
        id="network_averaged_twice",
        exercise="two_layer_loss",
        hint="All your data gradients are exactly N times too small: softmax_loss has already divided by N.",
        edits=(
            (
                "data_loss, dscores = softmax_loss(scores, y)",
                "data_loss, dscores = softmax_loss(scores, y)\n    dscores = dscores / len(X)",
            ),
        ),
    ),
    Misconception(
        id="network_not_averaged",
        exercise="two_layer_loss",
        hint="All your data gradients are exactly N times too large, while the loss is right: look for a missing 1/N where the backward pass begins.",
        edits=(
            (
                "data_loss, dscores = softmax_loss(scores, y)",
                "data_loss, dscores = softmax_loss(scores, y)\n    dscores = dscores * len(X)",
            ),
        ),
    ),
    Misconception(
        id="network_bias_rows",
        exercise="two_layer_loss",
        hint="Your bias gradients have the shape (1, H) and (1, C): they need the shape of the biases.",
        edits=(('"b1": db1', '"b1": db1[None]'), ('"b2": db2', '"b2": db2[None]')),
    ),
    Misconception(
        id="network_bias_averaged",
        exercise="two_layer_loss",
        hint="Only your bias gradients are N times too small: they sum over the batch, too.",
        edits=(('"b1": db1', '"b1": db1 / len(X)'), ('"b2": db2', '"b2": db2 / len(X)')),
    ),
    Misconception(
        id="network_descent_inside",
        exercise="two_layer_loss",
        hint="You update params inside the loss function. It only reports loss and gradients; the training loop makes the step.",
        edits=(('return loss, {"W1"', 'params["W1"] -= 0.1 * dW1\n    params["W2"] -= 0.1 * dW2\n    return loss, {"W1"'),),
    ),
    Misconception(
        id="network_gradient_sign",
        exercise="two_layer_loss",
        hint="All your gradients have the wrong sign: return the gradient itself; the minus belongs to the update.",
        edits=(('{"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}', '{"W1": -dW1, "b1": -db1, "W2": -dW2, "b2": -db2}'),),
    ),
    Misconception(
        id="network_naive_softmax",
        exercise="two_layer_loss",
        hint="For large weights your loss is NaN or infinite: use a softmax loss that subtracts the largest score of each row.",
        edits=(
            (
                "data_loss, dscores = softmax_loss(scores, y)",
                "p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)\n    data_loss = -np.log(p[np.arange(len(X)), y]).mean()\n    dscores = (p - np.eye(scores.shape[1])[y]) / len(X)",
            ),
        ),
    ),
    Misconception(
        id="network_float32",
        exercise="two_layer_loss",
        hint="Your numbers have only seven digits: somewhere on the way they become float32. Stay with float64.",
        edits=(("affine_forward(X, ", "affine_forward(X.astype(np.float32), "),),
    ),
    Misconception(
        id="network_labels_of_zero",
        exercise="two_layer_loss",
        hint="A batch whose labels are all 0 is taken for one without labels: ask whether `y is None`, not whether y is true.",
        edits=(("if y is None:", "if y is None or not np.any(y):"),),
    ),
)

REPAIRS = (
    Misconception(
        id="planted_tanh_left",
        exercise="tanh_layer_backward",
        hint="The tanh layer still has its planted bug. Its slope is too large, except where the pre-activations are tiny: look at what the cache holds, and what the formula asks for.",
        edits=(("(1.0 - out**2)", "(1.0 - np.tanh(out) ** 2)"),),
    ),
    Misconception(
        id="planted_gate_left",
        exercise="tanh_layer_backward",
        hint="The gated residual still has its planted bug: du is right, and dx is right only at u = 0. Count the orange edges in the picture and the terms in dx.",
        edits=(("dx = dout + dout * s + dz * u", "dx = dout + dout * s"),),
    ),
    Misconception(
        id="repair_tanh_square_outside",
        exercise="tanh_layer_backward",
        hint="You square 1 − out. The derivative is 1 − out², with only out squared.",
        edits=(("(1.0 - out**2)", "(1.0 - out) ** 2"),),
    ),
    Misconception(
        id="repair_tanh_unsquared",
        exercise="tanh_layer_backward",
        hint="The square is gone: tanh′ is 1 − tanh².",
        edits=(("(1.0 - out**2)", "(1.0 - out)"),),
    ),
    Misconception(
        id="repair_tanh_like_sigmoid",
        exercise="tanh_layer_backward",
        hint="out·(1 − out) is the derivative of sigmoid; tanh′ is 1 − tanh².",
        edits=(("(1.0 - out**2)", "out * (1.0 - out)"),),
    ),
    Misconception(
        id="repair_tanh_dropped",
        exercise="tanh_layer_backward",
        hint="You pass dout through the tanh layer as if it were linear: the factor tanh′ is missing.",
        edits=(("dz = dout * (1.0 - out**2)", "dz = dout"),),
    ),
    Misconception(
        id="repair_tanh_db_averaged",
        exercise="tanh_layer_backward",
        hint="In the tanh layer db is now N times too small: the sum over the batch was right.",
        edits=(("dz.sum(axis=0)\n\n", "dz.mean(axis=0)\n\n"),),
    ),
    Misconception(
        id="repair_tanh_bias_row",
        exercise="tanh_layer_backward",
        hint="In the tanh layer db now has the shape (1, M): the sum without keepdims was right.",
        edits=(("dz.sum(axis=0)\n\n", "dz.sum(axis=0, keepdims=True)\n\n"),),
    ),
    Misconception(
        id="repair_tanh_mutates",
        exercise="tanh_layer_backward",
        hint="Your tanh layer gives the right numbers, but changes the caller's dout in place.",
        edits=(("dz = dout * (1.0 - out**2)", "dout *= 1.0 - out**2\n    dz = dout"),),
    ),
    Misconception(
        id="repair_gate_path_unscaled",
        exercise="tanh_layer_backward",
        hint="The path through the gate is there, but x enters the gate as x∘u: the factor u is missing.",
        edits=(("+ dz * u", "+ dz"),),
    ),
    Misconception(
        id="repair_gate_path_sign",
        exercise="tanh_layer_backward",
        hint="The path through the gate is there, with the wrong sign: the gradients of several paths add up.",
        edits=(("+ dz * u", "- dz * u"),),
    ),
    Misconception(
        id="repair_gate_slope_missing",
        exercise="tanh_layer_backward",
        hint="The path through the gate lacks the slope of the sigmoid, s(1 − s).",
        edits=(("+ dz * u", "+ ds * u"),),
    ),
    Misconception(
        id="repair_gate_overwrites",
        exercise="tanh_layer_backward",
        hint="Your dx holds only the path through the gate: a new assignment has replaced the other two paths.",
        edits=(("dx = dout + dout * s + dz * u", "dx = dout + dout * s\n    dx = dz * u"),),
    ),
    Misconception(
        id="repair_skip_lost",
        exercise="tanh_layer_backward",
        hint="The direct path from x to the sum is lost: out = x + s∘x sends dout itself back to x as well.",
        edits=(("dx = dout + dout * s + dz * u", "dx = dout * s + dz * u"),),
    ),
    Misconception(
        id="repair_du_not_summed",
        exercise="tanh_layer_backward",
        hint="Your du has one row per example; the same u serves them all, so it sums over the batch.",
        edits=(("(dz * x).sum(axis=0)", "dz * x"),),
    ),
    Misconception(
        id="repair_gate_mutates",
        exercise="tanh_layer_backward",
        hint="Your gated residual gives the right numbers, but changes the caller's dout in place: `dx = dout` does not copy.",
        edits=(("dx = dout + dout * s + dz * u", "dx = dout\n    dx += dout * s + dz * u"),),
    ),
)

BATCHNORM = (
    Misconception(
        id="bn_ddof",
        exercise="batchnorm_forward",
        hint="You divide the variance by N − 1. Batch normalisation uses the variance of the batch itself, divided by N.",
        edits=(("x.var(axis=0)", "x.var(axis=0, ddof=1)"),),
    ),
    Misconception(
        id="bn_eps_outside",
        exercise="batchnorm_forward",
        hint="You add eps to the standard deviation. It belongs to the variance, inside the root.",
        edits=(("1.0 / np.sqrt(x.var(axis=0) + eps)", "1.0 / (np.sqrt(x.var(axis=0)) + eps)"),),
    ),
    Misconception(
        id="bn_eps_ignored",
        exercise="batchnorm_forward",
        hint="Your eps is a fixed number, or none at all: use the argument.",
        edits=(("x.var(axis=0) + eps", "x.var(axis=0) + 1e-8"),),
    ),
    Misconception(
        id="bn_default_eps",
        exercise="batchnorm_forward",
        hint="When eps is left out, it is 1e-5: your function has another default.",
        edits=(("eps=1e-5", "eps=1e-3"),),
    ),
    Misconception(
        id="bn_no_root",
        exercise="batchnorm_forward",
        hint="You divide by the variance: the columns then do not have variance 1. Divide by its root.",
        edits=(("1.0 / np.sqrt(x.var(axis=0) + eps)", "1.0 / (x.var(axis=0) + eps)"),),
    ),
    Misconception(
        id="bn_per_example",
        exercise="batchnorm_forward",
        hint="You normalise each example over its features (axis 1): that is layer normalisation. Here each column is normalised over the batch.",
        edits=(
            ("1.0 / np.sqrt(x.var(axis=0) + eps)", "1.0 / np.sqrt(x.var(axis=1, keepdims=True) + eps)"),
            ("x.mean(axis=0)", "x.mean(axis=1, keepdims=True)"),
        ),
    ),
    Misconception(
        id="bn_global",
        exercise="batchnorm_forward",
        hint="You use one mean and one variance for the whole array. Each column has its own.",
        edits=(("1.0 / np.sqrt(x.var(axis=0) + eps)", "np.full(x.shape[1], 1.0 / np.sqrt(x.var() + eps))"), ("x.mean(axis=0)", "x.mean()")),
    ),
    Misconception(
        id="bn_no_gamma",
        exercise="batchnorm_forward",
        hint="γ is missing from the output: x̂ is scaled by γ before β is added.",
        edits=(("return gamma * x_hat + beta", "return x_hat + beta"),),
    ),
    Misconception(
        id="bn_gamma_beta_swapped",
        exercise="batchnorm_forward",
        hint="γ and β have changed places: γ scales, β shifts.",
        edits=(("return gamma * x_hat + beta", "return beta * x_hat + gamma"),),
    ),
    Misconception(
        id="bn_mean_path_lost",
        exercise="batchnorm_forward",
        hint="The columns of your dx do not sum to 0: the path through the mean is missing.",
        edits=(("(g - g.mean(axis=0) - x_hat", "(g - x_hat"),),
    ),
    Misconception(
        id="bn_variance_path_lost",
        exercise="batchnorm_forward",
        hint="The path through the variance is missing from your dx: the term with x̂ times the mean of g·x̂.",
        edits=((" - x_hat * (g * x_hat).mean(axis=0))", ")"),),
    ),
    Misconception(
        id="bn_direct_path_only",
        exercise="batchnorm_forward",
        hint="Your dx treats mean and variance as constants. They depend on x, so two more paths lead back to it.",
        edits=(("r * (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0))", "r * g"),),
    ),
    Misconception(
        id="bn_sums_for_means",
        exercise="batchnorm_forward",
        hint="In your dx two terms are N times too large: the bars in the formula are means over the batch.",
        edits=(("g.mean(axis=0)", "g.sum(axis=0)"), ("(g * x_hat).mean(axis=0)", "(g * x_hat).sum(axis=0)")),
    ),
    Misconception(
        id="bn_variance_path_sign",
        exercise="batchnorm_forward",
        hint="The path through the variance enters your dx with the wrong sign: a larger variance makes x̂ smaller.",
        edits=(("g.mean(axis=0) - x_hat *", "g.mean(axis=0) + x_hat *"),),
    ),
    Misconception(
        id="bn_dx_no_gamma",
        exercise="batchnorm_forward",
        hint="Your dx lacks γ: the gradient that reaches x̂ is γ·dout.",
        edits=(("g = dout * gamma", "g = dout"),),
    ),
    Misconception(
        id="bn_dx_no_scale",
        exercise="batchnorm_forward",
        hint="Your dx lacks the factor r = 1/√(v + ε) in front.",
        edits=(("dx = r * (", "dx = ("),),
    ),
    Misconception(
        id="bn_dx_divided",
        exercise="batchnorm_forward",
        hint="Your dx is exactly N times too small: the means already contain 1/N, and the direct path has none.",
        edits=(("dx = r * (", "dx = r / len(dout) * ("),),
    ),
    Misconception(
        id="bn_dgamma_of_out",
        exercise="batchnorm_forward",
        hint="Your dgamma uses γ·x̂ instead of x̂: what γ multiplies is x̂ itself.",
        edits=(("(dout * x_hat).sum(axis=0)", "(dout * gamma * x_hat).sum(axis=0)"),),
    ),
    Misconception(
        id="bn_dgamma_averaged",
        exercise="batchnorm_forward",
        hint="dgamma and dbeta are N times too small: they sum over the batch, like the gradient of a bias.",
        edits=(("(dout * x_hat).sum(axis=0)", "(dout * x_hat).mean(axis=0)"), ("dbeta = dout.sum(axis=0)", "dbeta = dout.mean(axis=0)")),
    ),
    Misconception(
        id="bn_dbeta_row",
        exercise="batchnorm_forward",
        hint="dgamma and dbeta have the shape (1, D): they need the shape of γ and β, (D,).",
        edits=(
            ("(dout * x_hat).sum(axis=0)", "(dout * x_hat).sum(axis=0, keepdims=True)"),
            ("dbeta = dout.sum(axis=0)", "dbeta = dout.sum(axis=0, keepdims=True)"),
        ),
    ),
    Misconception(
        id="bn_dgamma_swapped",
        exercise="batchnorm_forward",
        hint="dgamma and dbeta have changed places in your return.",
        edits=(("return dx, dgamma, dbeta", "return dx, dbeta, dgamma"),),
    ),
    Misconception(
        id="bn_dout_mutated",
        exercise="batchnorm_forward",
        hint="You multiply dout by γ in place: the caller's dout is changed, and dgamma and dbeta are computed from the changed one.",
        edits=(("g = dout * gamma", "g = dout\n    g *= gamma"),),
    ),
    Misconception(
        id="bn_cache_mutated",
        exercise="batchnorm_forward",
        hint="The first backward call is right, a second one is not: you overwrite x̂ in the cache.",
        edits=(("return dx, dgamma, dbeta", "x_hat *= 0.0\n    return dx, dgamma, dbeta"),),
    ),
    Misconception(
        id="bn_x_mutated",
        exercise="batchnorm_forward",
        hint="Your output is right, but the forward pass subtracts the mean from the caller's x. Make a new array.",
        edits=(("x_hat = (x - x.mean(axis=0)) * r", "x -= x.mean(axis=0)\n    x_hat = x * r"),),
    ),
)

MISCONCEPTIONS = NUMERIC + REL_ERROR + VALUE + TOPOLOGICAL + AFFINE + ELEMENTWISE + SOFTMAX + NETWORK + REPAIRS + BATCHNORM
