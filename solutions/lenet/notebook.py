# %% [markdown]
# # LeNet and Inception
#
# You have built the parts: convolutions, padding, strides, channels, pooling. In this notebook you
# put them together. You build LeNet, the network that read the digits on American cheques in the
# 1990s, and look at what happens to an image on its way through. You write the loop that trains it.
# Then you work out why networks sixteen years younger first make their images *thinner* before they
# look at them through a large window, and build such a block.
#
# There are 16 points, and 2 bonus points:
#
# | question | what you write | points | builds on | minutes | difficulty |
# | --- | --- | --- | --- | --- | --- |
# | 5.1 | `LeNet`, `shape_trace` | 4 |  | 45 | ●● |
# | 5.2 | `train` | 6 |  | 60 | ●●● |
# | 5.3 | `inception_cost` | 3 |  | 20 | ●● |
# | 5.4 | `Inception` | 3 |  | 30 | ●● |
# | 5.5 | `feature_maps` | bonus 2 | 5.1 | 30 | ●● |
#
# Minutes are a rough guide for somebody who meets the idea for the first time. One dot is a few
# lines, two want a little thought, three a quiet hour.
#
# **You need** classes derived from `nn.Module` (1.3), output sizes (2.1), costs (2.6), pooling
# (assignment 4), and what gradient descent does (1.5).

# %% [markdown]
# ## How to work with this notebook
#
# Read, predict, run. Wherever you meet `raise NotImplementedError(...)`, replace that line by your
# own code. Keep the name of the function or class and the order of its arguments.
#
# Below each stub stands a cell of **examples**. If it runs without a complaint, your code passes
# them. Grading uses these examples and others that you cannot see. What they check is written in
# the docstrings. **What is not written there, or in this notebook, is not graded.**
#
# In this notebook everything is allowed: `nn.Conv2d`, `nn.MaxPool2d`, `torch.optim`, all of torch.
#
# **Predict before you run** marks a question to answer, on paper, before you run the cell below
# it. A wrong prediction is the best thing that can happen to you here: it shows you exactly what
# to think about.
#
# Where a cell with `predict(...)` follows, write your answer in the place of the dots and run that
# cell first; the cell below it says whether you were right. This needs `nbjudge`, and does nothing
# without it. What you predict is kept in `predictions.jsonl` beside this notebook, and never graded.
#
# ### Words used in the docstrings
#
# * A batch of images has the shape $(N, C, H, W)$: images, channels, height, width.
# * **Registered**: a tensor is a parameter of your module. It shows up in `model.parameters()`,
#   where an optimiser finds it, and in `model.state_dict()`, where it is saved. Layers that you
#   assign to attributes of the module, or keep in an `nn.Sequential` or `nn.ModuleList`, are
#   registered. Layers in a plain Python list are not.
# * **Logits**: ten numbers for each image, one for each digit, of any size and sign. The largest
#   says what the network takes the image for. They are *not* probabilities.
# * **Unchanged**: after the call, the tensors you were given hold what they held before.
# * **Refused**: the call raises an exception. `ValueError` is the natural one; `RuntimeError`,
#   `TypeError`, `IndexError`, `KeyError` and `AssertionError` count as well. `NotImplementedError`,
#   `NameError` and `AttributeError` do not: they look like an accident.

# %%
import base64
import zlib

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

try:
    from autograder.notebook import observe, predict
except ImportError:  # nbjudge is not installed: nothing is kept or compared
    def predict(*said, **how):
        """Do nothing."""

    observe = predict


def as_pair(size):
    """(height, width) of a size that may be one int, meaning a square, or already a pair."""
    return (size, size) if isinstance(size, int) else tuple(size)


def refuses(function, *arguments):
    """Whether the call raises one of the exceptions that count as a refusal."""
    try:
        function(*arguments)
    except (NotImplementedError, RecursionError):  # kinds of RuntimeError that look like an accident
        raise
    except (ValueError, RuntimeError, TypeError, IndexError, KeyError, AssertionError):
        return True
    return False


def show(pictures, titles):
    """Draw small images side by side: tensors of shape (H, W), from 0, black, to 1, white."""
    axes = plt.subplots(1, len(pictures), figsize=(1.4 * len(pictures), 1.8), squeeze=False)[1]
    for axis, picture, title in zip(axes[0], pictures, titles, strict=True):
        axis.imshow(picture.detach(), cmap="gray", vmin=0, vmax=1)
        axis.set(title=title, xticks=[], yticks=[])
    plt.show()


# %% [markdown]
# ## 5.1 `LeNet` and `shape_trace` (4 points)
#
# LeNet alternates between *looking* and *stepping back*. A convolution looks for patterns of 5×5
# pixels. Pooling steps back: it keeps one number for every 2×2. The second convolution then sees
# patterns of patterns. At the end the image is gone. What is left are 16 small maps, saying where
# in the image something of a kind was, and three dense layers make ten numbers of them.
#
# | layer | answers | parameters |
# | --- | --- | --- |
# | convolution, 6 filters 5×5, padding 2 | 6×28×28 | $6 \cdot (1 \cdot 25 + 1) = 156$ |
# | *activation*, pooling 2×2 | 6×14×14 | |
# | convolution, 16 filters 5×5, no padding | 16×10×10 | $16 \cdot (6 \cdot 25 + 1) = 2\,416$ |
# | *activation*, pooling 2×2 | 16×5×5 | |
# | dense, 120 units, *activation* | 120 | $120 \cdot (400 + 1) = 48\,120$ |
# | dense, 84 units, *activation* | 84 | $84 \cdot (120 + 1) = 10\,164$ |
# | dense, 10 units | 10 | $10 \cdot (84 + 1) = 850$ |
#
# Follow the shapes with your finger. Padding 2 makes up for the 5×5 window, so the first
# convolution keeps 28. Pooling halves it. The second convolution has no padding: $14 - 5 + 1 = 10$.
# Pooling halves that. So the first dense layer meets $16 \cdot 5 \cdot 5 = 400$ numbers. Forget the
# padding, and it would meet $16 \cdot 4 \cdot 4 = 256$.
#
# ### What you may choose, and what you may not
#
# The network of 1998, LeNet-5, averaged when it pooled, and squashed with a tanh. Today one would
# take maxima and ReLU. **You choose** the kind of pooling and of activation, and you may write the
# 120-unit layer as a convolution of 16×5×5 windows, as its inventors did: on 5×5 maps it is the same
# thing.
#
# **Not yours to choose** is whether there *is* an activation. A dense layer computes $W x + b$.
# Two of them, one after the other, compute
#
# $$W_2 (W_1 x + b_1) + b_2 = (W_2 W_1)\, x + (W_2 b_1 + b_2),$$
#
# which a single layer could have done. Convolutions are just as linear, and so is averaging.
# Without something that *bends* behind each layer, five layers are one.
#
# ### What is LeNet-5 in it, and what is not
#
# From LeNet-5 come the layers, their order and their sizes: 6, 16, 120, 84 and 10 answers, windows of
# 5×5, pooling of 2×2. Four things are simpler here. LeNet-5 padded nothing and read images of 32×32,
# which have the same 28×28 places for a 5×5 window. Its pooling multiplied each average by a weight and
# added a bias, one of each for a map. Its second convolution linked each of the 16 maps to three, four
# or all six of the maps before, by a table. And it ended in ten fixed templates of 84 numbers, to which
# distances were measured. Counted that way it learned 60 000 numbers.
#
# ### And at the end?
#
# Behind the last layer there is nothing. The network answers logits. What turns
# them into probabilities belongs to the loss, and 5.2 shows what happens when it is done twice.
#
# ### How far does a feature see?
#
# From the last layer backwards: one number of the last 5×5 maps comes from 2×2 numbers, these from
# $(2 - 1) \cdot 1 + 5 = 6$, these from $(6 - 1) \cdot 2 + 2 = 12$, and these from
# $(12 - 1) \cdot 1 + 5 = 16$: a square of 16×16 pixels of the image.

# %%
class LeNet(nn.Module):
    """LeNet: images of handwritten digits in, ten logits for each out.

    LeNet() takes no arguments.

    forward(X): images (N, 1, 28, 28), float32 → logits (N, 10).

    In this order:
        convolution to 6 channels, 5×5, padding 2; activation; pooling 2×2 with stride 2;
        convolution to 16 channels, 5×5, no padding; activation; pooling 2×2 with stride 2;
        dense to 120; activation; dense to 84; activation; dense to 10.

    Also graded:
        * 61 706 parameters, all registered, in ten tensors: a weight and a bias in each of the
          five layers, of the shapes that nn.Conv2d and nn.Linear give them. (For the first dense
          layer, nn.Conv2d(16, 120, 5) is as good.)
        * A nonlinear activation after each of the first four layers (before or after pooling), and
          none after the last: the answers are logits, not probabilities.
        * A number in the 16×5×5 maps depends on 16×16 pixels.
        * Every image for itself: its logits do not depend on the rest of the batch, nor on
          earlier calls, nor on chance. So no batch normalisation and no dropout here.
        * A backward pass gives every parameter of a new LeNet a gradient: start from torch's
          default initialisation, or another that is random.
        * What state_dict() saves from one LeNet makes another answer alike.

    Free: the names, the activations, maximum or average in pooling, modules or functions. (What
    you build from modules, shape_trace can see.)
    """

    def __init__(self):
        super().__init__()
        ### BEGIN SOLUTION
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(kernel_size=2),
            nn.Conv2d(6, 16, kernel_size=5), nn.ReLU(), nn.MaxPool2d(kernel_size=2),
        )
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(16 * 5 * 5, 120), nn.ReLU(),
            nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
        )
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        return self.classifier(self.features(X))
        ### END SOLUTION


# %%
torch.manual_seed(0)
lenet = LeNet()
assert sum(parameter.numel() for parameter in lenet.parameters()) == 61706
assert len(list(lenet.parameters())) == 10

noise = torch.randn(3, 1, 28, 28)
logits = lenet(noise)
assert logits.shape == (3, 10)
assert (logits < 0).any(), "logits have either sign; do you answer probabilities?"
assert torch.allclose(lenet(noise[1:2]), logits[1:2], atol=1e-5), "images are not for themselves"

# %% [markdown]
# **Predict before you run.** Of the 61 706 parameters, which share sits in the two convolutions?
# And of the multiplications that one image costs, which share do the convolutions do?

# %%
predict("percent in the convolutions: of the weights, of the products", ...)

# %%
weights = {"first convolution": 150, "second convolution": 2400,
           "dense 120": 48000, "dense 84": 10080, "dense 10": 840}
places = {"first convolution": 28 * 28, "second convolution": 10 * 10}
products = {name: count * places.get(name, 1) for name, count in weights.items()}
for name in weights:
    print(f"{name:20} {weights[name] / sum(weights.values()):6.1%} of the weights"
          f" {products[name] / sum(products.values()):6.1%} of the products")
print(f"{sum(products.values()):,} products for one image")
observe("percent in the convolutions: of the weights, of the products", [
    100 * sum(list(counts.values())[:2]) / sum(counts.values()) for counts in (weights, products)],
    within=0.2)

# %% [markdown]
# Convolutions have few weights and use each of them at every place. Dense layers have many and use
# each once. So the dense layers make a network *large*, and the convolutions make it *slow*.
#
# ### Seeing the shapes
#
# Most mistakes in a network are mistakes of shape, and the quickest way to find one is to watch the
# shapes go by. A network is a tree: modules hold modules. The ones that hold no others are the
# **leaves**, and they do the work. `shape_trace` sends a batch through the model and writes down,
# for each leaf *as it is called*, the name of its class and the shape of its answer.
#
# Take this small network and two images of 4×6 pixels:
#
# | leaf | answers |
# | --- | --- |
# | `nn.Conv2d(1, 4, 5, padding=2)` | (2, 4, 4, 6) |
# | `nn.ReLU()` | (2, 4, 4, 6) |
# | `nn.AvgPool2d(2)` | (2, 4, 2, 3) |
# | `nn.Flatten()` | (2, 24) |
# | `nn.Linear(24, 3)` | (2, 3) |
#
# You could call one child after the other and look. That works for `nn.Sequential`, and for nothing
# else: in general only `forward` knows in which order the layers are called, how often, and on what.
# So let the model run, and have yourself *told*. `module.register_forward_hook(f)` makes torch call
# `f(module, inputs, output)` after every call of that module. It answers a handle, whose `remove`
# takes the hook away again.

# %%
def shape_trace(model, X):
    """What each leaf of a model answers when the model is called on X.

    Arguments:
        model: an nn.Module: your LeNet or any other, whose leaves answer one tensor each.
        X: a batch that the model accepts.
    Returns:
        List of pairs (name, shape): the name of the leaf's class, such as "Conv2d", and the shape
        of its answer, a tuple of ints (a torch.Size is one).

    Also graded:
        * A leaf is a module that holds no other modules. Modules that do hold some (nn.Sequential,
          your LeNet itself) do not appear, however deeply they are nested. Leaves of classes that
          torch does not know do appear.
        * The order is that of the calls. A leaf that is called twice stands there twice, and one
          that is never called does not.
        * The model is left as it was: no hook stays behind, and it is in training mode if it was
          before. A second call answers the same.
    """
    ### BEGIN SOLUTION
    trace = []

    def note(module, inputs, output):
        trace.append((type(module).__name__, tuple(output.shape)))

    handles = [module.register_forward_hook(note)
               for module in model.modules() if not list(module.children())]
    try:
        with torch.no_grad():
            model(X)
    finally:
        for handle in handles:
            handle.remove()
    return trace
    ### END SOLUTION


# %%
small = nn.Sequential(
    nn.Conv2d(1, 4, 5, padding=2), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(24, 3))
