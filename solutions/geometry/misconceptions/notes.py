"""The notes: lines that are taken for something else, and counterexamples that are none.

Each is at once a diagnosis for feedback and a mutant that the suite has to kill.
"""

from autograder.suite import Misconceptions

wrong = Misconceptions(__file__)


def right_verdicts():
    found = dict.fromkeys("ABCDEFGHIJKLMNOPQRS", "wrong")
    return found | dict.fromkeys("FQRS", "right") | dict.fromkeys("BI", "convention")


def right_counterexamples():
    return {"A": (8, 3, 1, 2), "C": (8, 3, 2), "D": (55,), "E": (9, 5), "G": (3, 8, 5),
            "L": (8, 3), "N": (3, 4)}


@wrong("line-a-taken-for-right",
       "A window that does not fit is dropped: round down. For n = 8, k = 3, p = 1, s = 2 "
       "line A says 5, and torch says 4. (Pooling has a ceil_mode, which may be where this "
       "came from.)")
def verdicts():
    return right_verdicts() | {"A": "right"}


@wrong("line-b-taken-for-wrong",
       "Line B is right where p is the sum of both sides, and wrong next to line A, where it "
       "is per side: a convention. Look up what p means before you mix formulas of two "
       "sources.")
def verdicts():
    return right_verdicts() | {"B": "wrong"}


@wrong("line-b-taken-for-right",
       "Line B is right where p is the sum of both sides. With torch's p, per side, 8 "
       "pixels, k = 3 and p = 2 become 10: a convention.")
def verdicts():
    return right_verdicts() | {"B": "right"}


@wrong("line-c-taken-for-right",
       "Line C is wrong without padding: 8 pixels, k = 3, s = 2 give 3. With the padding "
       "that keeps the size at stride 1 it is right.")
def verdicts():
    return right_verdicts() | {"C": "right"}


@wrong("line-d-taken-for-right",
       "224 − 4·44 = 48. It takes (224 − 4)/4 = 55 layers until line D's image is 4×4.")
def verdicts():
    return right_verdicts() | {"D": "right"}


@wrong("line-e-taken-for-right",
       "With the padding that keeps the size, the border is still seen less often. Only full "
       "padding, k − 1 on each side, makes all pixels equal: line E is wrong.")
def verdicts():
    return right_verdicts() | {"E": "right"}


@wrong("line-f-taken-for-wrong",
       "Line F is right, from the output to the image. Used from the image inwards it would "
       "be nonsense.")
def verdicts():
    return right_verdicts() | {"F": "wrong"}


@wrong("line-g-taken-for-right",
       "There are 24 kernels in line G, each of several weights, and 8 biases: with 5×5 "
       "windows 608 parameters.")
def verdicts():
    return right_verdicts() | {"G": "right"}


@wrong("line-h-taken-for-right",
       "On the left of line H there is no c, so that on the right it has to be summed over. "
       "And each output channel has a bias of its own: u[o], not u.")
def verdicts():
    return right_verdicts() | {"H": "right"}


@wrong("line-i-taken-for-wrong",
       "Line I is true in TensorFlow and in most image files, which have the channels last. "
       "torch has (channels, height, width) and (out, in, kh, kw): a convention.")
def verdicts():
    return right_verdicts() | {"I": "wrong"}


@wrong("line-i-taken-for-right",
       "Line I is not torch's order, which is (channels, height, width) and (out, in, kh, "
       "kw). Elsewhere it is true: a convention. From one to the other it takes a permute, "
       "not a reshape.")
def verdicts():
    return right_verdicts() | {"I": "right"}


@wrong("line-j-taken-for-right",
       "Move the image, and the answer moves along: that is equivariance. Invariant, as in "
       "line J, would mean that it stays.")
def verdicts():
    return right_verdicts() | {"J": "right"}


@wrong("line-k-taken-for-right",
       "A pooling layer has no parameters, and those of convolutions do not depend on the "
       "size of their maps. Line K means the activations, and a dense layer that may come "
       "behind.")
