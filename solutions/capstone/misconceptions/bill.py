"""The bill of a network: wrong ideas, as students would write them."""

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def walked(layers, maps, *, norms=True, sums=True, shortcuts=True, carried=True, biases=False,
           flat=True, by=lambda before, after: after, fits=True, alike=True, follow=0):
    """(products, maps) of a right bill, whose parts can be exchanged."""
    options = {"norms": norms, "sums": sums, "shortcuts": shortcuts, "carried": carried,
               "biases": biases, "flat": flat, "by": by, "fits": fits, "alike": alike,
               "follow": follow}
    products = 0
    for kind, *rest in layers:
        c, h, w = maps
        if kind == "residual":
            ends = [walked(branch, maps, **options) for branch in rest]
            if alike and ends[0][1] != ends[1][1]:
                raise ValueError("these cannot be added")
            maps = ends[follow][1]
            products += ends[0][0] + shortcuts * ends[1][0] + sums * maps[0] * maps[1] * maps[2]
        elif kind in ("conv", "pool"):
            filters, kernel, stride, padding = rest if kind == "conv" else (c, *rest, 0)
            if fits and min(h, w) + 2 * padding < kernel:
                raise ValueError("it does not fit")
            after = [max((side + 2 * padding - kernel) // stride + 1, 1) for side in (h, w)]
            if kind == "conv":
                places = by((h, w), after)
                products += filters * (c * kernel**2 + biases) * places[0] * places[1]
            maps = (filters if carried else c, *after)
        elif kind == "norm":
            products += norms * c * h * w
        elif kind == "global":
            maps = (c, 1, 1)
        else:
            products += (c * h * w if flat else c) * rest[0]
            maps = (rest[0], 1, 1)
    return products, maps


@wrong("normalisation-is-free",
       "A normalisation takes no products in your bill. It multiplies every number once.")
def network_macs(layers, channels, size):
    return walked(layers, (channels, *size), norms=False)[0]


@wrong("sum-is-free",
       "The sum at the end of a residual block takes nothing in your bill. It takes one for each "
       "number that it gives.")
def network_macs(layers, channels, size):
    return walked(layers, (channels, *size), sums=False)[0]


@wrong("shortcut-is-free",
       "The layers of the shortcut are not in your bill. They work as those of the body do.")
def network_macs(layers, channels, size):
    return walked(layers, (channels, *size), shortcuts=False)[0]


@wrong("bill-by-input-places",
       "A convolution's products are counted for every place of its input. It works at the places "
       "of its output.")
def network_macs(layers, channels, size):
    return walked(layers, (channels, *size), by=lambda before, after: before)[0]


@wrong("bill-channels-not-carried",
       "Every layer is taken to work on the image's channels. It works on those that the layer "
       "before it answers.")
def network_macs(layers, channels, size):
    return walked(layers, (channels, *size), carried=False, alike=False)[0]


@wrong("bill-with-biases", "Biases are counted. They are added once, and multiplied never.")
def network_macs(layers, channels, size):
    return walked(layers, (channels, *size), biases=True)[0]


@wrong("dense-of-channels",
       "A dense layer is counted with a weight for each channel. It has one for each number of the "
       "maps: channels times height times width.")
def network_macs(layers, channels, size):
    return walked(layers, (channels, *size), flat=False)[0]


@wrong("bill-is-a-float", "The bill is a float. Count whole products: `//`, and not `/`.")
def network_macs(layers, channels, size):
    return float(walked(layers, (channels, *size))[0])


@wrong("branches-not-compared",
       "A block is added up whose branches end in different shapes. Such a sum has to be refused.")
def network_macs(layers, channels, size):
    return walked(layers, (channels, *size), alike=False)[0]


@wrong("windows-not-compared",
       "A window is accepted that is larger than its map with the padding. It has to be refused.")
def network_macs(layers, channels, size):
    return walked(layers, (channels, *size), fits=False)[0]


@wrong("layers-used-up",
       "Your function takes the layers out of the list that it is given. The caller still needs "
       "them.")
def network_macs(layers, channels, size):
    products = walked(layers, (channels, *size))[0]
    del layers[:]
    return products


def looked(layers, field=1, step=1, *, strides=True, pools=True, late=False, on=False,
           join=max):
    """(field, step) of a right walk, whose parts can be exchanged."""
    options = {"strides": strides, "pools": pools, "late": late, "on": on, "join": join}
    for kind, *rest in layers:
        if kind == "residual":
            ends = [looked(branch, field, step, **options) for branch in rest]
            field, step = join(end[0] for end in ends), ends[0][1]
        elif kind in ("conv", "pool") and (kind == "conv" or pools):
            kernel, stride = rest[1:3] if kind == "conv" else rest
            if late:
                step *= stride
            field += (kernel - 1) * step
            if strides and not late:
                step *= stride
        elif kind in ("global", "dense") and not on:
            break
        elif kind == "global":
            field = 1 << 10
    return field, step


@wrong("field-without-strides",
       "Strides do not spread the windows of later layers in your field. Multiply the spacing.")
def network_field(layers):
    return looked(layers, strides=False)[0]


@wrong("field-own-stride",
       "A layer's stride spreads its own window in your field. It spreads those of later layers.")
def network_field(layers):
    return looked(layers, late=True)[0]


@wrong("field-without-pooling",
       "Pooling is left out of your field. Its window and its stride count as a convolution's do.")
def network_field(layers):
    return looked(layers, pools=False)[0]


@wrong("field-of-the-smaller-branch",
       "A residual block sees what its smaller branch sees in your field. A sum depends on both: "
       "the larger one counts.")
def network_field(layers):
    return looked(layers, join=min)[0]


@wrong("fields-added",
       "The fields of both branches are added up. The branches look at the same place: the larger "
       "one counts.")
def network_field(layers):
    return looked(layers, join=sum)[0]


@wrong("field-of-the-body-only",
       "Your field follows the body of a residual block only. Where the shortcut sees more, it "
       "counts.")
def network_field(layers):
    return looked(layers, join=next)[0]


@wrong("field-past-the-end",
       "Your field goes on behind global pooling. It is asked of the maps before their places are "
       "merged.")
def network_field(layers):
    return looked(layers, on=True)[0]


@wrong("field-is-a-float", "The field is a float. It is a number of pixels, an int.")
def network_field(layers):
    return float(looked(layers)[0])