expected = [("Conv2d", (2, 4, 4, 6)), ("ReLU", (2, 4, 4, 6)), ("AvgPool2d", (2, 4, 2, 3)),
            ("Flatten", (2, 24)), ("Linear", (2, 3))]
assert shape_trace(small, torch.ones(2, 1, 4, 6)) == expected
assert shape_trace(small, torch.ones(2, 1, 4, 6)) == expected, "the second trace is another one"

nested = nn.Sequential(nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(6, 5))), small[1])
assert shape_trace(nested, torch.ones(2, 3, 2)) == [
    ("Flatten", (2, 6)), ("Linear", (2, 5)), ("ReLU", (2, 5))]

# %% [markdown]
# **Predict before you run.** Write down the shapes that one image takes on its way through your
# LeNet, before you let the trace tell you.

# %%
for name, shape in shape_trace(lenet, noise[:1]):
    print(f"{name:12} {shape}")

# %% [markdown]
# They are the shapes of the table above, with a 1 in front for the one image, if you built your LeNet of
# modules; what you call as a function, such as `F.relu`, is no leaf and leaves no line.

# %% [markdown]
# ## 5.2 `train` (6 points)
#
# ### Digits that wander
#
# Here are 1 797 handwritten digits, collected by E. Alpaydin and C. Kaynak (UCI Machine Learning
# Repository, CC BY 4.0). They are tiny, 8×8 pixels, and rounded to four shades of grey here, so that
# they fit into one line of this notebook. Run the cell; there is nothing to read in it.

