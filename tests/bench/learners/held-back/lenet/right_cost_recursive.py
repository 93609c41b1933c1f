# assignment: lenet
# question: inception_cost
# function: inception_cost
# kind: right
def _p(v):
    return (v, v) if isinstance(v, int) else tuple(v)

def _branch(c, area, convs):
    if not convs:
        return 0
    (out, kernel), rest = convs[0], convs[1:]
    a, b = _p(kernel)
    for v in (c, out, a, b):
        if v <= 0:
            raise ValueError("sizes start at 1")
    return area * c * out * a * b + _branch(out, area, rest)

def inception_cost(c_in, size, branches):
    h, w = _p(size)
    if h <= 0 or w <= 0 or c_in <= 0:
        raise ValueError("sizes start at 1")
    return sum(_branch(c_in, h * w, list(b)) for b in branches)
