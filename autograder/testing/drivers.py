"""Drivers: text of a test that runs beside the student's functions, and the same text beside the reference's."""

from __future__ import annotations

import copy
import hashlib
import types
from typing import Any

from autograder.channel.client import Student, run_program
from autograder.channel.codec import decode, encode
from autograder.channel.functions import Program

_REMEMBERED = 4096


class Driver(Program):
    """A piece of a test that needs objects which do not cross the channel: models, optimizers, loaders.

    It builds them from plain data, calls the student's functions by name, and returns plain data::

        STEP = Driver('''
        def after_one_step(weight, x, y):
            model = nn.Linear(3, 2).double()
            with torch.no_grad():
                model.weight.copy_(torch.from_numpy(weight))
            loss = train_step(model, torch.from_numpy(x), torch.from_numpy(y))
            return float(loss), model.weight.detach().numpy()
        ''')
        got, expected = STEP(student, weight, x, y), STEP(reference, weight, x, y)

    Student code can read its text, so it must hold neither the solution nor expected numbers.

    Args:
        source: one ``def``; its globals are the notebook's names, ``np``, ``torch``, ``nn`` and ``F``.
    """

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self._known: dict[bytes, bytes] = {}
        self._reference: Any = None

    def __call__(self, who: Any, /, *args: Any) -> Any:
        """Run it beside a student or beside the reference.

        Args:
            who: the test's ``student`` or ``reference``.
            args: plain data; each side gets copies.

        Returns:
            What the driver returns, as plain data.

        Raises:
            StudentError: the student's code raised.
        """
        if isinstance(who, Student):
            return run_program(who, self, args)
        if isinstance(who, types.SimpleNamespace):
            return self._beside_reference(who, args)
        return who.run(self, args)  # of benchmarks: the student's code in this process, without a channel

    def _beside_reference(self, reference: Any, args: tuple[Any, ...]) -> Any:
        """The reference gives the same result for the same arguments, so it is run once for each."""
        if reference is not self._reference or len(self._known) >= _REMEMBERED:
            self._known.clear()
            self._reference = reference
        key = hashlib.sha256(encode(args)).digest()
        if key not in self._known:
            self._known[key] = encode(self.beside(vars(reference))(*copy.deepcopy(args)))
        return decode(self._known[key], 1)[0]


__all__ = ["Driver"]