# %%
PACKED = "c-rl~Ka3+;nkV)mf@F|<5%Fqu**mQ2AR~3)LhKo4l141Vy{)RGvBm<L719`EjJ`!0Wt33|gh3;X0u;s=D`5>9ZSDy)%4nlU3WEY@<lTj_5F{^*7I2P$Fw$s2vqBhgK%Bs;*6;Vdte!IjVefPY2*M#TJ;fw5;>CO4_xpa|Un<A-di{Yv9I5}ie~tS6L0^rAqhZhSeXs8*<+}dR#YYC7=X+jnFc|bk4nEU&@oVMy1J8B*-oSIb5nc>?p3_r(Z!j7-e!tiA@hP|OkNUmgus2e;u=)?Pg8#?+{|CSO-~ahN_5ars_>U|2w_3r!<pTa5cmI3b{NMHA|Ksuh`(45R2Y2A#{r-QCyZ^tFzJK4(?&szhEaJsvF-gP1&%Mg6y(%fa(yRDyr|}wHIJGWUTl1(+etA{ly<9bFF}n9_l{>k&^%t`=X;iJMNSVgex^i~vzTfKFD{%*fpRH;9lUonY{dcN((dx?EY85J-n`WGPjbBDZu+g>V-xmS?rxxm{OSjg?Xb~=^i}2DM+)_2NBHY8lzf|Mn%0W3SRq2%a2lt=pdUkRee6Ch$zcsasC()bfX4Pt}&#jVXwZB%YvX9UEWuo{#*0225eCPeO)48>2CU{<R*7#dDAJyY#aPV?_7rphjI@hIFt4lR;zV<tBubbIAUI&{f)rD7aeSVWPE`G4SR&OI&9qzL=2mh?w@q<dSdzC5%jmf!g|1L^rc%?E`M|-mm)Ku}EL8Wu7zU2NTThp4e*W#)twHbG-RuwKzV!YL|f4U3~VXe1%Yf4l3jasXPbM`x(Cs{mS&X?(O9T!-6?pHqc4)0IY*WTH5v)id!RigrXS($u#Shcg;r0Qe0H1@~gUnqZTYP0e0ohI5R4bHgi*Q)lhGMsJ`ZNfB2!z`-(Ji<z6Sb<ZhbnwocaR$550jI2fzI~Bnebuy>)#D8JpGP}gk1JF7*f(8<)wI!-i&HU|v-@kDv5QyOr^c&I{k+17;>T_J_}dpn(sEDTt!|@}%CH|b<tb7cD|aiWRE1g&9&{Z-o@R&HR+mnN=i90S&ZoYHq^jD%f3d$scsUy`CqXaT`FM?Y*OQCMFj(r=!%q3f-da^|zEVl<P==0Ps&-D5<dDIm*N*Si=0&mU23-3VXLcB@y$o_&g_RF^bx+PlWnWgw7Shq;Nt@^xr_<Ez_=I>LPntAe*yn51!E3xs;V+ZzmybAO$ed9#mF$z&fA6$99~YEwJYnq=)U>|n9iBHG?M#hlY<h(%OqWpiwx$|T4teF>0Qz96aVz?PzZf?-C+@)Zdj9&sv`+0n;_)}o%cL@I^*iW8&imuUbJO`B-PXsy1OD8a&b;$mH}`PnSD9`ctciO(Yi2k{52)a&fx-@BjkB_kJ8{oVJKM*Qw|=3pzDRj_QmqQeW*V+FPkNh_Ne%f;@pBI>$diWXf$QVBHJ=mzf~H{q@#^H`uj4v`reKA@EOk_8_v{=8&8pP3dcg0i7}sA;;z_jdTgYpTSMwz>&$K@GrTLQjiqqq1c#UaPp|N`dk$hM1OP;^gXSXwZ?DtV|M@4_3nfcGle*o=HRMP3Qs+`)Zlj=)e54-F%2KuVfq{ZJsid;zgP5!Fp>F^WWKTUkBu$l+=5$6Ncu-A8RUWy1@LuU9d>|oM_JSXmEJ+6}yd&?DP_*nzLfp9L)U{!uu%Js1p;MoDX+(EX1b1t-&+6X*`Bmy_;S*Ee;D>chQyrW7=O_a@!J~0Z?H13p@p8}^r?1yZc5_cwY3bH|B()grX$|1C{G)0ugDfaj10;h>*hG$i{M3koA0=IHX3wIW)-A0f%>|_Oe2Z8~;3bzIN$L<4=D(8B%!XDNB(dpD3HO6m3K?7o7L}>sX0MQ|HSYtC&uvO5HL2a-)4K&?cCO~#za87v+RlG}DYCm?UA>Q}fq{Z_<VsW?1;zF`r)dOg?0a^`+b>$fL5IfqsDfJSPx^-KuxCk;{36gN@wz&TR=)L9cbDv?Ujw*$wb_UWk#`X1HXI`t`s@Qo)eM;)+naN%3FR)`vdzlokyQKBx1ffwlC0g8Z83G%9oSI+rJx%0nL_VKQH`n;B!&Pj<GF*GW5p@_=#CuaG*>pWkqtrBB)jy02Tw!Z%vcHABJBBUJ4*IsjdCB#$<G!LL@hP2ExDMu%Nw9!?Rq9@KUN<{J2MYdBUuR-Nfxdg#sJ4F(j4efeiMO)Sq+3~hfNsAomWp<RmMu}11rTqr!ll=F)LLBEm-B$-DGl)i7A0&#Sy@z%3y=7)>A~(rrKuyJN1O&bFpN^|us)pWvY}>UeUK|hP97+FYnr6e?UOv;Q@@;2)=>h#AF<nc(k6SmI%q0*5bYmiZx1UM>-R2B#Z+SZI_LsU6tAH{&?T(X9KG6yeM}nJ&kfKCR>_pp>?#c>(Gmz+K~_(cl2~?6?fiUJ_pnl&a}LP>FX}^HMAz}#1o{Y#1!}K=NaPBpO%6-76ox?g^2kVdmNg{oz1wl8AP0|0`-_}d&E5Au00qjp3@U38aE`S9sdMzPUOZVEZ<ZTaB<vrqS9#DdzTeM)WOZ^#C@I(voJEe4{N|;)!W}88*9!a#cZt=kPC5fVh#iLfM|@w_C%i6==fUFX`g^|_q`t^oI4AGJ{lODWxvXcv2b^y;$^`$H?$UpReB`5w8lcN)Pn7mb!5`dD5Vmz7kI?>3P_yyR;8(PCt$b3sC)4(T50ot0BwfE~DVf;c);XFzuCo_;EXik*EhMA$TGPc(63+F->2h%e28#28B>8nneVT*sH8`7URb6vc*lqo-roF<opQPrXAN_J57;YZP00$z^MxG`t!kyn}@TCM=CZ`Df5qa8yA8gEfysFjFZOISBiWlmjX&<ozf{Iv=FRVxG)5*LC^MpO1jTHHYjKXq$W){1?*eh~Mze}((;or^l9(ygas2W;@=fHiDzLeUd_GDyX8CS`p5|;hhUL{9!4}I8D%0d;vK1T1nmhVQ8PVDO`y7vTQ<-{PtWBfhj4^M6y_oz0`$(OYPL+hj&3i~nb^&QUx+7C;X<knt8zc=B=5S_LO7^-P;I!8QDnaJlukvJfy=p*<KEEi6@_6}HU4qjS=rGQ~-qGdUjr|^`n$@d_8#dLGEnYBC@+OOFm+~M`cbYKL)6TeNG7f*PCD^%WDcUrCh{ZeF0u?n|IOFks_+wMR3K?Lbd%7|88&R5e?^NC>>r~J$gmJON(6z=ri-;S|b_yMgjw$8_S;1nnU?ey5Aom;~iHADy4s2#2X9h=oL_OrhOC#_BHw6G}+F$h}RI<4OhPPhgnMGLB1t?<b=?mhCm5_k{ZVCrBO;XExK8sOoIc!=ErzrL5}X<$!9KP+Rl{ug~Je*Oj))aCi&yyEq8!5;&@2J6%CbbypROEu`s1CX(>{M*mTZz;V=Gg}z=hr}mC{K>HMN5N0*Z?KJ;Af|jNZ~*Kw?j|V3J8(ZbSf1Rsa@kn?@%bFNcwSr~<nKiV3C4Q)Isu--N`ZZNC3iD<{F&Hiqi&#);zuc3Gx`Itz`(u;&*DO#l6+NK%*Bb5Zvz2DAK`nzYE{XHn0^Sg40<qwMOn&g?tG%2?ho`5f4Qdo!Ec0QM@0ntid_<WulXAI>wI4Q+5evQiT+lQ0XaJC;!cbF0*}D9fEW#ZcK$u=cpaq?Bn10c#k*MxsmWkBiQ$K6t%++D^#W&lG?VFMGM_-U@EkRN?B0=2!#-8>{e{@#=mY%Md|G}%-Ut7De1w0G--j3R26!v}@&E|5+Ky}5k8z`g7X;7`c#U!N7FYf>cu<ftzqOd>HqmaGfoYVZ^*D89AC{Yh+>=^Ld8+V<3HbXwYW$pX!w3bWggQ{`{JLCJUszQ7V9t2%`URd6vXQzr{;)N@*~3cy4Rq*Wr{K>*d+9OIN^R-U0KLA}z$<Ek+Jg^55<N<74d1qyQFqD_?PoLFE#D_trz?CBpD$+f82cAo^8DaikyT@LU>d~z>Z+d9wC?bXKj<_3-|Sf>`!{iLey$=4#~X4S+NV)tV2|K`AJpBbwldBAn}S0DU$B4rBThbpY|7rd&FI&#MR&Bek?3x47h-qS8#NEsc;?3Z5D&R~!FqfUR+9~O(4&c(j23P?fDZ}pvch?-2iQ&bKzn!%Ua021d$D(xpEu^M0bd>9bmwZ7!wa7{3yH+M;q@;rChM@#xnG4@3`<WRZFm4*s|Sm5>f=P>Du!Lh{$(k=AqV_^jK7C9eKTD!0uYgxknaNpf%gTunfM5TNA?HLkMmV~=Mk1w(Z7U8cIu^S4g1c&Rk(iBgM8rpH$D&)JnhzOVR`P<rNtZS2;>?z2R`LJ_N@sog5Go(5201m=OV^=E-&JXD8uP)ugkB*y2H!80|NjKOo->e3VjRy-D+r}+j*@c5&_R-cePF+qkcNxP?KiWqOwsG@PUqeYkIMqfKSg2<3(Z($XI7j_T{?z<MIy~EmG0RoM~T%N^QSv!9Re1@E&=!5)Am>KN;>vL5-ljCW=76{t~`Z2Hd9w1TXxmp-1YR)N*hFPX#}q&kql41C~^Y{P(V2u8uZVCXp^kT=>EKO%#*w(q9Txbcnu_*VK2)Lu<a)F|b&o1Ivq7N3arTG#KbEUQ>S^v3gho{80@I!;i4)RrOlkY@e43-kw(u$UiT`i{V8uC%^aVC|dx@u$x#tPPmP>u&w0HcLSicu2%J;eqtdV8QC<${cwj-F}??LE3fMdq9WEfJD4-$hv9+|&Uh1j=DWX&alheO@B})_I2t*nrgdm={@76s4o`iwCkMN5NWS%d>2$#NdQyper32s}_p`^HqZI>tf#1dbF2!T1)RF!-_-CzYv7qbRPvFtZgm?rDa-ZTUz{j`IJDdpRppfhD`a46+A|h9Ieb8Ruv9Om~-80?;{9G@oPlXbx#QBsz{Zy1c@FB1v=mAb{An}Z!&hMSu;d$?`iv(8>YGRPYBZkwLua5A3!N5$8lcF?&361VyVR9Q6_GHh*58Xz~t9v3Mu@;}KlVUnqOePo6&Z`IDFl2+^Aak;5o|gg+;XD_kxo_<U<*SL_kuTzTj?1+X`60g2i{}2scjkBcYe*M71zM(r|IKNqqKcnQ+M8C+safr>7^$QGDgHktW!776ZuoSxDa4n>s);J%3pKCD*yj_T`sMU6-z)i4cuR&IW{b?!!q<UckgtlIR@)fa*?<lFu~;fF({D{TXs);Lj>w<EZ#AEX_>|FKq?AB{z77`fSFj7PaQT<#)qX~~fTnzD{W<zmFRx)ovDf9Gn(klVDM#?4MicPsCS1-^*nN0O<IHP#XQQT@q_zG(e9pfKme*Y$_rx8l0nP*d-9<17CWd^f9lwd!n)aw169*dTE93_Vg0pvX4fe+920VbQpJ|E5EQ@8jfc}JFH(-B|WcW}|KR)<Sfaj+#rhfoGXvXj*Jo5WA0-8yDsE(?*TD4#WC3frw`s9pHL^V$YJFBL*;8Ht{Re0a%kI{0N0v#w%$~l<FXiiQuUXKemr-unYK>Wv9p()?Zbhm{63jL;4u6UwgkhMhME1+&3mOZk~@BOp?R^z-PM*523CIo)Ekl1k*mRI$vVLW+!G99$Be8JckWDgq9z@MqHK1e^9`fv5e(IQy$^t`RB2K(q3WR$~rKf-R4|H5v-x9lyW)1YDeCCC^J3l<vu%xQq(@FxZ>QQv9CY6bi9-1=4L!I8|b2Q=^9<9SZP|A_I`tX+vt3?57i$t(MHPokcT_F2{&zSOXR?myRm7sbK4Co&BEsZ6#^;|zP2GAb?h4(!oAsYUc)<Du9;#_KWzseoKG!7)66UoOIX$onJi4CaI9&7vCi1E&u*hu`!H*>B=2^m}#;H#om)OeRi^S_f<R^Nb!>vn<{$Hu0MAee18l(zm?75&u7C<c4`3+OKljOmKeAMr{~Rz<TNc=M1~B9%qA`8tZ4lArWaJgLft0LjQ#Ri2LCGHdqGf<e;oQ{%FqOZYmKV@=e&|M)14nrBg=WztiUsKKl^zNUd;$0e%T?N&f~&Zv7b>F9w?9DtHZRvIyw^(;tOAF`nSm`lJ4*@CwR{Qtc`C=5gG59pstvVo_T$UO7!6AB}hPcVG!P|FpWO`96HW@8D}6;`L;)n8b{?)dOGyb549xcyk~9?W_!V8n~lA`@e$z>>Z`xKSim&cj=)tA^z($7wL7uNMTgQ@Dbc&Z$mtGfAs%y6a+*E!9wtvLjbLDieU<TtI4+_#z1%A@33#+RQoYLaYgwnB^t{}=N|g-QlBLrwuj}bR!u_dKubk=JS5#r-gg+=fF+zYNlQ)-{@X0*J>q=Bora{__y)6O4)LTj-_mECV1*<4Bk*_P4ffmS2Xe;OCdKp!*0qR$ulj5tk1Kl31@VObzF#s@F_8Uq?xHq4a#aB&(v^7qwCq3S<8+JXZ-SKGYCNA7ykAl+!6+7+U|}9yN`P>A`sjS+e)NBf{o4#PD__(<^5cYl)V<rmUn)o7n9gysAfKd1Kg;{HtA7T*Lhe;t@4#Nq|4u)Q(|)0Z@AyjH;u9I;@0wg<FZoNcso_Gu=k>|6gg2(-GmPvoKj!eKQ7!N!|AG+(@RRX7-44p6j)9qjliFx}-eGi$`z`qBHvJ>?c^!+bpml^4*Vv<awTqUJr>?&b*AsX)Q8k<glfhmjpa>2N;N<{MWwtlvAJ9*1xE^{uz>GSn?RnyVTllY4P|d{Oc9^j%14uZ|RN^`CyFNtZclEQw&r5I=Jl_lP-Y)19QQw)ZU>0bj86RLgs0eZXz1TbeaT@;^UC!{-Ktn!3OZ;C+yo@XGe$>Am$6?wlME`*A$&s<s0W9<kc&3;yX`*7)N*+zDpmzv?_t%pDaQ=xoN0Tsx|L_#WS#7^6M>*_<#9ZC-x`@FfVI>yAPp}fAxdU5jy6D7=Qk3-$4s6Ly{Y9m_<N*9sjD<zCFW=$%DbUBVW$>M(UP4#;i{XOj>pqxs!01{HZ>pAjO9lMPX4q%07WSv1uVkvAVEz}<*oF6uO8~8*KaO}j%tfx6G4p$M^d7k0!r#m2e?YnmMi1bRY;+;Ex&@NMubToN=@0Sxvu3ct`BI(_Q43EJzaKzKVUKNmH=V4p3-Et^VKU4Tfm40-e}ug`gxRPN{QKVf2>iQ?vmRsoiwOHgP8=3-^}1V0&QLeeMQ||3>H1>bXa2j=#FuSS11;`>rr>+d**r@84onF+`UY}b0p<450s2Y*Azd8J2Q}#v@8It;doh_0=YtH=LOjJ9UFO$Y|3~uUWwjKZ=ykA*uvW`MpZU>sG#|j<G0(zc`FQgPj>foI8@`FvteGxgA2Uc?MSdECcLwwE9R6_|9eV|MP-P?YJgxD8-cMZ5c6eS!+tXRA->SL6`mn#p#cr{fr@=ZpFeb}vyW}5A^U?q4K^|V#8yiRc=>44wyk1rpkQR05ryldKTkL3k_5G^VjA^v-v*|u5=o1GA=IBg5Rae_pGu`MVp788Hz+XK<0wijU{RNMt-3<@n+&yER**tp=R;VVU03I~#6||KV4(l-)Qf*Fgk<@+Y##IH3J<q<m%3&LJsu;st7&p=FWSbm&j4xn+fOhbVX0VE3A$1CExR3X%V{f6>y^L7}UjHJU41-C?^J>FW%#7w*t!L{25pp+JLrTl#!Dr?h{_do>XiTQ&{#)kXyv)z&jYJ3F?->%Qf^}Rk+k|}9=CQVnlVa`vC%og<6e@F?r2A6*RWRyIW$xL3!e3s0C~-oZZ-D)1rg)xJ!~Gl<h8B}N0#<TRn@>2;ocTXU*gUul*7U%cFW7)C$4l}j7ykcde<66_eS;GO?_S`?A%cA4ebV&^s0~)Ur96)n80&hp_A>CDyYa+%VEiCH&~oDQzw$p~KUl9reY=dnk(n9Q%;w_xpl_cb4Y>MOrFh@GA8ZZy>vmaAE9T80--k{01^wxT#`F1Y7_+{C_9VplxM%aAQsCI5NXHgC)x63s8pfN=cWwv!ki~}!?$3M>@cI31xQ<WP-0xE2OWQy#U}b}ByryPq-e0XM=<i1IrFee=3ll8H8Q3~bXIfo9t~#Ad{Gg3C@qO|GE|Es^K7UIut5*#^alha#z+Ma?AHBWA7vZ;pF+n~@z%Teq+58T+X00xVYacj<yFI&VXA?Dd)|B&A^@<Fel@Hi2hw`&#9w$trubl^7PRmXCh2Z=60t^OvG085{3*ZNNKIE*Jq;t`S0pw1!RjPu(#6Cg4=>OE%Mai~nh4Yeno}{$<!3^l;aKT!L&EPNGPt5<^<iFVR)8^Ou6LsI0SeL2?AEB+y0P+f!BW#0yqJ9Pj$@n~D*IU?r_>b7%a$1vrffWLm$v(l?Cl2tHtCLJ`ZvKu@Dt%ZU7G%zue&e(Q;N3i%9GRt#(m`V*qx9>s@*llVxPPq<&Z8l^Fy08fV~tNz3*Ur1c!hr;D+~`hb<WU-XJHoCueuwl6LWDoi^|qxjVFUnB5XD5Rv3Tt$>`E(9T(S6`0v-j8vBbK9<IYX;9<k)f6@Xk=JZ>spG$h~janG!Kkb9z{#MaWzxROOVKK?(tRI_?<^$%IU_Vyd>k9tO(Pf55@=>h(a8F>vu>E*G%DX(D=sToS<m+JQHC%@9Hx}KW)+@$qO2|7T^r~5bVbXh@QP<99&#X$Md`RlcY9aQ-|3Uu<4{rg>0Nye!{freX*Y&2d+!2iNZ1r_mvX0LE#`|%6j<&%Y^KG~QD#026uXZZ)EIu(lQB8}u(2c|V?7|0^o8E#?w6I6>VTSc8+N-b1Kc#$-Pd47S-Unzcqpxe`Yk)0x+=KAo|5|+qd71>f_!0WMm+RL7J?W1Ab-Wh)UoiVNNdxF3tvb)!2XBb7@xplkzBEA_weDN^Yi|c9Fs`?LMhT7~iOz}fRI`XDWbn)f4GzG_<|!TsjAA@fN#&GT7{()k{Q<1F+o^l^DEUJmNDO)ZvL>tdyYYuWJ*S0ROTC1|&jS@6%nv%I{l&>224~ZGTd6>TU5GR6e;EO#Vf8xyyXbw=4OlUQs}I0$h~A6!<NyY_Wj^OA+6-n-yh!Y6ZvBn!;2~DD$B@30T6)aSN*rufug<HghxO@twT}T_W($vy_E#|~6{w&!f1}?44?hmR1HPV3ZR4Xj&*PLHQyzn9v%bRp>(K@~k*P~?&OLUrNaojz=|;R{)_+tI0b^X8*0sE@p3&Rf`WO17_da~5CB0p&(3N@vGV*B#ypWm@Q?F{)4;XkZQXiw9;%~M2HhSmQ&cE>fcNId98yla(Io}1BBU_&dc~kGbUq<)P$2B9ekjxw!G!HIfSicavjJv)YgSq2;?sz{iHsD2kSaq|V!|YyXSpT*CTv=iB*Rg{9Jw)$u`un7dvA$I~u361Oe#Yp@!ukufI(ujMp3M_mhrOK@i~0q3q>do3>g4^^cmZ#itJ`D$s@ZP2o3eW6fc=G+gnJy~cGZn(<x8*gm``k&Pa<2wlYi`o&O6fr$MO8?!T+5Tt9!w9TH(eVCycH%tm^T|=j$u*8&f)9L$Csm{^#rQeCWM3@Sx_O;{~j*8O|>*CKr-#%UQoRfh1x#expw!Z}qa4tmRu);<&BP`k}LFM%F{9qut^_&mpWvcOLcSxGXMgHmW7xh5wZSp;A_N!4G6TA@hQ@&3nLJ6id0E`y20s-#+Qj@HRP{C3O=g$4JUOSR&))@biX@C$!9R_!W@yq}C32gZMbWi|gXzNgtr?@E)0uz<r+b3wW*~%&tzWPU?Shdq3s_lV3+M^g;9^l6ds^o!5@=itCxx$+y7-KF(hBzq;;B%kzT#{f$1EX1vDv;)G$j8^(kac%twY8Ry<l)hh)L@Tj<d*#9UE=8H7kF+Zvb@58u&w?^rJf6dd6z>ky0RwPO#0xfvyztPOe?V(R=BA;LAh1XL5uPdn;zR;~iJ6cvx$BSt}{dBi-zezj^7B)U6`!A6Zspo3_u9tdvnto*?_E!JG*8H-+<kPI03E392O1K*%-Hup(cpV=Y`DE?0M8Cmo!7o1f|A(3aPgvzgd4=a?>M8sw$!|lyZAC_?^x2;}-QaN32>aNn80-Mj$a-y4uDF9hWaxR>V;s13Qiu5wps;_0HozVV9x*dgCl&F>$n)rKNIYw%;@!JX^2B^^xb$1%=MvfgOAh|YdNMzSKUK4yN%E)Q!+kQ%RxKRnPe0%Z<@yQFbL$;+5gw+%%g_F?X_EDn@$8iGM%^S8^bfnP-m~5X_)8lH{BvN7bS3d8W~^?_NrT_1ckb`T?}#9Ho?ErG??VD_!LjI%*5q(D%K&W#AJu1^1fFkLN%Z2JJWj>VOLYYG6nrbL(#M<jhVh{P!jGeuvj^(7the>g(2Vy<d)4soAwN&~BK^!XQs3T%u-iterd^T0N%Qo6OFNlVJzGz70ZR&LPI9Tg+S<sFUy~oYom8@I2TDD7|1?@A?U)gry~=fSgU`Q&^f2~ma_2YR*YH5IO>@(H$$El%c3g^O7XO+ET~3PUtT_iWfzR~k{w7Rk=LG1+=K;Q-&3khm>}-Ak{$&HkwwTO;uFRyt-UpXBhdew4&==tKcZ{4ztWjoE4(~5_IA6vw?|j;zH>2TXNDn<&`;2WdLu*-@FyWt<PnHsA1nW_b7^PPleA3CxUaD2`bg#>smNmELyxJ#HZNdG4S0&ZEz|?e_>eM4z9Jz8In#BCEmnY@V^A)S&H$I+!KzjqP0sJQ>zhZuMxmYe4A&fHS8+>L{nP=b{YsSC+)2A#`@*PmDoHn-hNbP#e&sCD2+21shUnq6Al6o_;lVoe8e$Ig3UIDQ~=Eo{l`ns*ui{YB^Qwnof!qbuXD3BH&%`sW`;g9y$QXBkjFbszA5dI+evRm7Hp(oshJ76s>x#{(Xq+$GB9bEF~O)oXIeJ9TTq_}B#!lqr_zGU@`R2H&6m$}pgRu+7J$4adM^{e(f8-c-Znkg7L(I8@!l=bb6>72#IGFrMsm@I_#10K$aqV8b~e_0pw@4te-9DPX6ta@bzX+V45nGaLgQ^qowoA#x?3asEb+n5t<+j;e7CH0w-tCsu*^Y!rs_$BPI13a1U$MpXuqX60fuPELFsTwc!Q|?W)gKd=j(J=EFFM{`IGMBN!o$xvA`ZT-3e)O4d*)uww0QDiWjBUb?CTr9-a-}@-f;H<^J*fwU9yQR%ip*=0!pG^7Z?E7lNj)&159rLSvHo1okTcU9!G0{$8S8&&!M>Gz^*V%K#ZQf7cW~_kuv)5<e2IOnTAb&WEE?Bty<6fO&SM8pcFoQmw*XryjjcXl6y`t%74D)r_yOdN`Ce8^tzb#$+2}{}iS<p_vbX*o+D6YVm-s@R-0KtjOd_dTq9-tA<v8oF4z#kP0v50m`6%Eea6g!D>BjHX&ZF$6Zb9}lIH?`2qG|`MSLZ3-#m(#PrhdvILSG`*ac?yIwUIn&g7Y^Ulfqx5#_UZy1uFTB7s->w``7iVW&M#;<Gp48_MtY>z0>)7si&gP!CkNTRKy3ekujc3`Z1XON~dee4?A7r*0h6rMSZLcnCrDNxvkY_&9{-=(U8&Chooiy5_l)=d&A1?glBEhN|{Gi{KCSfS3n=^4$xzaCmW{lH-MN^`bqic+7_vRhvtrJ!ByBc#vp8c5*TxHbsz0mFEeAk8@zMi-#x7{c+pOgS>{sFUrGH|C5#C8>37b1wdoh8vo$Ny@$#$b=4G~OaZ-(B7wFAzqK(<Oz=x<(;{CJoP+Ke!UcmYd{9t`f#XP1;dpLi$9ycMqZN}>kuJxH{?QQ*m{FgCn=nFjLk%9%4dcRo#`@OLB)G>T$U{&Go7$4zzPU}tmU)3wd=F5=l$=#;64jHG+<q2gyWY5yC0J&dQub`#y5BE_qWxSUeqXM#YN;=+;2y;!113T^m^_brt<J=ruNelj`Ay33pFl|=Xy;X~F0o1Vl0tz0@DOy0@;L(UYi4MEmbJpJAuUId_nnC!7#4ktzPM21i^{|I!eM5GL`|?xMJK6)*anb^^QbBUxkQ&HO{#kym50Gh`@9fCP4%WhKM>~2C_b4S!`Fr|*(`r~*h6sIx{YxIfgc-jEN<jiD=7w<fM^|_bPWTv|s2`W>SqAT+O{$mH9_2sV%6hpz^%CoSQA&SAceR^Qhg!M6_{XqPS&*`x(2*?t?Ada6(_Gv9!aTgk_0u`y1vn|E7^lFuc|2!4kNL^#;tCQf&%^qV7CiX~mw7&geuE*EvkF{@dGD9rUZR^%_%!%le}d#x;ZwbZxix3MByZ<w_9o#%&NJ7GXtU~WT2|sfJNF@UHn@YmETG5qM)C92A$dEV;HkdR=OCRF1Mupn_{uRR&#HqoI08NLa1UP6s5dI;1^(HSI6}<&tqJSbBeCC7*;M*Jm`@3O+b=BwOw0rEK~ASq>kF_h&AQ~$TShOhPd8HaZ_4ND1*8urx)^7sA}5i0ze942gs*^49eVICDPKNooa>lzg=(DQc^OwaEHl$M_bML6<lA7Q>|dJ%7xagvR(pFR`v-0MX!6(P!p5I+)=L`fHd!aT3gIC!-txEp*U|f%?hAG~u`h2MDBXZ>#G|)ZgVZa<>O~X%I@;iT&)~1?VFABJ<X7j@D!z>v58MSi*3C@e-(r1p20?%Vd4&CpQ}TE60bNhm)179&&tjO;HqQ3X)r#m750|=yZQRd*PsEo|!3-bc$Hc=Zj^2SMRiUjfnyX1~0sEGRS$w&eJn>2BSBSffkM5EBjQwH!jCqMFOoI*gkA0KUZvYbN19hW@aYyVg>ucygsBsW3S8cCQpDWr*_65R<ee{0xJADj`9_()-zO?tzUyj%x1dBt&WxmQ~G`F}+UmdACc$ysNy-~~Po$1Dm-$Ujh!3X_6_&=KM>++9Fsh%rgKiI(u|9J@1HBvvu`lQ7j*53@$(SjA?Njb8ek(K^m^(UMvkd@`U7jxp}i1{RC>jwt^TK~v?)KF?`v6J5$<|7p2RnUiB2)?fK(VjBu6wt>7BX!dQ*)G}4f^|b@eG1pC-DWKq>to$aWwaJS9KwHx{E_oE>ONjh-}|k~-M{h!^LEur<-5dmLdlm!3w;l~%|)JWlg`8%=jqDpiS!?i-{Cr?`#*W_%>7OK1#3KL4>Hza;UmHLmxGRV<<cpI6}tZl``1Lb$@T^7SubgyAdlICn}O2}upc@P?t)D8Iqn7e937&=_4b<bH5uJAwl=GVw7{&S_?`afH?t!nH;hY1sb3q|N85{s{rlhar*UO=)8U*UolDBwNWq@1;|rRgK=S|8S=K?R+W*)7j~;s$uwS41@w|MD-I%DKH_;?wM6vOA><^wa@iKbwI`foI7H{A&Igf2GwZ+3n^P|*){<(?c&FkV{H0(TK7eUC}^b-Cq@G$^8Wxa845&$2x%~weO=z!~~J?X$u_sgZZCtio^fZd!s;_0CEp7OcuHw5SZ<ad5I%6iR!9R@gmr}257xA6A^#$RDCvS_UjIN5Xz{KEPD&)#2{?^d03nE+3Q2XzN5Dil}|Fhj0y`%!i0{s_tZTko&^IO%RapLY?b?B0wi&*iwi{_vGrRg6834&+UJ_B_^B-iYD)b3Ns+VXs@0FAuLEtJLoxW>nbc`|!BJ$rwD;>YuUt(di%kPv#*^dk0_YGr<hn@HWY32jcT^p`|~99{!5;FtvD@ztPj#!%fGoBG`a)bPS4K#mYghh58nhwsXe+l{pJO-qDH%yXg}8wKdWq#C(+hNc+Zm<G%G?&+vGNZ(vKnH{QSTKVU`Ku!g_!RIeDW6LLV{XE3KVo$i?p=`)|linagIi_F(aXIUfrAN^4@o$gl6!1lgvr_~~xHoAit2IH?aEc@j0g7^Uo#}23HIFUTApAHt}hs%1w{vF_Lu++o{*qd=Jc5#FKFUQ$%9$YMd@0=$93)Hfjz>po2J#4SbKau)opZ>Dc?|xCyKJp2rpYhMltLsxD>lJ_b!<AZryGf7b*4D!Zknd;_1i<r?X@UdwiO~sYTMhi*1*~-54$Hwo=U=kBrg3+;dK)nwa9}+b>+zzaR}HvAsRrl&4`8oM9Z>sO&-s1->@%NuAiAiaA2aId|JTvg>MZM%^S%ZGub5H9dd*WlVzy6O=r8cgJDXihxo2*JH6wZWL)elTkMlryKcss8C8rb2RjgTWz)GbH`1FDQ9qaXMrLFz(1fReM1n=P~e!~9kE@-D}NWeR7{i%3%ziN6?Gcf4PExf6Em|}<F-F&v6keOeOW4H6$aL4MCr2U!lq?;)z1K4s?#&?r7cQMTW@a`8i<Y}T(R>+0>3FFxl$=BmNLog*R9feLE<(l={xW*Oi88{33LAEP(Bb9n!=TET+u##54^WU+ziuS<Z^UuV`^*AA59nZlJ7SvD1k<6VTOP-TI7&Y6*-y7!r3V3Y9hc%G7V8sxzi1{k^b<+;9eh#+mzloyRL((a!L7_j!2&SnLsi+=2M5i9}rL_Uq9KfHCinzL{SZT%mVE$kZ&BkBP9q<p`tPV5wue1NV)>7SOb6HyIp;<ljhwB%dA21xSJ|X|l_vz(DZ^-jxzwbHRu{KjTKYP}PKZMixA*`j+m+}C<kg%Uv&JGy<&zV14rW1)UM;$xleThvbQq>?`krm}tYLb6|J+JlN75!j8sMqQGb+LwBQ0%vRPd;^hf5Eu}d`*7#an{Dwpk!X$+KuaGB;94;d+!+=zRuQ#Tf=`}_D{6=x);V*?~}%<KhMqxCBCZ9I`%roQwOZWZlhoj(7&_&fmqLXI`o+D>@9(wtR<1Z&Z8_@|GXX(VVA@Yzp@!x8v_KxJDBaNT-265`1z<}edJ^@oHJf#@|gW5up_|OJ?wW2`G61pLL`lSSCHqu;OqDPNBx0wJVxIzIuT|f-*~=BCfo%0i~WOK1?h0HSjJ0O3-TGUKg&3dqxV2C=|=heiEH>~K{YsQ$^V8w%?n_xQvZeXQCELbT*8NTcBEO@g?v`VpZV7r_mh75r~lz+{N8j^_;v~W!^mE58^zb1?Wn+~mF<^?R{Tzf?pfDgWzWdZVBgf-(Bp$&<x2;WMChC7-Eg4}wkA@tZ9v5YPe}&FdM8Sh_1HPr1Q?mc)f{~G%i6P1z+B{_4TDikei;5He8Wn#u$ruyqr+1#ua1e#I{@}nf0A8hu*Vs$zZlzo0f~GWsga-;8V=)^us_0aVbQZ5^qp)S=eala6?>c6zkgu;zG+@H{|M`2eTup_PxEA?<Fz(N*!Rk0W+(kdYn2-MkJ2w_K7_#->$Q=B-|MIT7@dZUmsh^n682CEUa`B<_S>;P0DOPOx&UUVRT$4`kEBMAlNe%p)-Ag!!1mO2xp?Y}g}v@Ha5MPE6ufV+*V6eKN_8*R{kz@+^O?~>iO=f)FaD3ZUL9V;=bwpZXtv}3E^1-Vz@RBlz=u4ld(F7%(*mXJC$Ra`6+6gehJ^p5Q3L7g!QQZb_YLE~;hY{_wD5P3h&s5N9GJ23|18`ri&Z_aHE+3h=dQ<v=0qFF1Fmqlyj;+KT(aIdWGwie9f_<XCi1Y(1Aca{Zq=o(ISVFwWS>d6k6A%o&hDm{@x|mKSdTK+Axk}G)ff428pg~2;Zr;x{%5DF*YzJzep~pTFLf)=a}lSU|01@co~fne=Wzb4M-=Y?{y`HgLh`3(1l@%um3ETAc)z(^?}3cfXwCjNUCyAt;c3vpK5pnkL%(6Y;32L<$bjv|UDaPm1vh8jM6l(ymrMWJfd5|~pV>~=oy<ETGx)RF%UAH<X@yNQ+p=E{4D2QIPq2ubhoY|cNi*JH-`nt>@nO>ra{Bi0ce4N}U~9H~_Q=<;o}Ky*Vn6k|0Xyw3o=@PjFrUt-Y<*MyLOR4bHA6R$)LPkovd-k=`cE>+#H`g4{%_0q7SY|Zc-1ju=H^Medfcd)lFpzl=lR%vzNn63;4`y1->C)k!B%%~O#?rWb}q+rNS#5_VE;C{bMDoSe9x@I`SWL!_3$nvo>W(dMK)^(;Geyey|S~rD|N$pLhPzxzvU0?#pT{I9wq&lD#Cf1ucImF55fC_ha|PZIrv>;SnWMoZsHx|)3$CqY~5eu`WdbJd_CVs)XH*#|M&B&{XBcY_`)3b2mcLsVFi@i&dbT?c_uMClvdKM%;`srklGkLyGa;78l3HPjzH;lyn|)uN!ocr=jY<3+I%1QU90ax%46HVcXo_}`t_>%M^7Cvj@Xlz=`v-{1^d}F^9_sTe334*knFO$E+&nQzv%DGBja}#J-nVi(yzDmNXB-Tg3l)FukI%7tb(lI1j}oSo16;tZNh%UJ6oSQ%qY*+8-Dtc=^fW~$|xP<<PXx%%qV4<9HXUvV9fd}o>Znb>Lv44cny8xX%KNuJ&=B$q#cyPhU~n69ixjX3m9K*XAj^KjDc?Y_eN&iXt>tt=0-X+Y|S(nXdA`kn?KD1tIa#sYkkJ^q&BDV(mM-=4T)zj1T`Uthp2&_y2lFdVSjU7+3X3U(b(TE`DTf?l6=7YQQmLN-Sh(f_j)4xL4PJrqt0c<hjm9)a`zJYs%fE^kEpJjXQI`_9r$O>SMylv{6=NSENDIB?%4SHThoo{AHiB(T;lqr)LXAP-{OK5h|*2|)L&}(I_y_i(6cq)TlsqGr`?-22nO#seP(uinnzLhr3&SFp`>>Qe(EzLwf#5EABjIG)g<i2DOpA1iG7gyDk|DswTbK(?M%c;EZ@@pu>*RP*=~E4^`&2mEJF*6VSd%GUp4;;_$LtfzPDsQ#PTksKBZEhOW#92PvmF3owZIq$|pQ0&(0Ir%KeUp{(q+rCL6K7Ebo^A(1V@N=2^VCKH8o>zrK?HXFZ_W__kA0su>KUXSr~Q-gL9H{fEp>HjseJI3+*u$^>{3NDcQt*#3gi^5*KqI4{;;f5D!)>S<n69d68f#s}e_9!=+Lc>bJUB=U##MzQ|K?iqJ0Z{VTWs&H28%nDek&KGZzea}f1s*$|=GvJfddtJbSW~+K6nv3%s#>>|yPPoD8w&Qo7>$?P_!S`$?H&oO2<S#eXAD0QV5&ow16OJm|>lmr{Spw94#pw}}ON`!{^UvB<&QUT;$zi}}IXg@B)<4spN{*?5eJi4t{dTZ2)vCR@-AH|cQ}(MQ=atx>YdvcE9jr~VbK(Tw8&lA$(`8UiDkI&5@v~(%>txCh^dvfj?6+flcBgB>GX_`J^FvaO>4z80I<ZF$*JF3b?IaC%4kx^E?%O^pSbgU|&EKH^9bB>-5%NFb1P55yY)%ZSWokzqWj*PQWc<_pZPILZj9<ZiY<e5cz@bMm9>(caLy0%7xm~JNJwB<IT%XLhfL7{GPko+$$$1%C_#W+^5C7^~GI7jgvR5f-mTl4vmH@4#;NzWSlvDB-kGKF&@#l6{muMHB;h^rMU*-q!w<g?4{1g6Ee`h3Dg|mkDdX<s0C*AYg1^f|L=BXsMu7NWITOGq6Jo~IvV}!1Ap5`6h9A2}}E|&^KAWYoM8_j8m@W02*9vy%<62IWQ1fm#YZp*dI0HcMx8?yF|E2;f&!KbS~fYv#uUOe5H`l;q<7|f^OfQtFB+wchw9XtPr5wY6*E)4ZQf&bX@`Bdw5*3%m_&>Y|h<vJ7$UfiWA*v|!4xE9_3jax40FR{PNzYW=+!g}rr<D-x_o|oKjL`kgiJn-p_yyo0E`WuG1=g`OfO`~rk&L@CXWb}v{YStzVQ%;egghqAHfHyAGe6*H&66_XxtfETftqj2!o;Tx5)`N>L0*PmQfSF8A{gGbr2@tB$QqB2fIY0ZK&1`qUJ?<Ror)NA!-8r38+uAMo1H};X5Bstl*?h%qjQwO*k38z%w8y?ww&)^RPi;Rsv$dS}WBUmiJ(GOMaQ#$U)0yAWevJqK8En*}`Q$f&#L<00D4<rA6iE|_28V*{;O3O5OybS|y)JG2F7y3U@DC-^Gq0Q8)07&{83~{KU+;VUNo)+K2^Eab%Y27|y|_-*%a{*mK5E2y1NSN&6|`3o=Tx0vJlaYU^5so|_fIO;@0oR<6~n^e=i~6bwp}Mg%#<+z^?5#Mh5K#vj(&zOR@a=&OY3*|c0CO^=zEz@v(>|J5$|q*ovcqCaIQ(q{7*QM`tHhmiXbpo42E|*Rj<W==<medWWi-PmwMHMOg8|2;u$Yt@7BKbtB>eE*2B32{Wtk_wWy^Qwq#`n&r9~3b6YabuhNB+%Cy49KkMHC=h!cEF#&>*zXNaXR_ia{OeCJ=k!ir9zpgFX(SMk7%2a2ggOS)%=4(tl4hHvb1v{4Y4i^8$8&-sd@GE=P@;v%K+9`3aa1OVTd@#My3Z9kZkZnGc9v?f(rAm~uYijtaf1&@<JL~!?<0&x0)vL{Csjoh3fvtCOYOjNQZ&<Mw6+sJoy6i7G0n5vOAFGjB1(1&kJu*8XiCr(8H<X*lQQ*g{XpEXrCb5ii_z(FL^MW?aj<ir@<RRtjs9p|EGQUO6Qn;SvAtXP&dEKzKN~VP#jLe4$(s9Ph2hZj|O6Q=Y>hN{Lco(ktzV}i~K4T!!V;$f;D#o7|t$7O#yX*_!k@|!t`CS;Z-sLIwD!nOuR`SKPc3?4dZjsW~GmyV=T7pdMRN=GN-3=!;QNmeI^z0R0i^tw3$KlR7nP$Y*<GRzk`TAlF`I8PF&NK2D1+T(GuqVDo(woe90odn1)8+MHap>`N>3^?(1mXZ6#s6HY1t*q5Uf9nh-W)hgGs!M?(Z6&i>SDNNwF;|a6U%<fXsd){#kV)zmE?PI;)TUWng5fsUhykd5p9jkml6F7g2ghufjoinJcgU_Uz&-UI2Ylit#{U`SwuJw*1wKxL)_pLhcd8yxfrfl{ydpP*l#7>+e15Di+CjSG;Qw@dwVscWKv4M$2=mQl0{d`?_YN-sj!5<cN@U|_jmCB3d7&9dU(tDfPRae?DQ#0dzr`CZBlO!`GuWw8aEv<KMehwHvR`|UpYV1)RXmG<{cW&JA`$WieT|)!LVSv{*+Rk``<u^4u*V~`HQx<VgIXTWpRDg-Ee*R7+fR9e)o@RG1@V|Z`ZeKf{Dz#IBVvcus%m(Ptf3dcH%?w=7TrH-w-}6yY<y(z<zbkC%NGGl3)V-VeN?YyUOmh>X=A>s_k_(XYk4Gj8m>;-pli&?MjLcaeIUP<1P=%*PQ25jqVwrgnwo8`&)LDMDVvf$@g-7o>)BAcP`jx(s&DR=SqG!W=-XU@kcH5rk<}C+`kL1PnTD9!0f<AZ8)!l{l2kU?Vt9e9=9|0!^-P^W@?+Cc#iwy{Ft9RnGXT?59iBz9_9yvjNzMj5wZTBbFz-Menk2Wp(X4z@#?{v`Fm4O>!@)HNXKF-^_Wo`G0((#65s<8x67s{)=P_DvU6a=S4a4`JJ_%z{QaY3P&?1&YvCb>S$qJJi9E5s0eqkYzU+o6*){7G44-#CWxdB*ae7-S*TWC{*_of8aGn(>IREq-`f%jDp_SC`I8rl}uopZ3%CgTb`wHBT{=0t64n2ug=1${1hVy9c^7P?_C+a%?%I1sr`1?KMOK}!2mLOz2PiQ@)MdX>!crr47LcGfl)~l3xUANO+5Rc)XvcH7=-EPy{m=kn6hdtOktp8#>yrq0NYxa3~c0a0_OgMuz0iv_hE0lf!+|BMk<G<VZZ@+?md?^zVZ2fyuhYOhpC0;TZ)P8y&GCwT!S0VH{dB^!j;&0u?k2o)hg8(1u@W5;``1?XP>d5Eo@#&5@zjp8jo;LPyRH#WWwfz-~-DZIe0sqqQkS6eN+&7fpfb}QfZ$p`1sNm59jn&QekDe-!fkz*pe{Z4-kCP_ec#tpd_uS6+-UAQ5VXyvjC*$vAJ^>@fK{}kvd9#0NH|SPf?_M#Aa<5Kc7+H`yNAiEEE)kYJ-CiGK$Uk}Pl+gg0w>EmCYwGuZwzaV#(<L8>pR=FPQ`lVw{&;Y0Z{1en+0TOF3i>|gDrLVT=D*_z`wg~EHYxbv;Jnn);t6MxsxxGl^1bF<B<7RBKdP_@k3R8ePJ2n;Kw@Z&lEA`w?f6MwKG!cYVjD`lHd?x{Pf-^xH9L6=5BkS=eUuT8ZtN7za#qm0f_zOzZy~SL$K!<jYHjrgENPGPZ&#)D^_VZ6%te1vw`RV6#`$w|b@4pY<>&o#S)r0z`D4Ec*0W?k7Ua2}HZJjhs1~NN@e|5h$oh#+opiT4^^Q;b%Zvl;Nsu|M%mUetn<!_LfY}ttpXfmJ%+|9?gq_i^!`1nwwe#J)vwz}j9+&$=jLu(|&#e69kgpCN>$mYmg6DUS9`FI@)BKd*YvJvxr2NWO^d1ano7K^;Am95JN12CHadv6M>$4Y#XTM)Hi=&qFqWxjKdP2O#srJEcrTgJFuDM=c`Ze__NN1dw$@??kaEh~ttUB`!p6%MYoi;16A2KiCs5=K&$Mp`{&L;$(0ic0zl&k1OOUf&8MY;}m;n8`^^$^e9+~9Pl^gJ{FPMBU3!9SWxzn~}n6RRa`R#2vsmqFEI=YrC|89V@mDNE$ihcRWI`+aeJpR@y+nhgH~{@9HgZ|(d^8*7D~`&R$beE|Le-?W`IEOP+)L}2*a{&oo4$h;|h=)$!9x%9t~0oKtvnNQPT1HYptLr$vXi6crCbv<IQ471;74|tKBdW^grR57*@6&3d4T>{U@uEbQY)U{L%lVdt|7Ho#IPB~N2>EKmxTF+c2P_T!i<~-&p{1>VA<#c7vFJ`r`^zQ09AU~99Kflj;`+w9}ey=!32mIq|{__5&VblkAYLdfibyJQxBdoOZnym-Ix^#75J%rRoN?mBE*e{Fc-Cn6LC1&RQsQ+7Y_Rr#>R-CKgF+;G9I1P|<z8~~CIgd}=5vc%ZR{NWBRX)|-D$W^AB=*N>`<3)X;GFiHHwgaSVt@9W=bda_JC6~3KU~9qo3o$5=j6}HG-F=N*4S_!KnUi!s*H4j;C{vHCMjJz>7M-z2cPkaeQ-HiySD$~BG|~ht@3m4v-|satMu0Z6I;EN`~c_gvGSslxunqi5x<e56wicJ*Ujp{{+vkJzQ&(Ce~I3^R+=vj_Q%M)d!6?SXKpTnd9aRZ&QJX8Pl7pq^nV~e%%3s@nv8SHxGOMeYv;z%|EJ!Yd<uT;TcpdBR3O3|_{dI_@j9B%Cc&Kb^j>Z=*oj3WXw!B1h0Q1Q;BynRdHS{fK`*>}2U2?7{9$b++htE<Ju2jRZKM`{)~o8WV*io0`ICAq)A{LHIgCd%<EPI%&|6)}yy%OojuZD~zJ6{yKsjCCKfAUboAn`By$@UDJ|Psa?rZ-6&jjBpl<$eKbtLMjzm0Z=^GtyA4lQH(Ip^z3cT%!_1^JQAGxoFO%%~*m**x0$GT$k@llTGnzr(qt@_h@os@tz^r??|Cd!0w`lmEdb4svg42Wy$WRZQnJ_tQlv^PxVUx7{;e=F|G!iZNH_^SA7$&;|VS*nfa+gRSK^Rw&ElE9OVt&+~#gUnc)a7IT@;mS2~D%-ATfpZiVg85WEb+N$xVF7Yi8?%vxuoXRJ8FJ6Bn`1o(+hZsYsI4hXmt7-=9S1im4o;bTWB;Muy)Q@Go{G_6<p*v<Ur;u+O1%pNH%wMy<1@<GOWY5ZA&-oO#i)gyJYF4#;`$!#Gysr8E6E=SEc_yc4v1iNg|48h-R^n-6)>E19Zu@6%wl``eyW&g!(Xd;x<b1L|=Z8Mwimt|)pE<S6v*$N9Ebv2r#(tj)STQTo-1_(WF4HUQB%|G+T?szQ_X%){xso0m_KUC{_;Pwmny9h0?~v!+PftgD<~NW)9}<4s3BNfdx8Iatm`!FkNFmd=XbXSPXBW0+1N-zPzek7PB2lmEVdXxq+64Q%l=-q`U8)%}pUC)1&gUOU_o1JURJ>jSyL_8xQ<5>ch&QW7=0rjcUN<+@>M66L>A%4LjXBL?9UZ(qKEL+YuxWXa_u0SLny<qhI}v5#h{6sX-AfmqV+c<iSCDw6<y(gJ@zRZ&NEeIdbHji6!q!7<^#{X#S?Q?aJWFTiOK%I_TbSbwBanBxnM!xX?8JWR&;9)1i#gc&1Lp+83Nb#`T74hq5xWF%N?{si{9cKxW(oW3+=Cx4Wu9Gi#q}+~IvAI&S;@(HTf{C-ui!VqNR`elyW!}uu`k_c$DZw1-bTH66KAVxP_lm#_J-ARZ7+3L@3o~rG6g@37Mk<^8^7bEe9k9uMH=E~GSv=fH?4T~Q^vm=&QnvIuLf+1Sb+%tmDTFL?f;R^8r`s>%+wOy!Ae){cuRd_^~@Nao^!7`bub^}e5Xaixt^?B%L4_Q%x|d?_Q`LHVTIa^^|USf9Hl<OPS;@O^~fp>1Ft;f#6PSiyz^OoIO*RHxbh;nWQHe}_zmapF~dWPMEwFn(H_I<s3Y#Z9dzcvXa-SVtc%QpWd-UiGxvTwsG~jeGky7fA<bH7>NDr*$vgu{Q!{JrH0!9*HXF>j__%AZllt=_EC%-b6lmvIrV4rGzJ=I1oY#LjUIwxsQo+EEsLKBMoUwQwzo#`E*Ece|*6lbCeIS$Agq@%J?;&68_2oppt!~Fs9bt~FXB>l%NxfiYXR`1cOu(Qy4{)-)r~LTO^g2v~d3+)9t};?9^$X?NSy3lipH=?i$$x~u)-b-QihiB6i6E!HpKc%@6(cc2Jk?BWmAj>1WZ2)w$al89<n%$#XB<?a(ofH4YJU$;hSmMj0SI=`+I}(S)2FHKXoZuucjSzAc6<5Ya^|ddoEwC_YuG^~-+=?XziECZ^8i^RzuFI^o`wBo*smj_f$S*Md&zHw>@b#!v|OgkD4FooP}}V*-ak5;ckI`*^YP<t+?Wl#Ozy>R{AF^wY5L4Z=CfM*S9WS6^ZdkO+W866k6ur=ah^1j4ZAAGTWCZ*&6e;lVt(6^#76`6>+U4J&-j>h7bH8NEaZ{X+QB=qZof_H86(lG{b1Kw7Ow|;U9M#MqIeekj+TAYKsqm$U}TU_=1JKxk}fV{yw-c^f0Ft7jBWUw&p}I6-GGtV?{|?-OMU}QZO$&|8Fs3%{gT{2o!eZNR5rAFKahG<sYzknSFA1jEmqwxBqJbI+kd5(ukLT!i{hzo$MygmW!~K5=w3Ch<@fxa8Y0ru1ac!8C)fdIyI7xb#=D24UG4-gIS-i}%+5Ozd~|Bg_J^m@`j4*QKj()<f+(hCe**AgVmK#}maO(AzfAkSgh#=O4MuaR!^|{+-R$ur69y9efJ;|04>nJht8UOreSgl1qUa(V;<_zsu*s@d^+@Ig0~hP(^4%y7S?$r(!s2ZPAB@pC`iHn#Lh?9ooOoq3?UcXxZS=tPa-C084r+JLoxpzB`E0CHmFZMuTAa6_ZDr;+I=w#1ycAA^=8mWA2WEs&>PYy_a*uZYJNs{XrL8Q6PH?tkZt*qF_&r$gaBK%VGZkn3El<vQn$CsSd+hfu?aP??`^?Vzhc<RH&220BJx*)n_g&nx$BMRq)l=9XPHWmrTwpufyn;QI?`%`%y%w)D;zScxnC-mAe&+zIKg7#>Hr?DbqJOMpY^JHmL&|x1l7C6rjXXUXnQ{;Qb7b9&Ox1;dz|YTioFLfGeB#rV`2tSiy*}yY{{jGsJ7E"
unpacked = np.frombuffer(zlib.decompress(base64.b85decode(PACKED)), dtype=np.uint8)
digit_labels = torch.from_numpy(unpacked[:1797].astype(np.int64))
shades = (unpacked[1797:, None] >> np.array([6, 4, 2, 0], dtype=np.uint8)) & 3
digits = torch.from_numpy(shades.reshape(-1, 1, 8, 8).astype(np.float32)) / 3

