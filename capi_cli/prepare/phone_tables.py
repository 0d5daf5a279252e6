"""Numbering plans as the loop over phones wants them: tables of digits instead of regular expressions.

They come from the same compiled plans that the scalar rule asks (`event/normalize/phone_plans`). A plan whose
expressions have no table is none for the loop: its numbers go to the rule.
"""

import ctypes
from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from capi_cli.event import limits
from capi_cli.event.normalize import phone_plans
from capi_cli.event.normalize.phone_plans import Plan
from capi_cli.prepare.digit_machine import Machine, machine

_NONE: Final = -1
_LONGEST: Final = 31  # digits whose count has a bit


class _Machine(ctypes.Structure):
    """`machine_t` of shapes.h."""

    _fields_ = (("next", ctypes.c_void_p), ("ends", ctypes.c_void_p))


class PhonePlan(ctypes.Structure):
    """`phone_plan_t` of shapes.h."""

    _fields_ = (
        ("code", ctypes.c_uint8 * 8),
        ("trunk", ctypes.c_uint8 * 8),
        *(
            (name, ctypes.c_int32)
            for name in "code_length trunk_length main trunk_is_code transforms".split()
        ),
        ("lengths", ctypes.c_uint32),
        ("min_digits", ctypes.c_int32),
        ("max_digits", ctypes.c_int32),
        *((name, _Machine) for name in "idd prefix general".split()),
    )


class PhoneTables:
    """The plans of the countries seen so far.

    Attributes:
        plans: An array of `PhonePlan`.
        home: int32[countries], the plan of each country, -1 where the loop has none.
    """

    def __init__(self, countries: Iterable[str]) -> None:
        self._kept: list[Any] = []  # what the structures point to
        self._numbers: dict[int, int] = {}
        self._plans: list[PhonePlan] = []
        self.home = np.array([self._number(phone_plans.plan(name)) for name in countries], np.int32)
        self.plans = (PhonePlan * max(1, len(self._plans)))(*self._plans)

    def _number(self, plan: Plan | None) -> int:
        if plan is None:
            return _NONE
        if id(plan) not in self._numbers:
            self._numbers[id(plan)] = _NONE
            table = self._table(plan)
            if table is not None:
                self._numbers[id(plan)] = len(self._plans)
                self._plans.append(table)
                table.main = self._main(plan)
        return self._numbers[id(plan)]

    def _main(self, plan: Plan) -> int:
        return self._number(plan if plan.is_main else phone_plans.main_plan(plan.calling_code))

    def _table(self, plan: Plan) -> PhonePlan | None:
        idd = plan.idd.pattern if plan.idd is not None and not plan.idd_is_00 else None
        prefix = plan.prefix.pattern if plan.prefix is not None and plan.trunk is None else None
        patterns = [(idd, False), (prefix, False), (plan.general.pattern, True)]
        machines = [pattern and machine(pattern, whole=whole) for pattern, whole in patterns]
        if any(pattern and found is None for (pattern, _), found in zip(patterns, machines, strict=True)):
            return None
        code, trunk = plan.calling_code.encode(), (plan.trunk or "").encode()
        found = PhonePlan(
            code_length=len(code),
            trunk_length=len(trunk),
            trunk_is_code=code == trunk,
            transforms=plan.transforms,
            lengths=sum(1 << length for length in plan.lengths if length <= _LONGEST),
            min_digits=limits.MIN_PHONE_DIGITS,
            max_digits=limits.MAX_PHONE_DIGITS,
        )
        for room, text in ((found.code, code), (found.trunk, trunk)):
            ctypes.memmove(room, text, len(text))
        found.idd, found.prefix, found.general = map(self._machine, machines)
        return found

    def _machine(self, machine: Machine | str | None) -> _Machine:
        if not isinstance(machine, Machine):
            return _Machine(None, None)
        after, ends = np.array(machine.next, np.uint16), np.array(machine.ends, np.uint8)
        self._kept += [after, ends]
        return _Machine(after.ctypes.data, ends.ctypes.data)
