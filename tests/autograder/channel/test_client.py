"""Tests of what a test sees as ``student``: the same by a plain call and over a socket."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest

from autograder.channel.client import Handle, Student, same_object
from autograder.channel.codec import encode
from autograder.channel.events import StudentError, WrongReturn
from autograder.channel.harness import mutated
from autograder.channel.transport import Op, Reply, StudentDied, StudentTimeout
from autograder.errors import ProtocolError

from .worlds import Make, load, local, signatures

FUNCTIONS = """
    import numpy as np
    LIMIT = 2.5
    def add(x, y=1.0, *, scale=1.0):
        return scale * (x + y)
    def affine_forward(x, w):
        return x @ w, (x, w)
    def affine_backward(dout, cache):
        return dout @ cache[1].T, cache[0].T @ dout
    def one_too_few(x):
        return (x,)
    def a_list(x):
        return [x, x]
    def nothing(x):
        x + 1
"""
TEXTS = (
    "affine_forward(x, w) -> out, cache",
    "affine_backward(dout, cache) -> dx, dw",
    "one_too_few(x) -> a, b",
    "a_list(x) -> a, b",
    "nothing(x) -> a, b",
)
VALUE = """
    class Value:
        def __init__(self, data):
            self.data = data
            self._hidden = 1
        def double(self, times=1):
            return Value(self.data * 2 ** times)
        def me(self):
            return self
        def __call__(self, x):
            return self.data + x
        def _plain(o):
            return o.data if isinstance(o, Value) else o
        def __getitem__(self, i): return (self.data, i)
        def __setitem__(self, i, v): self.data = v
        def __len__(self): return 7
        def __float__(self): return float(self.data)
        def __int__(self): return int(self.data)
        def __bool__(self): return self.data > 0
        def __neg__(self): return Value(-self.data)
        def __pos__(self): return Value(+self.data)
        def __abs__(self): return Value(abs(self.data))
        def __lt__(self, o): return self.data < Value._plain(o)
        def __le__(self, o): return self.data <= Value._plain(o)
        def __gt__(self, o): return self.data > Value._plain(o)
        def __ge__(self, o): return self.data >= Value._plain(o)
    import operator
    for name in ("add", "sub", "mul", "truediv", "matmul", "pow", "mod"):
        f = operator.mul if name == "matmul" else getattr(operator, name)
        setattr(Value, f"__{name}__", lambda self, o, f=f: Value(f(self.data, Value._plain(o))))
        setattr(Value, f"__r{name}__", lambda self, o, f=f: Value(f(o, self.data)))
    def values(n):
        return [Value(float(i)) for i in range(n)]
    def total(vs):
        return sum(v.data for v in vs)
    KEPT = Value(1.0)
    def kept():
        return KEPT
"""


# ---------------------------------------------------------------------- calls
def test_a_call_gives_plain_results(make: Make) -> None:
    """Positional and keyword arguments arrive, and the result is a plain array."""
    student = make(FUNCTIONS)
    got = student.add(np.ones(2), 2.0, scale=3.0)
    assert type(got) is np.ndarray
    assert got.tolist() == [9, 9]
    assert student.add(1) == 2.0
    assert student.value("LIMIT") == 2.5


def test_a_cache_stays_opaque_and_can_be_passed_back(make: Make) -> None:
    """A return called cache is a handle; the student's function gets its own object back."""
    student = make(FUNCTIONS, *TEXTS)
    out, cache = student.affine_forward(np.ones((2, 3)), np.full((3, 1), 2.0))
    assert out.tolist() == [[6], [6]]
    assert isinstance(cache, Handle)
    dx, dw = student.affine_backward(np.ones((2, 1)), cache)
    assert dx.shape == (2, 3)
    assert dw.tolist() == [[2], [2], [2]]


def test_a_cache_that_is_the_only_return_is_a_handle(make: Make) -> None:
    """A function whose one return is a cache gives a handle even when it returns plain data."""
    student = make(
        "def start(): return {'t': 0}\ndef step(cache): cache['t'] += 1; return cache['t']", "start() -> cache", "step(cache) -> t"
    )
    cache = student.start()
    assert isinstance(cache, Handle)
    assert [student.step(cache), student.step(cache)] == [1, 2]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("one_too_few", "must return 2 values (a, b); it returned 1"),
        ("nothing", "None (is the return statement missing?)"),
        ("add", None),
        ("a_list", None),
    ],
)
def test_the_number_of_returned_values_is_checked(make: Make, name: str, words: str | None) -> None:
    """A tuple or list of the signature's length passes, as a tuple; anything else is a WrongReturn that says what came."""
    student = make(FUNCTIONS, *TEXTS)
    if words is None:
        got = getattr(student, name)(1.0)
        assert got == ((1.0, 1.0) if name == "a_list" else 2.0)
        return
    with pytest.raises(WrongReturn) as caught:
        getattr(student, name)(1.0)
    assert words in str(caught.value)
    with pytest.raises(WrongReturn):
        getattr(student, name).map([(1.0,)])