# %% [markdown]
# Digits in the middle of the image are too easy: a single dense layer, trained as below for five
# epochs, reads 90 to 93 % of these (in five runs), because there a pixel keeps its meaning. So let them **wander**. Each is enlarged to 14×14 and put at a
# random place on a canvas of 28×28.
#
# We keep 360 digits apart. The network never sees them in training, and they tell us in the end
# what it has *learned*, as opposed to what it remembers. Each of the other 1 437 gets three
# canvases.

# %%
def wander(chosen, generator):
    """Put digits (N, 1, 8, 8), enlarged, at random places of black canvases (N, 1, 28, 28)."""
    large = F.interpolate(chosen, size=14, mode="bilinear", align_corners=False)
    canvases = torch.zeros(len(large), 1, 28, 28)
    corners = torch.randint(0, 15, (len(large), 2), generator=generator)
    for canvas, digit, (top, left) in zip(canvases, large, corners.tolist(), strict=True):
        canvas[:, top:top + 14, left:left + 14] = digit
    return canvases


generator = torch.Generator().manual_seed(1)
shuffled = torch.randperm(len(digits), generator=generator)
seen, unseen = shuffled[360:].repeat(3), shuffled[:360]
train_images, train_labels = wander(digits[seen], generator), digit_labels[seen]
test_images, test_labels = wander(digits[unseen], generator), digit_labels[unseen]
print(train_images.shape, test_images.shape)
show(list(train_images[:6, 0]), [str(label.item()) for label in train_labels[:6]])

