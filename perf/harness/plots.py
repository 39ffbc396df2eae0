"""Line plots over a logarithmic axis as SVG, without a library: a few polylines and labels."""
import html
import math

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 24, 56, 56
COLOURS = ("#0b5cad", "#b4530a", "#2c7a3f", "#7a3fa0")
STYLE = "font-family: system-ui, sans-serif; font-size: 13px"


def nice_top(value):
    """A round number at or above, and the step of its ticks."""
    if value <= 0:
        return 1.0, 0.25
    power = 10 ** math.floor(math.log10(value))
    top = next(factor for factor in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if factor * power >= value) * power
    return top, top / 5 if top / power in (1, 2, 5, 10, 1.5) else top / 4


def number(value):
    for size, letter in ((1_000_000, " M"), (1_000, " k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


class Plot:
    """`series`: {name: [(x, y)]} or with an interval [(x, y, low, high)]; the first is the thicker line."""

    def __init__(self, title, x_title, y_title, series):
        self.title, self.x_title, self.y_title, self.series = title, x_title, y_title, series
        points = [point for line in series.values() for point in line]
        self.x_values = sorted({point[0] for point in points})
        self.first, self.last = math.log10(self.x_values[0]), math.log10(self.x_values[-1])
        self.top, self.step = nice_top(max(max(point[1:]) for point in points))

    def x(self, value):
        share = (math.log10(value) - self.first) / (self.last - self.first or 1)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)

    @staticmethod
    def text(x, y, words, anchor="middle", more=""):
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{html.escape(words)}</text>'

    def axes(self):
        for count in range(round(self.top / self.step) + 1):
            value = count * self.step
            yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{self.y(value):.1f}" y2="{self.y(value):.1f}" stroke="#ddd"/>'
            yield self.text(LEFT - 8, self.y(value) + 4, f"{value:g}", "end")
        for value in self.x_values:
            yield f'<line x1="{self.x(value):.1f}" x2="{self.x(value):.1f}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM + 5}" stroke="#555"/>'
            yield self.text(self.x(value), HEIGHT - BOTTOM + 20, number(value))
        yield self.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, self.x_title)
        middle = (TOP + HEIGHT - BOTTOM) / 2
        yield self.text(18, middle, self.y_title, more=f'transform="rotate(-90 18 {middle:.1f})"')

    def lines(self):
        at = LEFT + 8  # of the legend
        for place, (name, points) in enumerate(self.series.items()):
            colour, width = COLOURS[place % len(COLOURS)], 2.5 if place == 0 else 1.5
            path = " ".join(f"{self.x(point[0]):.1f},{self.y(point[1]):.1f}" for point in points)
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'
            for point in points:
                yield f'<circle cx="{self.x(point[0]):.1f}" cy="{self.y(point[1]):.1f}" r="3.5" fill="{colour}"/>'
                if len(point) == 4:
                    yield (f'<line x1="{self.x(point[0]):.1f}" x2="{self.x(point[0]):.1f}" y1="{self.y(point[2]):.1f}" '
                           f'y2="{self.y(point[3]):.1f}" stroke="{colour}"/>')
            yield f'<line x1="{at}" x2="{at + 22}" y1="{TOP - 14}" y2="{TOP - 14}" stroke="{colour}" stroke-width="{width}"/>'
            yield self.text(at + 28, TOP - 10, name, "start")
            at += 52 + 7 * len(name)  # as wide as thirteen pixels' letters are

    def svg(self):
        body = "\n".join([self.text(LEFT, 22, self.title, "start", 'style="font-size: 16px"'), *self.axes(), *self.lines()])
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
                f'role="img" aria-label="{html.escape(self.title)}" style="{STYLE}">\n'
                f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n{body}\n</svg>\n')
