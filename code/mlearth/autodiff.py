"""Reverse-mode automatic differentiation of numbers, in as few lines as it takes.

It shows what PyTorch and TensorFlow do with whole arrays; they are thousands of times faster.
"""

import math


class Number:
    """A number that remembers how it was computed.

    Parameters
    ----------
    value : float
    inputs : sequence of (Number, float)
        What it was computed from, and its derivative with respect to each.

    Attributes
    ----------
    slope : float
        After `backward` of a result: the derivative of the result with respect to this number.
    """

    def __init__(self, value, inputs=()):
        self.value, self.inputs, self.slope = float(value), inputs, 0.0

    def __add__(self, other):
        other = _number(other)
        return Number(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other):
        other = _number(other)
        return Number(self.value * other.value, [(self, other.value), (other, self.value)])

    def __sub__(self, other):
        return self + _number(other) * -1.0

    __radd__, __rmul__ = __add__, __mul__

    def tanh(self):
        """Hyperbolic tangent."""
        value = math.tanh(self.value)
        return Number(value, [(self, 1.0 - value**2)])

    def exp(self):
        """Exponential."""
        value = math.exp(self.value)
        return Number(value, [(self, value)])

    def log(self):
        """Natural logarithm."""
        return Number(math.log(self.value), [(self, 1.0 / self.value)])

    def backward(self):
        """Give every number that this one depends on its `slope`, by the chain rule."""
        self.slope = 1.0
        for number in reversed(_in_order(self)):
            for source, derivative in number.inputs:
                source.slope += derivative * number.slope


def _number(value):
    return value if isinstance(value, Number) else Number(value)


def _in_order(last):
    """List the numbers that one depends on, each after all of its own inputs."""
    order, seen, todo = [], set(), [(last, False)]
    while todo:
        number, expanded = todo.pop()
        if expanded:
            order.append(number)
        elif number not in seen:
            seen.add(number)
            todo.append((number, True))
            todo += [(source, False) for source, _ in number.inputs]
    return order