# %% [markdown]
# ### The loss, by hand
#
# The **cross-entropy** of logits $z$ when the right class is $y$ is
#
# $$\ell(z, y) = -\log p_y, \qquad p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}.$$
#
# The fraction is called *softmax*. It makes probabilities of logits, and the loss is small when the
# right class has a large one. `F.cross_entropy(logits, labels)` does both, softmax and logarithm,
# and averages over the batch.
#
# Three classes, logits $(2, 1, 0)$, and class 0 is right:
# $e^2 + e^1 + e^0 \approx 7.39 + 2.72 + 1 = 11.11$, so $p_0 \approx 7.39 / 11.11 \approx 0.665$ and
# the loss is $-\log 0.665 \approx 0.41$.
#
# Suppose now that the network ends with a softmax of its own. Then softmax is applied *twice*.
# The numbers $(0.665, 0.245, 0.090)$ are taken for logits; they give $p_0 \approx 0.451$ and a loss
# of $0.80$. Worse: logits cannot be better than $(1, 0, 0)$ any more, and those still cost
# $-\log\frac{e}{e + 2} \approx 0.55$. The loss has got a floor, and near it hardly any slope. Such a
# network does learn, but slowly and badly, and nothing warns you.
#
# **Predict before you run.** A new network knows nothing and gives all ten digits about the same
# logit. What is its loss? And what is the floor for ten classes if softmax is applied twice?

