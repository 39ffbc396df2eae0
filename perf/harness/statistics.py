"""Medians and their intervals, without an assumption on how the values are spread."""
import math


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def interval(values, level=0.95):
    """(low, high): order statistics between which the median of the source lies with at least `level`, as the values are few and
    drawn alike (binomial). With fewer than six values no such pair exists: then it is the smallest and the largest."""
    ordered = sorted(values)
    count = len(ordered)
    outside, rank = 0.0, 0  # chance that fewer than `rank` values lie below the median, twice
    while rank < (count - 1) // 2:
        outside += 2 * math.comb(count, rank) / 2 ** count
        if outside > 1 - level:
            break
        rank += 1
    rank = max(rank - 1, 0)
    return ordered[rank], ordered[count - 1 - rank]


def spread(values):
    """Median distance from the median."""
    middle = median(values)
    return median([abs(value - middle) for value in values])