def test_a_wrong_return_tells_the_shape(make: Make) -> None:
    """A single array where several values are expected is described by its shape."""
    with pytest.raises(WrongReturn, match=r"one ndarray of shape \(3,\)"):
        make("def f(x): return x", "f(x) -> a, b").f(np.ones(3))


def test_map_calls_once_per_tuple(make: Make) -> None:
    """A batch gives the results of its calls, in order, caches as handles, and is empty for no calls."""
    student = make(FUNCTIONS, *TEXTS)
    assert student.add.map([(1.0, 2.0), (3.0, 4.0), (5.0,)]) == [3.0, 7.0, 6.0]
    assert student.add.map([]) == []
    pairs = student.affine_forward.map([(np.ones((1, 1)), np.full((1, 1), k)) for k in (2.0, 3.0)])
    assert [out.item() for out, _ in pairs] == [2, 3]
    assert [student.affine_backward(np.ones((1, 1)), c)[0].item() for _, c in pairs] == [2, 3]


def test_an_exception_in_a_batch_is_the_students(make: Make) -> None:
    """When one call of a batch raises, the batch raises."""
    with pytest.raises(StudentError, match="ZeroDivisionError"):
        make("def f(x): return 1 / x").f.map([(1.0,), (0,)])


def test_arguments_are_private_copies_and_changes_are_reported(make: Make) -> None:
    """The test's arrays stay as they were; positions whose arrays the function changed are named, also inside containers."""
    student = make("""
        def change(x, y, d, l):
            x += 1
            d["w"][0] = 5
            l[0][1][:] = 9
        def quiet(x, d):
            d["new"] = 1
            return x + 1
        def only_second(x, y=None):
            y[0] = 1
        def hollow(d, l):
            d["a"] = 3
            l[0] = 4
    """)
    x, y, d, inner = np.zeros(2), np.zeros(2), {"w": np.zeros(2)}, [(1, np.zeros(2))]
    student.change(x, y, d, inner)
    assert mutated(student) == ("0", "2", "3")
    assert not x.any()
    assert not d["w"].any()
    student.quiet(x, {"w": y})
    assert mutated(student) == ("1",)
    student.only_second(x, y=y)
    assert mutated(student) == ("1",)
    student.quiet(x, {})
    assert mutated(student) == ()


def test_a_container_that_is_replaced_is_a_change(make: Make) -> None:
    """Replacing a nested list or dictionary by a number is reported, not an error of the harness."""
    student = make("def hollow(d, l):\n    d['a'] = 3\n    l[0] = 4\n    return 1.0")
    assert student.hollow({"a": {"b": np.ones(2)}}, [[np.ones(2)]]) == 1.0
    assert mutated(student) == ("0", "1")


def test_a_missing_function_is_a_name_error_without_lines(make: Make) -> None:
    """A function or variable that is not defined raises NameError with no line of the student's."""
    student = make()
    for ask in (lambda: student.absent(1), lambda: student.value("absent"), lambda: student.absent.map([(1,)])):
        with pytest.raises(StudentError) as caught:
            ask()
        assert caught.value.is_a(NameError)
        assert "'absent'" in caught.value.text
        assert caught.value.frames == ()


def test_names_with_an_underscore_are_attributes_of_python() -> None:
    """The facade does not pretend to have private names, so that copying and inspecting it work."""
    with pytest.raises(AttributeError):
        local()._private  # noqa: B018


# ---------------------------------------------------------------------- handles
def test_objects_are_handles(make: Make) -> None:
    """Attributes are read and set, methods and the object itself called, objects passed back, alone and in lists."""
    student = make(VALUE)
    v = student.Value(2.0)
    assert isinstance(v, Handle)
    assert repr(v) == "<an object of type Value>"
    assert v.data == 2.0
    assert v._hidden == 1
    v.data = 5.0
    assert v.data == 5.0
    assert v.double().data == 10.0
    assert v.double(times=2).data == 20.0
    assert v(1.0) == 6.0
    many = student.values(4)
    assert [m.data for m in many] == [0, 1, 2, 3]
    assert student.total(many) == 6.0