# %%
predict("loss of a new network", ...)
predict("floor for ten classes", ...)

# %%
perfect = torch.zeros(1, 10)
perfect[0, 3] = 1
print("knows nothing:", F.cross_entropy(torch.zeros(1, 10), torch.tensor([3])).item())
print("the floor:    ", F.cross_entropy(perfect, torch.tensor([3])).item())
observe("loss of a new network", F.cross_entropy(torch.zeros(1, 10), torch.tensor([3])), within=0.01)
observe("floor for ten classes", F.cross_entropy(perfect, torch.tensor([3])), within=0.01)

# %% [markdown]
# If you ever see a loss of 2.30 that does not move, think of $\log 10$: the network is guessing.
#
# ### The loop
#
# Training repeats one small step:
#
# 1. take a **batch** of 64 images, and ask the model for their logits;
# 2. compute the mean loss of the batch, and note it;
# 3. forget the gradients of the step before;
# 4. compute the gradients of this loss;
# 5. let the **optimiser** move every parameter a little against its gradient.
#
# One **epoch** is once through all images. Every epoch takes them in a new random order: a network
# that sees all zeros first, then all ones, forgets the zeros over the ones. With 150 images, an
# epoch has batches of 64, 64 and 22.
#
# Plain gradient descent moves every parameter by `lr` times its gradient. **Adam** keeps two running
# averages for every parameter: of its gradients, which is called *momentum* and smooths out the
# batches, and of their squares, whose root says how large they have been. It steps by `lr` times the
# first divided by that root, so that `lr` says how far a parameter moves in one step, roughly,
# whatever the size of its gradient (Kingma and Ba, 2014). Both averages are in the optimiser. Make *one* optimiser for the
# whole training: a new one has forgotten everything.
#
# **What to report.** For each epoch, the mean over its images of the loss of their batch, each taken
# before that batch's step. It is nearly free, since you compute those losses anyway. `loss.item()`
# makes a plain number of a loss; keep the tensor itself, and you keep the whole graph behind it.
#
# A loss of 64 images with mean 2.0 and a last batch of 16 images with mean 1.0 make
# $(64 \cdot 2.0 + 16 \cdot 1.0) / 80 = 1.8$. (The mean of the batches' means, 1.5, is accepted too.)

# %%
def train(model, images, labels, epochs, lr):
    """Train a model in place to classify images.

    Each epoch takes all images in a new random order, in batches of 64; the last batch takes what
    is left, however few. For each batch: the model's logits, their mean cross-entropy loss, its
    gradients, and one step of Adam.

    Arguments:
        model: any nn.Module that turns images into logits (N, 10).
        images: tensor (N, 1, 28, 28), float32. Hand them to the model as they are.
        labels: tensor (N,), int64, from 0 to 9.
        epochs: how often to go through all images.
        lr: learning rate.
    Returns:
        List of floats, one for each epoch: the mean, over the images of the epoch, of the loss
        of their batch before its step. (The mean over the batches is accepted, too.)

    Also graded:
        * One torch.optim.Adam(model.parameters(), lr=lr) for the whole call, otherwise with its
          defaults: no schedule, no weight decay, no clipping.
        * The model starts from the parameters it has when it arrives, also if it has been
          trained before.
        * The model may arrive in evaluation mode: put it into training mode first, by its own
          method train. Its mode afterwards is up to you.
        * In an epoch, every image is used exactly once. Fewer than 64 images are one batch.
        * Call the model once for each batch. What you compute beside it, such as an accuracy,
          belongs under torch.no_grad().
        * images and labels are unchanged.
        * The losses are plain Python floats, no tensors.
        * The loss is that of F.cross_entropy or nn.CrossEntropyLoss, also for logits as large as
          several hundred, where exponentials written by hand overflow.
        * A small network of ours with such large logits, trained by your function on 1 400
          wandering digits for 8 epochs, reads at least 35 % of 360 digits that it has not seen.
          Guessing reads 10 %. Right solutions read 57 to 87 %, half of them more than 78 %.

    Nothing has to be refused, and how long it takes is not graded (within 30 seconds). The models
    in grading are ours: a mistake in your LeNet costs nothing here.
    """
    ### BEGIN SOLUTION
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for batch in torch.randperm(len(images)).split(64):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        losses.append(total / len(images))
    return losses
    ### END SOLUTION


# %% [markdown]
# The examples: ten images, each with one bright row, at a height of its own. Even a network with a
# single dense layer can learn to tell them apart.

# %%
rows = torch.zeros(10, 1, 28, 28)
for label in range(10):
    rows[label, 0, 2 * label + 4] = 1

torch.manual_seed(0)
dense = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
untrained = F.cross_entropy(dense(rows), torch.arange(10)).item()
curve = train(dense, rows, torch.arange(10), 20, 1e-2)
assert len(curve) == 20 and all(type(value) is float for value in curve)
assert abs(curve[0] - untrained) < 1e-4, "the first loss is that of the model as it arrives"
assert curve[-1] < curve[0] / 2
assert torch.equal(dense(rows).argmax(1), torch.arange(10))

before = dense[1].weight.clone()
train(dense, rows, torch.arange(10), 2, 0.0)
assert torch.equal(dense[1].weight, before), "with a learning rate of 0 nothing moves"

# %% [markdown]
# Now the real thing. Three networks learn to read wandering digits:
#
# * your LeNet,
# * a network with one hidden dense layer, which has *more* parameters than LeNet: 63 610,
# * a single dense layer.
#
# **Predict before you run.** The digits are the same for all three. In which order will they
# finish, and by how much? (Guessing gets 10 %. Each cell takes a few seconds.)

# %%
predict("best first: LeNet, one hidden layer, one dense layer", ...)

# %%
def accuracy(model, images, labels):
    """The share of images whose largest logit is that of the right class."""
    model.eval()
    with torch.no_grad():
        return (model(images).argmax(1) == labels).double().mean().item()


trained, curves = {}, {}


def compare(name, make):
    """Make a network, train it on the wandering digits, and say how well it reads."""
    torch.manual_seed(0)
    trained[name] = make()
    curves[name] = train(trained[name], train_images, train_labels, epochs=5, lr=4e-3)
    print(f"{name:18} seen {accuracy(trained[name], train_images, train_labels):5.1%}   "
          f"unseen {accuracy(trained[name], test_images, test_labels):5.1%}")


compare("LeNet", LeNet)

# %%
compare("one hidden layer", lambda: nn.Sequential(
    nn.Flatten(), nn.Linear(784, 80), nn.ReLU(), nn.Linear(80, 10)))
compare("one dense layer", lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)))
observe("best first: LeNet, one hidden layer, one dense layer", sorted(
    trained, key=lambda name: accuracy(trained[name], test_images, test_labels), reverse=True))

# %%
for name, curve in curves.items():
    plt.plot(range(1, len(curve) + 1), curve, label=name)
plt.xlabel("epoch")
plt.xticks(range(1, len(curve) + 1))
plt.ylabel("mean loss")
plt.legend()
plt.show()

# %% [markdown]
# With about as many parameters, the network with a hidden layer lags far behind. It has to learn
# what a 7 looks like at each place of the canvas *anew*. LeNet's convolutions use the same weights
# everywhere, which is **weight sharing**. What they learn in one corner holds in all of them, for
# convolution is **translation equivariant**.
#
# A single dense layer hardly beats guessing. It can only say "this pixel speaks for a 7, that one
# against it", and when digits wander, no pixel speaks for anything.
#
# One run is no proof. Six runs with other first weights gave LeNet 76 to 88 % of the unseen digits,
# the hidden layer 63 to 70 %, and the dense layer 18 to 20 %.
#
# If you chose sigmoids for your LeNet, it may not have moved from $\log 10$ at all, and with tanh and
# averages it needs more epochs. That is no mistake in your code. On its way back a gradient is
# multiplied, layer by layer, by the slopes of the activations *and* by the weights. A sigmoid's slope
# is 1/4 at most, which makes 1/256 of four in a row, and weights as torch draws them do not make up
# for it. In eight new networks the gradient of the first layer's weights was 0.005 to 0.012 % as long
# as that of the last layer's; with tanh it was 13 to 21 %, and with ReLU 9 to 21 %. It is one of the
# reasons why ReLU took over. (First weights that are drawn by the sizes of the layers help the others:
# Glorot and Bengio, 2010.)
#
# Look at some that LeNet gets wrong. Would you have known?

