"""A row of the table: what is measured, what it must reach, and what came out."""
import dataclasses
from typing import Any, Callable

OK, BELOW, NOT_NOW, ABSENT, SHOWN = "ok", "below", "not measurable now", "not measured", "shown"


def reaches(figure, bound, less_is_better):
    return bound is None or (figure <= bound if less_is_better else figure >= bound)


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    title: str
    measure: Callable[[Any], "Outcome"]  # takes a session.Session
    unit: str
    at_least: float | None = None  # None: shown, no gate. With less_is_better the most that it may be.
    aim: float | None = None
    less_is_better: bool = False
    quick: bool = True             # part of --quick

    def reaches(self, figure, bound):
        return reaches(figure, bound, self.less_is_better)


@dataclasses.dataclass
class Outcome:
    figure: float | None = None
    interval: tuple[float, float] | None = None  # 95 % of the median
    note: str = ""                               # what a reader must know: one sentence
    state: str | None = None                     # NOT_NOW and ABSENT are said by who measures; the rest follows from the figure
    pairs: list = dataclasses.field(default_factory=list)
    details: dict = dataclasses.field(default_factory=dict)
    seconds: float = 0.0                         # that the row took in all


def judged(row, outcome):
    """The state of a row. A figure below the bound that could not be measured well is no failure, nor is it a pass: the bounds are of a
    core that nobody shares."""
    if outcome.state:
        return outcome.state
    if row.at_least is None:
        return SHOWN
    if row.reaches(outcome.figure, row.at_least):
        return OK
    return NOT_NOW if outcome.details.get("core_whole") is False else BELOW
