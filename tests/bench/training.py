"""Who passes the gate of lenet's ``train`` question: right and wrong trainings of the suite's
network on the suite's wandering digits, and right trainings of other networks.

Every seed draws other digits, places, weights and orders, as another course secret would. The
gate alone is measured here; the suite's other checks stop many of the wrong trainings that learn
well enough to pass it.

    python tests/bench/training.py --seeds 20
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import torch
from torch import nn

from autograder import course
from autograder.judge import staff
from autograder.judge.expect import Draw

REPOSITORY = Path(__file__).resolve().parents[2]
SEEDS = 20

Train = Callable[..., Any]
Make = Callable[[], nn.Module]

# Mistakes which the gate has to stop.
HARMFUL = (
    "softmax-before-the-loss", "logits-in-nll-loss", "gradients-not-zeroed",
    "optimizer-never-steps", "one-step-an-epoch", "everything-in-one-batch", "first-batch-only",
    "copy-trained", "gradient-descent-instead-of-adam", "labels-not-shuffled-along",
    "squared-error", "images-divided-by-255",
)
# Mistakes which learning survives: other checks stop them. What is not named in either list trains
# rightly, and goes wrong in what it reports or in what it does beside it.
HARMLESS = (
    "weights-made-anew", "optimizer-made-every-epoch", "learning-rate-ignored", "epochs-ignored",
    "not-shuffled", "shuffled-once", "drawn-with-replacement", "last-batch-dropped",
    "batches-of-32",
)


def with_optimizer(make: Callable[..., torch.optim.Optimizer]) -> Train:
    """A training that is right but for its optimizer."""

    def train(model: nn.Module, images: Any, labels: Any, epochs: int, lr: float) -> None:
        optimizer = make(model.parameters())
        for _ in range(epochs):
            for batch in torch.randperm(len(images)).split(64):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
                optimizer.step()

    return train


# The docstring asks for Adam with its defaults, and other checks hold students to it.
OTHER_OPTIMIZERS: dict[str, Train] = {
    "AdamW, its weight decay of 0.01": with_optimizer(
        lambda weights: torch.optim.AdamW(weights, lr=3e-3)),
    "RMSprop": with_optimizer(lambda weights: torch.optim.RMSprop(weights, lr=3e-3)),
    "SGD, momentum 0.9, lr 1e-5": with_optimizer(
        lambda weights: torch.optim.SGD(weights, lr=1e-5, momentum=0.9)),
}


def lenet(bend: Make, pool: Callable[[int], nn.Module], *end: nn.Module) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), bend(), pool(2), nn.Conv2d(6, 16, 5), bend(), pool(2),
        nn.Flatten(), nn.Linear(400, 120), bend(), nn.Linear(120, 84), bend(), nn.Linear(84, 10),
        *end)


# The network that students train is ours: no student loses anything by these.
NETWORKS: dict[str, Make] = {
    "LeNet, ReLU, maximum": lambda: lenet(nn.ReLU, nn.MaxPool2d),
    "LeNet, ReLU, average": lambda: lenet(nn.ReLU, nn.AvgPool2d),
    "LeNet, tanh, maximum": lambda: lenet(nn.Tanh, nn.MaxPool2d),
    "LeNet, tanh, average": lambda: lenet(nn.Tanh, nn.AvgPool2d),
    "LeNet, sigmoid, average": lambda: lenet(nn.Sigmoid, nn.AvgPool2d),
    "LeNet, ReLU, softmax at the end": lambda: lenet(nn.ReLU, nn.MaxPool2d, nn.Softmax(1)),
    "LeNet, no activation, average": lambda: lenet(nn.Identity, nn.AvgPool2d),
    "LeNet, no activation, maximum": lambda: lenet(nn.Identity, nn.MaxPool2d),
    "one hidden layer of 80": lambda: nn.Sequential(
        nn.Flatten(), nn.Linear(784, 80), nn.ReLU(), nn.Linear(80, 10)),
    "one dense layer": lambda: nn.Sequential(nn.Flatten(), nn.Linear(784, 10)),
}


def the_suite() -> ModuleType:
    path = REPOSITORY / "tests" / "hidden" / "lenet" / "test_train.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def accuracy(suite: ModuleType, make: Make, train: Train, seed: int) -> float:
    """The share of unseen digits that are read after training."""
    draw = Draw(SimpleNamespace(seed=lambda purpose: seed))  # type: ignore[arg-type]
    images, labels = suite.wandering_digits(draw)
    torch.manual_seed(seed)
    model = make()
    train(model, images[:suite.SEEN], labels[:suite.SEEN], suite.EPOCHS, suite.LR)
    with torch.no_grad():
        right = model(images[suite.SEEN:]).argmax(1) == labels[suite.SEEN:]
    return float(right.double().mean())


def measure(suite: ModuleType, name: str, make: Make, train: Train, seeds: int) -> int:
    """Print one line; how many seeds reach the gate."""
    started = time.process_time()
    found = [accuracy(suite, make, train, seed) for seed in range(seeds)]
    cpu = (time.process_time() - started) / seeds
    passed = sum(bool(value >= suite.GATE) for value in found)
    print(f"  {name:34} {passed:3}/{seeds} pass   {min(found):.3f} {statistics.median(found):.3f} "
          f"{max(found):.3f}   {cpu:5.2f} s", flush=True)
    return passed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds: int = parser.parse_args().seeds
    torch.set_num_threads(1)
    suite = the_suite()
    people = staff.load(course.load(REPOSITORY / "grader.toml"), "lenet")
    right = {"reference": people.reference.train} | {
        variant.id: variant.implementation
        for variant in people.alternatives if variant.name == "train"}
    wrong = {variant.id: variant.implementation
             for variant in people.misconceptions if variant.name == "train"}
    print(f"{suite.SEEN} images, {suite.EPOCHS} epochs, lr {suite.LR:g}; the gate is "
          f"{suite.GATE:.2f} of {suite.UNSEEN}. Accuracy: lowest, median, highest; CPU of one.")

    def group(title: str, trainings: dict[str, Train]) -> tuple[int, int]:
        print(title)
        passed = sum(measure(suite, name, suite.suite_digit_reader, train, seeds)
                     for name, train in trainings.items())
        return passed, seeds * len(trainings)

    passed, all_right = group("right trainings", right)
    slipped, all_harmful = group("trainings that cannot work", {id: wrong[id] for id in HARMFUL})
    group("wrong in what learning survives", {id: wrong[id] for id in HARMLESS})
    group("other optimizers than the one asked for", OTHER_OPTIMIZERS)
    print("other networks, trained rightly, for comparison: the gate is not for them")
    for name, make in NETWORKS.items():
        measure(suite, name, make, people.reference.train, seeds)
    print(f"false fails {all_right - passed} of {all_right}; "
          f"false passes {slipped} of {all_harmful}")


if __name__ == "__main__":
    main()