# %%
with torch.no_grad():
    answers = trained["LeNet"](test_images).argmax(1)
wrong = (answers != test_labels).nonzero().flatten()[:6]
if len(wrong) > 1:
    show([test_images[i, 0] for i in wrong],
         [f"{test_labels[i]}, read {answers[i]}" for i in wrong])

# %% [markdown]
# ## 5.3 `inception_cost` (3 points)
#
# Sixteen years after LeNet-5, networks had grown, and so had their bills. Count what a convolution
# costs in multiply-accumulates (MACs: one multiplication and one addition). Every number of the
# answer is a sum of $c_\text{in} \cdot k_h \cdot k_w$ products, and there are
# $c_\text{out} \cdot H \cdot W$ numbers:
#
# $$\text{MACs} = H \cdot W \cdot c_\text{in} \cdot c_\text{out} \cdot k_h \cdot k_w,$$
#
# if padding keeps the image's size. (We leave the biases out: one addition for each of these sums.)
#
# Take 32 filters of 5×5 on 192 channels of 28×28:
# $28 \cdot 28 \cdot 192 \cdot 32 \cdot 25 = 120\,422\,400$. That is 289 LeNets, for one layer.
#
# The idea that saves it looks like a detour. First a 1×1 convolution makes 16 channels of the 192:
# it mixes channels and looks at no neighbours. Then the 5×5 filters look at those 16.
#
# | layer | MACs |
# | --- | --- |
# | 1×1, 192 → 16 | $784 \cdot 192 \cdot 16 \cdot 1 = 2\,408\,448$ |
# | 5×5, 16 → 32 | $784 \cdot 16 \cdot 32 \cdot 25 = 10\,035\,200$ |
# | together | $12\,443\,648$ |
#
# A tenth of the cost. The narrow place in the middle is called a **bottleneck**.
#
# An **Inception block** puts several such branches side by side. Each starts from the *same* input,
# and in the end their answers are stacked, channel upon channel. `inception_cost` adds up what all
# of them cost.

# %%
def inception_cost(c_in, size, branches):
    """Multiply-accumulates of all convolutions in a block of parallel branches, for one image.

    Every convolution has stride 1, and padding that keeps the size of the image, whatever its
    kernel. Biases, activations and pooling are free; pooling keeps the size and the channels, so
    it is left out of branches.

    Arguments:
        c_in: channels of the block's input.
        size: (height, width) of the image, or an int for a square.
        branches: a list of branches. A branch is a list of its convolutions, first to last, and a
            convolution is a pair (c_out, kernel): its number of filters, and its kernel's
            (height, width), or an int for a square.
    Returns:
        int: the number of products.

    Every branch starts from the block's c_in channels. Within a branch, each convolution works on
    the channels that the one before it answers.

    Also graded:
        * The answer is an int, and neither a float nor a tensor.
        * Refused: a c_in below 1; a height or width below 1; a number of filters below 1; a
          kernel's height or width below 1.
    """
    ### BEGIN SOLUTION
    height, width = as_pair(size)
    total = 0
    for branch in branches:
        channels = c_in
        for filters, kernel in branch:
            kh, kw = as_pair(kernel)
            if min(height, width, channels, filters, kh, kw) < 1:
                raise ValueError("sizes and numbers of channels are at least 1")
            total += height * width * channels * filters * kh * kw
            channels = filters
    return total
    ### END SOLUTION


# %%
assert inception_cost(192, 28, [[(32, 5)]]) == 120422400
assert inception_cost(192, 28, [[(16, 1), (32, 5)]]) == 12443648
assert inception_cost(1, (2, 3), [[(1, (1, 2))], [(2, 1), (1, 3)]]) == 12 + 12 + 108

assert refuses(inception_cost, 192, 28, [[(0, 1), (32, 5)]]), "a convolution without filters?"

# %% [markdown]
# This is the first block of GoogLeNet, with and without its bottlenecks. **Predict before you run:**
# where do most of its multiplications go?

# %%
googlenet = {
    "1×1": [(64, 1)],
    "1×1, then 3×3": [(96, 1), (128, 3)],
    "1×1, then 5×5": [(16, 1), (32, 5)],
    "pooling, then 1×1": [(32, 1)],
}
for title, layers in googlenet.items():
    thin, thick = (inception_cost(192, 28, [chosen]) for chosen in (layers, layers[-1:]))
    print(f"{title:18} {thin:>12,}   without a bottleneck {thick:>12,}")
print(f"{'together':18} {inception_cost(192, 28, list(googlenet.values())):>12,}")

# %% [markdown]
# Into the 3×3 branch: 101 million of 128. Whether a bottleneck pays depends on how narrow it is and how large
# the window behind it. For the 3×3 branch it saves little more than two fifths. **Predict before you run:** from which number of
# channels on does a bottleneck before those 32 filters of 5×5 cost *more* than it saves?

# %%
predict("channels from which it costs more", ...)

# %%
straight = inception_cost(192, 28, [[(32, 5)]])
for channels in (8, 16, 64, 128, 154, 155, 192):
    share = inception_cost(192, 28, [[(channels, 1), (32, 5)]]) / straight
    print(f"{channels:4} channels: {share:7.2%} of the straight way")
observe("channels from which it costs more", [
    channels for channels in range(1, 193)
    if inception_cost(192, 28, [[(channels, 1), (32, 5)]]) > straight][:1], within=0.05)

# %% [markdown]
# From 155 on. With $c$ channels in the middle the detour costs $784 \cdot c \cdot (192 + 32 \cdot 25)$,
# and the straight way $784 \cdot 192 \cdot 32 \cdot 25$: they are equal at $c \approx 154.8$.

# %% [markdown]
# ## 5.4 `Inception` (3 points)
#
# Should a layer look at 1×1, 3×3 or 5×5 pixels? GoogLeNet's answer in 2014: do not decide. Look with
# all of them at once, put the answers side by side, and let the next layer take what it needs.
#
# $$\begin{array}{rcl}
# & \nearrow\; 1{\times}1 \text{ to } c_1 & \searrow \\
# X & \rightarrow\; 1{\times}1 \text{ to } c_2[0],\; 3{\times}3 \text{ to } c_2[1] & \rightarrow \\
# & \rightarrow\; 1{\times}1 \text{ to } c_3[0],\; 5{\times}5 \text{ to } c_3[1] & \rightarrow \\
# & \searrow\; \text{maximum over } 3{\times}3,\; 1{\times}1 \text{ to } c_4 & \nearrow
# \end{array} \; Y$$
#
# All four branches keep the height and width of the image, or their answers could not be put side
# by side: padding 1 for 3×3, 2 for 5×5, and the pooling moves by one pixel at a time. They are
# stacked along the *channels*, in this order. The first block of GoogLeNet has
# $c_1 = 64$, $c_2 = (96, 128)$, $c_3 = (16, 32)$ and $c_4 = 32$, and turns 192 channels into
# $64 + 128 + 32 + 32 = 256$.

# %%
class Inception(nn.Module):
    """Four branches side by side over the same images.

    Inception(c_in, c1, c2, c3, c4):
        c_in: channels of the input.
        c1: channels of branch 1: convolution 1×1.
        c2: pair; branch 2: convolution 1×1 to c2[0] channels, then 3×3 (padding 1) to c2[1].
        c3: pair; branch 3: convolution 1×1 to c3[0] channels, then 5×5 (padding 2) to c3[1].
        c4: channels of branch 4: maximum over 3×3 windows (stride 1, padding 1, as nn.MaxPool2d
            pads), then convolution 1×1.

    forward(X): (N, c_in, H, W) → (N, c1 + c2[1] + c3[1] + c4, H, W): the answers of branches 1, 2,
        3 and 4, in this order, along the channels.

    Also graded:
        * A ReLU follows every one of the six convolutions, the first ones of branches 2 and 3 too.
        * Every convolution has a bias, and nothing else has parameters: twelve registered tensors,
          of the shapes that nn.Conv2d gives them. Their names are free.
        * Any height and width.
        * Differentiable: gradients reach X and every parameter.
        * X is unchanged, and so is the next call.
    """

    def __init__(self, c_in, c1, c2, c3, c4):
        super().__init__()
        ### BEGIN SOLUTION
        self.straight = nn.Sequential(nn.Conv2d(c_in, c1, kernel_size=1), nn.ReLU())
        self.middle = nn.Sequential(
            nn.Conv2d(c_in, c2[0], kernel_size=1), nn.ReLU(),
            nn.Conv2d(c2[0], c2[1], kernel_size=3, padding=1), nn.ReLU())
        self.wide = nn.Sequential(
            nn.Conv2d(c_in, c3[0], kernel_size=1), nn.ReLU(),
            nn.Conv2d(c3[0], c3[1], kernel_size=5, padding=2), nn.ReLU())
        self.pooled = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1),
            nn.Conv2d(c_in, c4, kernel_size=1), nn.ReLU())
        ### END SOLUTION

    def forward(self, X):
        ### BEGIN SOLUTION
        branches = (self.straight, self.middle, self.wide, self.pooled)
        return torch.cat([branch(X) for branch in branches], dim=1)
        ### END SOLUTION


# %%
torch.manual_seed(0)
block = Inception(192, 64, (96, 128), (16, 32), 32)
assert sum(parameter.numel() for parameter in block.parameters()) == 163696
assert len(list(block.parameters())) == 12

Y = block(torch.randn(2, 192, 5, 7))
assert Y.shape == (2, 256, 5, 7)
assert (Y >= 0).all() and (Y > 0).any(), "a ReLU ends every branch"

tiny = Inception(3, 1, (2, 3), (2, 4), 5)
with torch.no_grad():
    for parameter in tiny.parameters():
        parameter.fill_(1.0)
ones = tiny(torch.ones(1, 3, 1, 1)).flatten().tolist()
assert ones == [4.0] + [9.0] * 3 + [9.0] * 4 + [4.0] * 5

# %% [markdown]
# In the last example every weight and bias is 1, and the image is a single pixel of three ones.
# Work it out: branch 1 answers $3 + 1 = 4$. Branch 2 answers 4 in both channels of its bottleneck,
# then $2 \cdot 4 + 1 = 9$, since the rest of the 3×3 window lies in the padding. So does branch 3.
# Branch 4 takes the maximum, 1, and answers $3 + 1 = 4$.
#
# **Predict before you run.** Two Inception blocks, one after the other, on images of 28×28. Through
# which of the four branches does a pixel of the answer see furthest, and how many pixels of the
# image does it depend on?

# %%
predict("pixels, along one axis, that it depends on", ...)

# %%
torch.manual_seed(0)
deep = nn.Sequential(Inception(3, 2, (2, 2), (2, 2), 2), Inception(8, 2, (2, 2), (2, 2), 2))
for parameter in deep.parameters():
    parameter.data.abs_()
image = torch.ones(1, 3, 28, 28, requires_grad=True)
deep(image)[..., 14, 14].sum().backward()
touched = image.grad.abs().sum((0, 1)) > 0
print(f"{touched.any(1).sum()}×{touched.any(0).sum()} pixels")
observe("pixels, along one axis, that it depends on", touched.any(1).sum())

# %% [markdown]
# Two 5×5 windows: $5 + (5 - 1) = 9$.
#
# You have come a long way from one window on one image. If you have time left, put an Inception
# block behind the first pooling of a LeNet, look at its trace, and train it on the wandering digits.
# What does it cost, and what does it buy?

# %% [markdown]
# ## 5.5 Look inside: `feature_maps` (bonus 2)
#
# Your LeNet reads digits, and nobody has told it how. What has it found? The first thing to look at is
# what its convolutions answer on the way. Each filter makes a **feature map** (or *activation map*): a
# picture that says where in the image the filter's pattern was.
#
# `shape_trace` wrote down the shapes of what went by. `feature_maps` keeps what went by itself, of the
# convolutions only. Three things are new:
#
# * **Whose is it?** The tensor that a hook is handed belongs to the network, and the next layer may
#   overwrite it: `nn.ReLU(inplace=True)` does. Keep a copy.
# * **In which mode?** In training mode, dropout sets numbers to zero by chance, and batch normalisation
#   uses the batch's own mean and updates its running statistics. Look in evaluation mode, and put the
#   model back afterwards.
# * **No graph.** A map that requires gradients keeps everything alive that it was computed from.
#
# Take this small network without biases, and a single pixel of value 3:
#
# | layer | answers | in the list |
# | --- | --- | --- |
# | `nn.Conv2d(1, 1, 1)`, weight $-1$ | $-3$ | `("0", -3)` |
# | `nn.ReLU(inplace=True)` | 0, and writes it over the $-3$ | |
# | `nn.Conv2d(1, 1, 1)`, weight 2 | 0 | `("2", 0)` |

# %%
def feature_maps(model, X):
    """What each convolution of a model answers when the model is called on X.

    Arguments:
        model: an nn.Module, your LeNet or any other.
        X: a batch that the model accepts.
    Returns:
        List of pairs (name, maps): the name that model.named_modules() has for the convolution, such
        as "features.0", and its answer, a tensor of shape (N, C, H, W).

    Also graded:
        * Every nn.Conv2d that is called, however deeply it is nested, and no other layer.
        * The order is that of the calls. One that is called twice stands there twice, and one that is
          never called does not.
        * The maps are what the convolution itself answered, also where a later layer overwrites it.
        * The model is in evaluation mode meanwhile: dropout drops nothing, and batch normalisation
          uses its running statistics.
        * The model is left as it was: no hook stays behind, it is in training mode if it was before,
          and neither parameters nor statistics have changed.
        * The maps hold no graph: they do not require gradients.
    """
    ### BEGIN SOLUTION
    maps = []

    def keep(name):
        return lambda module, inputs, output: maps.append((name, output.clone()))

    handles = [module.register_forward_hook(keep(name))
               for name, module in model.named_modules() if isinstance(module, nn.Conv2d)]
    was_training = model.training
    try:
        with torch.no_grad():
            model.eval()(X)
    finally:
        model.train(was_training)
        for handle in handles:
            handle.remove()
    return maps
    ### END SOLUTION


