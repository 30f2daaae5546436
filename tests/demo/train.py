#!/usr/bin/env python3
"""Trains a small neural network on handwritten digits, the way a real training job behaves.

It prints epochs on stdout, draws a progress bar with \\r and logs through Python's logging on stderr,
keeps a checkpoint, and on SIGTERM saves one, tells how far it came, and exits with 143 so that whoever
schedules it knows that it is not done. Started again it goes on from the checkpoint.
Needs numpy only. The digits are the 1,797 images of 8 x 8 pixels from the UCI repository.
"""
import argparse
import gzip
import logging
import os
import signal
import sys

import numpy as np

HIDDEN = (256, 128)
BATCH = 32
STOPPED = 128 + signal.SIGTERM


def load_digits(path):
    """Images scaled to 0..1 and labels, the last fifth held out."""
    with gzip.open(path, "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype=np.float32)
    images, labels = table[:, :-1] / 16, table[:, -1].astype(int)
    cut = len(images) * 4 // 5
    return (images[:cut], labels[:cut]), (images[cut:], labels[cut:])


def new_model(random):
    sizes = (64, *HIDDEN, 10)
    model = {}
    for i, (rows, columns) in enumerate(zip(sizes, sizes[1:])):
        model[f"w{i}"] = random.normal(0, np.sqrt(2 / rows), (rows, columns)).astype(np.float32)
        model[f"b{i}"] = np.zeros(columns, np.float32)
    return model


def forward(model, images):
    """The activations of every layer; the last are the probabilities of the ten digits."""
    layers = [images]
    for i in range(len(HIDDEN)):
        layers.append(np.maximum(layers[-1] @ model[f"w{i}"] + model[f"b{i}"], 0))
    scores = layers[-1] @ model[f"w{len(HIDDEN)}"] + model[f"b{len(HIDDEN)}"]
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return layers + [scores / scores.sum(axis=1, keepdims=True)]


def step(state, images, labels):
    """One step of gradient descent with momentum. Returns the loss before it."""
    layers = forward(state, images)
    rows = np.arange(len(labels))
    loss = -np.log(layers[-1][rows, labels] + 1e-9).mean()
    error = layers[-1].copy()
    error[rows, labels] -= 1
    error /= len(labels)
    for i in reversed(range(len(HIDDEN) + 1)):
        slopes = {f"w{i}": layers[i].T @ error, f"b{i}": error.sum(axis=0)}
        error = (error @ state[f"w{i}"].T) * (layers[i] > 0)
        for name, slope in slopes.items():
            state["v" + name] = 0.9 * state["v" + name] - np.float32(state["rate"]) * slope
            state[name] += state["v" + name]
    return loss


def shifted(images, random):
    """The images moved by up to a pixel: a digit stays itself, and the network sees more of them."""
    squares = images.reshape(-1, 8, 8)
    return np.roll(squares, random.integers(-1, 2, 2), axis=(1, 2)).reshape(-1, 64)


def accuracy(model, images, labels):
    return (forward(model, images)[-1].argmax(axis=1) == labels).mean()


def save(path, state):
    """Whole or not at all, even when we are killed in the middle."""
    with open(path + ".part", "wb") as file:
        np.savez(file, **state)
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".part", path)


def load(path):
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def new_state(random):
    """All that training goes on from: the weights, their momentum, how far it came."""
    model = new_model(random)
    return model | {"v" + name: np.zeros_like(value) for name, value in model.items()} | {
        "epoch": 0, "rate": 0.05, "best": np.inf}


def show_progress(epoch, done, total):
    filled = 20 * done // total
    bar = "#" * filled + "." * (20 - filled)
    sys.stderr.write(f"\repoch {epoch:2} [{bar}] {done}/{total}")
    sys.stderr.flush()


def train_epoch(state, data, epoch, stop_requested):
    """The mean loss, or None when it was asked to stop in between."""
    images, labels = data
    random = np.random.default_rng(epoch)
    order = random.permutation(len(images))
    losses = []
    for start in range(0, len(order), BATCH):
        if stop_requested:
            sys.stderr.write("\n")
            return None
        pick = order[start:start + BATCH]
        losses.append(step(state, shifted(images[pick], random), labels[pick]))
        show_progress(epoch, min(start + BATCH, len(order)), len(order))
    sys.stderr.write("\n")
    return np.mean(losses)


def arguments():
    parser = argparse.ArgumentParser(description="Train a digit classifier.")
    parser.add_argument("--data", required=True)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--epochs", type=int, default=40)
    return parser.parse_args()


def main():
    options = arguments()
    logging.basicConfig(format="%(levelname)s:%(name)s:%(message)s", level=logging.INFO)
    log = logging.getLogger("train")
    stop_requested = []
    signal.signal(signal.SIGTERM, lambda number, frame: stop_requested.append(number))

    training, held_out = load_digits(options.data)
    print(f"pid {os.getpid()}, {len(training[0])} digits to learn from, {len(held_out[0])} held out", flush=True)
    if os.path.exists(options.checkpoint):
        state = load(options.checkpoint)
        log.info("resumed from %s after epoch %d", options.checkpoint, state["epoch"])
    else:
        state = new_state(np.random.default_rng(0))
        log.warning("no checkpoint at %s: starting from the beginning", options.checkpoint)

    for epoch in range(int(state["epoch"]) + 1, options.epochs + 1):
        before = {name: np.copy(value) for name, value in state.items()}
        loss = train_epoch(state, training, epoch, stop_requested)
        if loss is None:
            save(options.checkpoint, before)
            log.warning("SIGTERM: checkpoint saved after epoch %d of %d", epoch - 1, options.epochs)
            return STOPPED
        if loss > 1.1 * state["best"]:
            state["rate"] = 0.7 * state["rate"]
            log.warning("loss rose from %.4f to %.4f: learning rate is now %.4f", state["best"], loss, state["rate"])
        state["best"] = min(state["best"], loss)
        state["epoch"] = epoch
        print(f"epoch {epoch:2}/{options.epochs}  loss {loss:.4f}  accuracy {accuracy(state, *held_out):.3f}",
              flush=True)
    save(options.checkpoint, state)
    print(f"done: {accuracy(state, *held_out):.1%} of the held-out digits are right", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