def test_attributes_that_are_absent_raise_the_students_error(make: Make) -> None:
    """Reading what is not there is the student's AttributeError; dunder names never go over."""
    v = make(VALUE).Value(1.0)
    with pytest.raises(StudentError, match="AttributeError"):
        v.absent  # noqa: B018
    with pytest.raises(AttributeError):
        v.__absent__  # noqa: B018


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow", "mod"])
def test_binary_operators(make: Make, name: str) -> None:
    """Every binary operator works with two handles, with a number on the right and with a number on the left."""
    student, apply = make(VALUE), getattr(operator, name)
    a, b = student.Value(5.0), student.Value(2.0)
    assert apply(a, b).data == apply(5.0, 2.0)
    assert apply(a, 3.0).data == apply(5.0, 3.0)
    assert apply(3.0, a).data == apply(3.0, 5.0)


def test_matmul_and_unary_operators(make: Make) -> None:
    """``@``, signs, abs, comparisons, items, len and conversions go over."""
    student = make(VALUE)
    a, b = student.Value(-5.0), student.Value(2.0)
    assert (a @ b).data == -10.0
    assert (3.0 @ a).data == -15.0  # type: ignore[operator]
    assert [(-a).data, (+a).data, abs(a).data] == [5.0, -5.0, 5.0]
    assert [a < b, a <= b, a > b, a >= b, a < -6.0, a >= -5.0] == [True, True, False, False, False, True]
    assert [len(a), float(a), int(a), bool(a), bool(b)] == [7, -5.0, -5, False, True]
    assert a[3] == (-5.0, 3)
    a[0] = 8.0
    assert a.data == 8.0


def test_same_object_is_identity(make: Make) -> None:
    """Two handles of one object are the same object; two equal objects are not."""
    student = make(VALUE)
    v = student.Value(1.0)
    assert same_object(v, v.me())
    assert same_object(student.kept(), student.kept())
    assert not same_object(v, student.Value(1.0))


def test_many_dead_handles_do_not_hurt_living_ones(make: Make) -> None:
    """Objects that no test holds are let go of, those that one holds are not."""
    student = make(VALUE)
    kept = student.Value(3.0)
    for _ in range(1100):
        student.Value(0.0)
    again = student.Value(4.0)
    student.Value(5.0)
    assert [kept.data, again.data] == [3.0, 4.0]


# ---------------------------------------------------------------------- callbacks
CALLS = """
    def apply(f, x):
        return f(x)
    def slope(f, x, h=1e-3):
        return (f(x + h) - f(x - h)) / (2 * h)
    def careful(f, x):
        try:
            return f(x)
        except Exception as error:
            return [type(error).__name__, str(error)]
    def flood(f):
        while True:
            f(1)
    def square(x):
        return x * x
    def keyword(f):
        return f(1.0, b=2.0)
    def keep(f):
        global KEPT
        KEPT = f
    def use():
        return KEPT(1.0)
    def tangle(f, depth):
        return f(depth)
"""


def test_a_test_may_pass_a_function(make: Make) -> None:
    """The student's function calls back with arrays and keywords and gets plain results."""
    student = make(CALLS)
    assert student.apply(lambda x: x * 2, np.ones(2)).tolist() == [2, 2]
    assert abs(student.slope(lambda x: x**2, 3.0) - 6.0) < 1e-6
    assert student.keyword(lambda a, b: a - b) == -1.0


def test_callbacks_nest(make: Make) -> None:
    """A function of the test may call the student, who calls another function of the test."""
    student = make(CALLS)
    assert student.apply(lambda x: student.square(x) + student.apply(lambda y: y + 1, x), 3.0) == 13.0


def test_a_failing_callback_tells_the_student_nothing(make: Make) -> None:
    """When the test's function raises, the student sees that it failed and not a word of the test."""

    def secret(x: Any) -> Any:
        raise ValueError("the answer is 42")

    student = make(CALLS)
    name, text = student.careful(secret, 1.0)
    assert name == "CallbackFailed"
    assert "42" not in text
    with pytest.raises(StudentError, match="CallbackFailed"):
        student.apply(secret, 1.0)


def test_a_callback_cannot_be_used_later(make: Make) -> None:
    """A function that the student kept is gone when the call is over."""
    student = make(CALLS)
    student.keep(lambda x: x)
    with pytest.raises((ProtocolError, StudentError)):
        student.use()