# %%
negative = nn.Sequential(nn.Conv2d(1, 1, 1, bias=False), nn.ReLU(inplace=True),
                         nn.Conv2d(1, 1, 1, bias=False))
with torch.no_grad():
    negative[0].weight.fill_(-1)
    negative[2].weight.fill_(2)
(first, before), (second, after) = feature_maps(negative, torch.full((1, 1, 1, 1), 3.0))
assert (first, before.item(), second, after.item()) == ("0", -3, "2", 0)
assert not before.requires_grad and negative.training
assert len(feature_maps(negative, torch.zeros(1, 1, 1, 1))) == 2, "a hook stayed behind"

maps = feature_maps(trained["LeNet"], test_images[:2])
assert [tuple(found.shape) for _, found in maps[:2]] == [(2, 6, 28, 28), (2, 16, 10, 10)]

# %% [markdown]
# ### What its filters look like
#
# The first convolution has six filters of 5×5 weights, which can be drawn. Grey is 0, brighter is
# positive, darker is negative, and all six have one scale.
#
# **Predict before you run.** In 1.4 you designed filters for edges by hand. Will these look like yours?

# %%
def show_rows(rows, title, signed=False):
    """Draw rows of small images on one scale of greys: black is 0, white the greatest value. Signed,
    grey is 0, and black and white are equally far from it."""
    across = max(len(row) for row in rows)
    figure, axes = plt.subplots(len(rows), across, squeeze=False, layout="constrained",
                                figsize=(1 + 1.1 * across, 0.5 + 1.2 * len(rows)))
    white = max(float(picture.abs().max()) for row in rows for picture in row) or 1.0
    for line, row in zip(axes, rows, strict=True):
        for axis, picture in zip(line, row, strict=True):
            drawn = axis.imshow(picture, cmap="gray", vmin=-white if signed else 0, vmax=white)
            axis.set(xticks=[], yticks=[])
    figure.colorbar(drawn, ax=axes)
    figure.suptitle(title)
    plt.show()


network = trained["LeNet"]
filters = next(layer for layer in network.modules() if isinstance(layer, nn.Conv2d)).weight
show_rows([list(filters.detach()[:, 0])], "filters of the first convolution", signed=True)

# %% [markdown]
# Partly. One or two have a bright side and a dark one, and so answer where brightness changes across
# them; others are bars, or blots. Nothing asked for edges: a filter is whatever helped the layers behind
# it. Networks that are trained long on photographs do find clean edges, stripes and colours there
# (Krizhevsky et al., 2012).
#
# ### What they answer, by depth
#
# A seven goes through the network. **Predict before you run:** the second convolution has 16 maps. In how
# many of them will you still recognise the seven? In how many is there nothing at all?

# %%
seven = test_images[test_labels == 7][:1]
show([seven[0, 0]], ["the image"])
for name, maps in feature_maps(network, seven)[:2]:
    bright = maps[0].relu()
    show_rows([list(bright[row:row + 8]) for row in range(0, len(bright), 8)],
              f"{name}: {len(bright)} maps of {bright.shape[1]}×{bright.shape[2]}, behind a ReLU")

# %% [markdown]
# The first maps are drawings of the seven, each with other strokes in bright. In the second ones nobody
# would recognise it: they have a few bright numbers, which say that something was *about here*. Depth
# trades *where* for *what*.
#
# And many of the second maps are black: in our network seven of the 16 were, and not for this seven alone, but
# for all 360 digits. (With three other first weights it was 6, 3 and 9.) Their ReLU cuts off every answer, so
# no gradient comes back, and training cannot wake them. They are called **dead** units.

# %% [markdown]
# ### What does a map wait for?
#
# A map of the second convolution is one filter, asked at 10×10 places. Ask it on all 360 unseen digits, and
# cut out the patches where it answered most. How large is such a patch? As large as the filter's
# **receptive field**: for 5×5, pooling 2×2, 5×5 your function of 2.5 says it,
# `receptive_field([(5, 1), (2, 2), (5, 1)])`, and by hand it is $1 + 4 = 5$, $5 + 1 = 6$,
# $6 + 4 \cdot 2 = 14$. Two neighbours are 2 pixels apart, and the padding of 2 lets the first one start two
# pixels outside the image.
#
# **Predict before you run.** One row is one map. What will the patches of a row have in common: the digit,
# a stroke, or the place in the image?

# %%
FIELD, STEP, OUTSIDE = 14, 2, 2  # pixels: of one number, between two numbers, of the padding
pixels = torch.zeros(1, 1, 28, 28, requires_grad=True)
convolutions = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)][:2]
deep = convolutions[1](F.max_pool2d(convolutions[0](pixels + torch.rand(1, 1, 28, 28)), 2))
touched = torch.autograd.grad(deep[0, :, 4, 4].sum(), pixels)[0][0, 0].nonzero()
assert touched.min(0).values.tolist() >= [4 * STEP - OUTSIDE] * 2, "the field starts elsewhere"
assert touched.max(0).values.tolist() <= [4 * STEP - OUTSIDE + FIELD - 1] * 2, "it is larger"

maps = feature_maps(network, test_images)[1][1]
framed = F.pad(test_images[:, 0], (OUTSIDE,) * 4)


def patches(channel, count=8):
    """What the map of a channel saw in the images where its largest answer is largest."""
    found = []
    for image in maps[:, channel].amax((1, 2)).topk(count).indices.tolist():
        row, column = divmod(maps[image, channel].argmax().item(), maps.shape[-1])
        top, left = STEP * row, STEP * column
        found.append(framed[image, top:top + FIELD, left:left + FIELD])
    return found


strongest = maps.amax((0, 2, 3)).topk(6).indices.tolist()
show_rows([patches(channel) for channel in strongest], f"what excites maps {strongest} most")

# %% [markdown]
# A form. In some rows it is one digit, again and again. In others it is a part that several digits share:
# an upright bar, an arc that is open to the left, a corner. The place in the image plays no part: a patch
# is cut out wherever it was, and they are alike all the same. (Zeiler and Fergus looked at a large network
# in this way in 2013, and found textures, wheels and faces as they went deeper.)
#
# ### What does the answer hang on?
#
# You can ask the other way round. Cover a part of the image, and see what becomes of the probability of the
# right digit. Do that for all places of a black square of 6×6, two pixels apart, and you have an
# **occlusion map**: dark is where the network cannot do without.
#
# **Predict before you run.** Will the whole digit be dark in the map? And what is around it?

# %%
def occlusion_map(model, image, label, side=6, step=2):
    """Probability of the label with a black square at each place of an image (1, 28, 28)."""
    corners = range(0, 28 - side + 1, step)
    covered = image.repeat(len(corners) ** 2, 1, 1, 1)
    for number, (top, left) in enumerate((top, left) for top in corners for left in corners):
        covered[number, :, top:top + side, left:left + side] = 0
    with torch.no_grad():
        return model(covered).softmax(1)[:, label].reshape(len(corners), -1)


with torch.no_grad():
    sure = network.eval()(test_images).softmax(1).gather(1, test_labels[:, None])[:, 0]
chosen = [torch.where(test_labels == digit, sure, -1).argmax().item() for digit in (0, 3, 6, 9)]
show_rows([[test_images[image, 0] for image in chosen],
           [occlusion_map(network, test_images[image], test_labels[image]) for image in chosen]],
          "digits, and below each its map")
print("uncovered:", ", ".join(f"{test_labels[image]} p = {sure[image]:.2f}" for image in chosen))

# %% [markdown]
# Not the whole digit: some strokes can go, and others cannot. Our network let the top of the 6 go and not
# its lower left, and of the 0 it wants the left side. Where there is nothing to cover, the map is as bright
# as the probability was. That is a good sign: a network that had learned something else, such as a mark in
# a corner of every 7, would be dark there. Occlusion maps have found such cheats.
#
# Be careful all the same. A black square is an image, too, one that the network has never seen, and what is
# dark depends on its size: try `side=4` and `side=10`.

# %% [markdown]
# ### Little data, and what pooling is worth
#
# You have seen 4 311 canvases in training. Now take 200, and go through them 40 times. Four networks do so:
#
# * your LeNet;
# * LeNet without pooling, whose convolutions have stride 2 instead. The shapes are the same, and so are the
#   61 706 parameters;
# * a network that pools *globally*: after its last convolution only the mean of each map is left (4.4), and
#   10 logits are made of 32 means. It has 14 566 parameters;
# * the same with the maximum of each map.
#
# **Predict before you run.** Which of them will read the 200 digits that it has seen without a mistake? Which
# reads unseen ones best? (The cell trains four times, 640 steps in all, about twice as many as the training of
# your LeNet above.)

# %%
def with_strides():
    """LeNet, where a stride of 2 stands for pooling."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, stride=2, padding=2), nn.ReLU(), nn.Conv2d(6, 16, 5, stride=2), nn.ReLU(),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10))


def pooled_globally(pooling):
    """Three convolutions; of each map behind them one number is left."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 32, 5), nn.ReLU(),
        nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(), pooling(1), nn.Flatten(), nn.Linear(32, 10))


few_images, few_labels = train_images[:200], train_labels[:200]
for name, make in {
    "LeNet": LeNet, "strides for pooling": with_strides,
    "global average": lambda: pooled_globally(nn.AdaptiveAvgPool2d),
    "global maximum": lambda: pooled_globally(nn.AdaptiveMaxPool2d),
}.items():
    torch.manual_seed(0)
    reader = make()
    *_, last = train(reader, few_images, few_labels, epochs=40, lr=4e-3)
    print(f"{name:20} last loss {last:5.3f}   seen {accuracy(reader, few_images, few_labels):6.1%}"
          f"   unseen {accuracy(reader, test_images, test_labels):6.1%}")

# %% [markdown]
# One run is no proof, so here are five, with other first weights:
#
# | network | seen | unseen |
# | --- | --- | --- |
# | LeNet | 95 to 100 % | 32 to 41 % |
# | strides for pooling | 99 to 100 % | 19 to 28 % |
# | global average | 33 to 63 % | 31 to 55 % |
# | global maximum | 99 to 100 % | 84 to 89 % |
#
# The first two have **overfitted**: they know the 200 by heart, and read few others. 61 706 parameters are
# enough to remember 200 pictures, and to remember is what lowers the loss. Most of these parameters belong to
# places of the canvas, and 200 canvases do not show each digit at each place. Without pooling it is worse.
# A convolution of stride 2 takes every second window and skips those between, so that a shift by one pixel
# changes everything behind it; a maximum at least looks at all of them.
#
# The global maximum forgets *where*, and digits that wander are a task in which *where* means nothing. What it
# learns of one digit at one place it knows at all places. The global average forgets it, too, but one
# place in a hundred that says something is lost in a mean. It has not overfitted, for it reads unseen
# digits nearly as well as seen ones. It has not learned enough yet, which is called **underfitting**: 160
# steps are too few for it. So look at both numbers: a gap between seen and unseen asks for more data, or fewer ways to
# remember; two low numbers ask for more training, or a better network.
#
# And more data? With all 4 311 canvases, and five epochs as above, four runs gave LeNet 76 to 86 % of the unseen
# digits, the strides 68 to 81 %, the global average 73 to 87 %, and the global maximum 94 to 97 %. More data is
# the best remedy: LeNet's gap is 4 to 7 points now. And the global average has caught up with it, with a
# quarter of the parameters. What you know of a task and build into the network, it need not learn from data.

# %% [markdown]
# ## Where this comes from, and where to read on
#
# * LeNet-5: LeCun, Bottou, Bengio and Haffner,
#   [Gradient-based learning applied to document recognition](https://doi.org/10.1109/5.726791), 1998.
# * Adam: Kingma and Ba, [Adam: A Method for Stochastic Optimization](https://arxiv.org/abs/1412.6980),
#   2014. First weights: Glorot and Bengio,
#   [Understanding the difficulty of training deep feedforward neural networks](https://proceedings.mlr.press/v9/glorot10a.html),
#   2010.
# * GoogLeNet and Inception: Szegedy et al., [Going Deeper with Convolutions](https://arxiv.org/abs/1409.4842),
#   2014. The bottleneck's 1×1 kernels: [Network in Network](https://arxiv.org/abs/1312.4400), 2013.
# * Looking inside: Zeiler and Fergus,
#   [Visualizing and Understanding Convolutional Networks](https://arxiv.org/abs/1311.2901), 2013. First
#   filters of photographs: Krizhevsky, Sutskever and Hinton,
#   [ImageNet Classification with Deep Convolutional Neural Networks](https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks),
#   2012. Strides for pooling: Springenberg et al.,
#   [Striving for Simplicity](https://arxiv.org/abs/1412.6806), 2014.
# * The digits: [Optical Recognition of Handwritten Digits](https://doi.org/10.24432/C50P49), UCI.
# * Next: assignment 6 asks what happens inside a convolution and its gradient.
#
# ## What to hand in
#
# 1. Choose **Restart and run all**. A cell that worked an hour ago may depend on a variable that no
#    longer exists; this finds out.
# 2. See that every example cell runs without an error. A question that you have not solved may
#    stay as it is: it costs its own points and no others. (**Run all stops at the first question that
#    is not solved**; run the cells below it by hand.)
# 3. Save, and hand in this one file, `lenet.ipynb`, under that name. Nothing else is needed.
#
# You may add cells and helper functions of your own.
