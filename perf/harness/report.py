"""What a run says: progress on a terminal, a table at the end, everything as JSON."""
import json
import sys

from . import row

SCHEMA = 1
COLOURS = {row.OK: "32", row.BELOW: "31", row.NOT_NOW: "33", row.ABSENT: "33"}


class Progress:
    """One line that is written over on a terminal, one line a step elsewhere."""

    def __init__(self, stream=sys.stderr):
        self.stream, self.terminal, self.title = stream, stream.isatty(), ""

    def begin(self, title):
        self.title = title
        self.say("")

    def say(self, what):
        line = self.title + (f": {what}" if what else "")
        if self.terminal:
            self.stream.write(f"\r\033[K{line[:150]}")
            self.stream.flush()
        elif what == "":
            print(line, file=self.stream, flush=True)

    def end(self):
        if self.terminal:
            self.stream.write("\r\033[K")
            self.stream.flush()


def figure_text(value):
    if value is None:
        return "-"
    if value and abs(value) < 0.1:
        return f"{value:.3f}"
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"


def bound_text(one, bound):
    if bound is None:
        return "-"
    return ("<= " if one.less_is_better else "") + figure_text(bound)


def cells(one, outcome):
    interval = f"{figure_text(outcome.interval[0])} to {figure_text(outcome.interval[1])}" if outcome.interval else "-"
    return [one.name, figure_text(outcome.figure), interval, one.unit, bound_text(one, one.at_least), bound_text(one, one.aim),
            row.judged(one, outcome)]


def table(results, terminal=False):
    """results: [(Row, Outcome)]"""
    lines = [["ROW", "FIGURE", "95 %", "UNIT", "AT LEAST", "AIM", "STATE"], *(cells(one, outcome) for one, outcome in results)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    text = []
    for number, line in enumerate(lines):
        words = [word.ljust(width) if column in (0, 3, 6) else word.rjust(width) for column, (word, width) in enumerate(zip(line, widths))]
        colour = COLOURS.get(line[6]) if terminal and number else None
        if colour:
            words[6] = f"\033[{colour}m{words[6]}\033[0m"
        text.append("  ".join(words).rstrip())
        if number and results[number - 1][1].note:
            text.append("    " + results[number - 1][1].note)
    return "\n".join(text)


def as_json(machine, mode, results, seconds):
    return {"schema": SCHEMA, "mode": mode, "machine": machine, "seconds": round(seconds, 1),
            "rows": [{"name": one.name, "title": one.title, "unit": one.unit, "at_least": one.at_least, "aim": one.aim,
                      "less_is_better": one.less_is_better, "state": row.judged(one, outcome), "figure": outcome.figure,
                      "interval": outcome.interval, "note": outcome.note, "pairs": outcome.pairs, "details": outcome.details,
                      "seconds": round(outcome.seconds, 1)}
                     for one, outcome in results]}


def write_json(path, data):
    with open(path, "w") as file:
        json.dump(data, file, indent=1)
        file.write("\n")