def test_a_flood_of_callbacks_ends(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A student who calls back without end is stopped."""
    monkeypatch.setattr("autograder.channel.client._MAX_CALLBACKS", 50)
    calls = []
    with pytest.raises((ProtocolError, StudentError)):
        make(CALLS).flood(calls.append)
    assert len(calls) <= 51


def test_callbacks_do_not_nest_without_end(make: Make) -> None:
    """Test and student calling each other without end are stopped."""
    student = make(CALLS)
    deepest = []

    def again(depth: int) -> Any:
        deepest.append(depth)
        return student.tangle(again, depth + 1)

    with pytest.raises((ProtocolError, StudentError)):
        student.tangle(again, 0)
    assert max(deepest) < 20


def test_what_cannot_cross_is_refused_before_it_is_sent() -> None:
    """A test that passes a set or an object array gets an error that names the type."""
    with pytest.raises(ProtocolError, match="set"):
        local(CALLS).apply(len, {1})


# ---------------------------------------------------------------------- exceptions
def test_an_exception_comes_with_cell_and_line(make: Make) -> None:
    """Type, text and the student's own lines come back, outermost first, and no line of the harness."""
    student = make("def outer(x):\n    return inner(x)\n\ndef inner(x):\n    return x.nothing\n")
    with pytest.raises(StudentError) as caught:
        student.outer(1)
    error = caught.value
    assert error.name == "AttributeError"
    assert error.is_a(AttributeError)
    assert error.is_a(Exception)
    assert not error.is_a(ValueError)
    assert "nothing" in error.text
    assert [(f.cell, f.line, f.function, f.text) for f in error.frames] == [
        ("cell 3 (f)", 2, "outer", "return inner(x)"),
        ("cell 3 (f)", 5, "inner", "return x.nothing"),
    ]


@pytest.mark.parametrize(
    ("raised", "name", "kind"),
    [
        ("SystemExit(3)", "SystemExit", SystemExit),
        ("GeneratorExit()", "GeneratorExit", BaseException),
        ("Mine('x')", "Mine", ValueError),
        ("Base('x')", "Base", BaseException),
    ],
)
def test_any_exception_is_an_outcome(make: Make, raised: str, name: str, kind: type[BaseException]) -> None:
    """Exit, exceptions that are no Exception and classes of the student's own come back by name and built-in bases."""
    student = make(f"class Mine(ValueError): pass\nclass Base(BaseException): pass\ndef f(): raise {raised}\ndef g(): return 1")
    with pytest.raises(StudentError) as caught:
        student.f()
    assert caught.value.name == name
    assert caught.value.is_a(kind)
    assert student.g() == 1


def test_hostile_exceptions_are_bounded(make: Make) -> None:
    """An exception that cannot be printed or prints without end is told in a few words; deep recursion in a few lines."""
    student = make("""
        class Mute(Exception):
            def __str__(self): raise ValueError
        def mute(): raise Mute
        def loud(): raise ValueError("x" * 100_000)
        def deep(n): return deep(n + 1)
    """)
    with pytest.raises(StudentError, match="cannot be printed"):
        student.mute()
    with pytest.raises(StudentError) as caught:
        student.loud()
    assert len(caught.value.text) <= 2000
    with pytest.raises(StudentError) as caught:
        student.deep(0)
    assert caught.value.is_a(RecursionError)
    assert 1 <= len(caught.value.frames) <= 20


def test_a_syntax_error_names_the_line(make: Make) -> None:
    """A cell that does not parse raises SyntaxError with the line."""
    with pytest.raises(StudentError) as caught:
        load(make(), "x = 1\ny = = 2\n", "cell 5 (g)")
    assert caught.value.is_a(SyntaxError)
    assert [(f.cell, f.line, f.text) for f in caught.value.frames] == [("cell 5 (g)", 2, "y = = 2")]


def test_prints_do_not_disturb(make: Make, capfd: pytest.CaptureFixture[str]) -> None:
    """A student's prints, also to the process's own standard output, leave results as they are."""
    student = make("import os, sys\ndef f(x):\n    print('x' * 10_000)\n    sys.stdout.flush()\n    return x + 1")
    assert student.f(1.0) == 2.0
    capfd.readouterr()


def test_local_prints_are_swallowed(capsys: pytest.CaptureFixture[str]) -> None:
    """In this process, what the student's code prints does not show."""
    assert local("def f():\n    print('noise')\n    return 1").f() == 1
    assert capsys.readouterr().out == ""


# ---------------------------------------------------------------------- limits
def test_an_endless_call_times_out(make: Make) -> None:
    """A call over its seconds raises StudentTimeout."""
    student = make("def f():\n    while True: pass", seconds=0.2)
    with pytest.raises(StudentTimeout):
        student.f()


# ---------------------------------------------------------------------- a hostile other end
class Canned:
    """A transport whose every reply is the same."""

    def __init__(self, *reply: Any) -> None:
        self.reply = reply

    def roundtrip(self, op: Op, body: bytes, on_callback: Any, seconds: float) -> Reply:
        """Give the reply."""
        return self.reply[0], self.reply[1]


@pytest.mark.parametrize(
    "reply",
    [
        (Op.RESULT, b""), (Op.RESULT, b"?"), (Op.RESULT, encode(1.0)), (Op.RESULT, encode(1.0, "0")), (Op.RESULT, encode(1.0, (0,))), (Op.RESULT, encode(1.0, (), 3)),
        (Op.CALL, encode(1.0, ())), (Op.FREE, b""), (Op.ERROR, b""), (Op.ERROR, encode("E", [], "", "frames")), (Op.ERROR, encode("E", [], "", [("c", "1", "f", "t")])),
        (Op.ERROR, encode("E", [], "", [("c", 1, "f")])), (Op.ERROR, encode(1, [], "", [])), (Op.ERROR, encode("E", (), "", [])), (Op.ERROR, encode("E", [], b"", [])),
        (Op.RESULT, b"k\x05\0\0\0" + encode(())),
    ],
)  # fmt: skip
def test_malformed_replies_are_protocol_errors(reply: tuple[Op, bytes]) -> None:
    """A reply with the wrong number of values, types or kind of frame never reaches a test as a value."""
    with pytest.raises(ProtocolError):
        Student(Canned(*reply), {}).f(1.0)


@pytest.mark.parametrize("reply", [encode([1.0]), encode((1.0, 2.0)), encode(None), encode([1.0, 2.0, 3.0])])
def test_a_batch_of_another_length_is_a_protocol_error(reply: bytes) -> None:
    """A batch must come back as a list with one result per call."""
    with pytest.raises(ProtocolError, match="another length"):
        Student(Canned(Op.RESULT, reply), {}).f.map([(1,), (2,)])


def test_a_forged_exception_is_cut() -> None:
    """Name, bases, text and frames of an exception have limits that the other end cannot lift."""
    frames = [("c", i, "f", "t") for i in range(100)]
    with pytest.raises(StudentError) as caught:
        Student(Canned(Op.ERROR, encode("E" * 999, ["ValueError"] * 99, "x" * 9999, frames)), {}).f()
    error = caught.value
    assert (len(error.name), len(error.bases), len(error.text), len(error.frames)) == (60, 20, 2000, 20)
    assert error.is_a(ValueError)


def test_a_handle_shows_no_control_characters() -> None:
    """A type name that cannot be printed is not printed."""
    got = Student(Canned(Op.RESULT, b"h\1\0\0\0\5a\x1b[2J" + encode(())), {}).f()
    assert repr(got) == "<an object of type ?>"


@pytest.mark.parametrize(
    "question",
    [
        encode(0, [], {}),
        encode(-1, (), {}),
        encode(7, (), {}),
        encode("0", (), {}),
        encode(0, (), []),
        encode(True, (), {}),
        b"",
        encode(0, ()),
    ],
)
def test_malformed_callbacks_are_protocol_errors(question: bytes) -> None:
    """A callback with a number that was not given out or with malformed arguments calls nothing."""

    class Asking:
        def roundtrip(self, op: Op, body: bytes, on_callback: Any, seconds: float) -> Reply:
            return on_callback(question)  # type: ignore[no-any-return]

    called: list[Any] = []
    with pytest.raises(ProtocolError):
        Student(Asking(), {}).f(called.append)
    assert called == []


def test_calls_inside_callbacks_do_not_prolong_a_call(make: Make) -> None:
    """Requests that a callback makes run within the outer call's seconds, however many there are."""
    student = make(CALLS, seconds=0.3)
    with pytest.raises(StudentTimeout):
        student.flood(lambda x: student.square(x))  # noqa: PLW0108 - the facade is not passed itself


def test_an_endless_loop_inside_a_callback_is_a_timeout(make: Make) -> None:
    """A timeout or death below a callback reaches the test as such and is not turned into a failing callback."""
    student = make(CALLS + "\n    def spin():\n        while True: pass", seconds=0.3)
    with pytest.raises((StudentTimeout, StudentDied)):
        student.apply(lambda x: student.spin(), 1.0)


def test_signatures_are_of_the_unit() -> None:
    """A student without signatures does not check the number of returned values."""
    assert local("def f(): return (1, 2, 3)").f() == (1, 2, 3)
    assert signatures("f(a) -> b")["f"].params == ("a",)