def verdicts():
    return right_verdicts() | {"K": "right"}


@wrong("line-l-taken-for-right",
       "The windows of adaptive pooling have different lengths and overlap here and there. "
       "No single kernel size and stride gives them: line L is wrong.")
def verdicts():
    return right_verdicts() | {"L": "right"}


@wrong("line-m-taken-for-right",
       "torch.zeros makes float32 on the CPU. A double loses half of its digits, and an "
       "image on a GPU raises an error: line M is wrong. X.new_zeros(h, w) follows the "
       "image.")
def verdicts():
    return right_verdicts() | {"M": "right"}


@wrong("line-n-taken-for-right",
       "A kernel that is one too large gives a size of 0, and an empty tensor is a perfectly "
       "good tensor: line N is wrong. Only one that is two too large raises an error.")
def verdicts():
    return right_verdicts() | {"N": "right"}


@wrong("line-o-taken-for-right",
       "zip stops at the shorter one, and a channel is dropped without a word: line O is "
       "wrong. Compare the counts, or write zip(X, K, strict=True).")
def verdicts():
    return right_verdicts() | {"O": "right"}


@wrong("line-p-taken-for-right",
       "Nothing happens in line P for another mode, and the result stays as it began. Write "
       "an else that raises.")
def verdicts():
    return right_verdicts() | {"P": "right"}


@wrong("line-q-taken-for-wrong",
       "Line Q is right: both see 5 pixels, and with c channels in and out 2·9·c² weights "
       "are fewer than 25·c².")
def verdicts():
    return right_verdicts() | {"Q": "wrong"}


@wrong("line-r-taken-for-wrong",
       "Line R is right: a filter sees half as many channels, so that it has half the "
       "weights, and each is used at as many places as before.")
def verdicts():
    return right_verdicts() | {"R": "wrong"}


@wrong("line-s-taken-for-wrong",
       "Line S is right: the size is ⌊(n − 1)/s⌋ + 1, which is ⌈n/s⌉.")
def verdicts():
    return right_verdicts() | {"S": "wrong"}


@wrong("everything-is-wrong",
       "You take every line for wrong. Some are right; try to refute each by numbers first.")
def verdicts():
    return dict.fromkeys("ABCDEFGHIJKLMNOPQRS", "wrong")


@wrong("lines-left-out",
       "Not every line has a verdict, or one has another than right, wrong and convention.")
def verdicts():
    return {line: verdict for line, verdict in right_verdicts().items() if line != "J"}


@wrong("a-counterexample-that-divides",
       "On these numbers nothing is left over, and line A is right. Take some where the "
       "stride does not divide n + 2p − k.")
def counterexamples():
    return right_counterexamples() | {"A": (8, 3, 1, 1)}


@wrong("a-window-as-long-as-its-stride",
       "On these numbers line C is right: a window as long as its stride fills the axis. "
       "Take a longer window.")
def counterexamples():
    return right_counterexamples() | {"C": (8, 2, 2)}


@wrong("layers-until-nothing",
       "After one layer less the image is 4×4, and after these nothing is left. The sizes "
       "are 224 − 4·layers.")
def counterexamples():
    return right_counterexamples() | {"D": (56,)}


@wrong("windows-of-one-pixel",
       "A window of one pixel needs no padding and sees every pixel once. Take a longer one, "
       "against line E.")
def counterexamples():
    return right_counterexamples() | {"E": (9, 1)}


@wrong("a-layer-without-channels",
       "A layer without input channels does not exist. Any other refutes line G.")
def counterexamples():
    return right_counterexamples() | {"G": (0, 8, 5)}


@wrong("sizes-that-divide",
       "Where the sizes divide, all windows of adaptive pooling are alike, as line L says. "
       "Take some that do not.")
def counterexamples():
    return right_counterexamples() | {"L": (8, 4)}


@wrong("two-too-large",
       "Here torch does complain, of a size of −1. Take a kernel that is one pixel too "
       "large, against line N.")
def counterexamples():
    return right_counterexamples() | {"N": (3, 5)}
