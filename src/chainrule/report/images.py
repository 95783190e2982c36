"""Pictures of numbers: digits and weights as PNG data inside the page, written with zlib alone."""

from __future__ import annotations

import zlib
from base64 import b64encode
from struct import pack

import numpy as np

from chainrule.network import Network
from chainrule.report.markup import Html, cut, element, joined, name

MOST_WRONG, MOST_NEURONS = 20, 128
NEGATIVE, POSITIVE = (0, 114, 178), (213, 94, 0)  # blue and vermilion of Okabe and Ito: told apart by every eye
SATURATED = 99.5  # percentile of |w| from which colours no longer deepen: a few large weights would pale the rest

# Palettes of red, green, blue and opacity: what is neutral lets the page through, in daylight and at night.
INK = np.column_stack([np.zeros((256, 3)), np.arange(256)]).astype(np.uint8)
SHADES = 63  # odd, so that 0 has its own; more of them would only make the page longer
_SHARE = np.linspace(-1, 1, SHADES)
DIVERGING = np.column_stack(
    [np.where(_SHARE[:, None] < 0, NEGATIVE, POSITIVE), np.rint(255 * np.abs(_SHARE))]
).astype(np.uint8)  # fmt: skip


def png(pixels: np.ndarray, palette: np.ndarray) -> bytes:
    """A PNG file with a palette (PNG specification, third edition: colour type 3).

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width)
        Numbers of rows of the palette.
    palette : ndarray of uint8, shape (up to 256, 4)
        Red, green, blue, opacity.

    Returns
    -------
    bytes
    """
    height, width = pixels.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), pixels.astype(np.uint8)], axis=1)  # 0: no filter
    parts = (
        (b"IHDR", pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)), (b"PLTE", palette[:, :3].tobytes()),
        (b"tRNS", palette[:, 3].tobytes()), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""),
    )  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def data_url(pixels: np.ndarray, palette: np.ndarray) -> str:
    """The picture as an address that holds all of it."""
    return "data:image/png;base64," + b64encode(png(pixels, palette)).decode()


def levels(values: np.ndarray, low: float, high: float, n: int) -> np.ndarray:
    """Numbers from low to high as 0 to n - 1; what lies beyond is at the ends.

    >>> levels(np.array([-2.0, 0.0, 0.5, 1.0]), -1, 1, 255).tolist()
    [0, 127, 190, 254]
    """
    share = (np.nan_to_num(values.astype(np.float64)) - low) / (high - low)
    return np.floor(np.clip(share, 0, 1) * (n - 1) + 0.5 - 1e-9).astype(np.uint8)


# ------------------------------------------------------------------------------------------------- the most wrong


def most_wrong(
    outputs: np.ndarray, y: np.ndarray, x: np.ndarray, shape: tuple[int, int], labels: tuple[str, ...], *, sums: bool
) -> Html:
    """The images that the network was most wrong about: sure of one class, and they are of another.

    ``sums`` says whether outputs sum to 1, so that they may be called percentages.
    """
    said, rows = outputs.argmax(axis=1), np.arange(len(y))
    wrong = np.flatnonzero(said != y)
    if not len(wrong):
        return element("p", f"None: all {len(y):,} test images are right.", class_="empty")
    margin = outputs[rows, said] - outputs[rows, y]
    chosen = wrong[np.argsort(-margin[wrong], kind="stable")[:MOST_WRONG]]
    low, high = float(np.min(x)), float(np.max(x))
    figures = []
    for i in chosen:
        sure = f"{100 * outputs[i, said[i]]:.1f} % sure" if sums else f"output {outputs[i, said[i]]:.3f}"
        words = element("span", "said ", element("b", name(labels[said[i]])), ", is ", element("b", name(labels[y[i]])))
        alt = f"test image {i}: said {cut(labels[said[i]])}, is {cut(labels[y[i]])}"
        source = data_url(levels(x[i].reshape(shape), low, high or 1.0, 256), INK)
        picture = element("img", src=source, alt=alt, title=f"test image {i:,}, counted from 0", class_="ink")
        figures.append(element("figure", picture, element("figcaption", words, element("span", sure))))
    what = "the softmax output" if sums else "the output"
    note = (
        f"Of {len(wrong):,} wrong ones, the {len(chosen)} with the widest margin between what was said and what is true; "
    )
    note += f"with each, {what} of the class said."
    return joined([element("p", note, class_="note"), element("div", figures, class_="tiles digits")])


# ---------------------------------------------------------------------------------------------------- weights


def first_weights(network: Network, shape: tuple[int, int]) -> Html:
    """Each neuron of layer 2 as the image of its weights, all on one scale."""
    w = network.weights[0]
    length = np.linalg.norm(w, axis=1)
    shown = np.sort(np.argsort(-length, kind="stable")[:MOST_NEURONS])
    bound = float(np.percentile(np.abs(w), SATURATED)) or 1.0
    figures = []
    for j in shown:
        picture = data_url(levels(w[j].reshape(shape), -bound, bound, SHADES), DIVERGING)
        words = f"neuron {j + 1}"
        title = f"{words}: length of its weights {length[j]:.3g}"
        image = element("img", src=picture, alt=f"weights into {words} of layer 2", title=title)
        figures.append(element("figure", image, element("figcaption", str(j + 1))))
    chosen = "all" if len(shown) == len(w) else f"the {len(shown)} with the longest weights of"
    note = (
        f"One image a neuron of layer 2, numbered from 1 ({chosen} {len(w):,}); each pixel is the weight from that input."
    )
    return joined([element("p", note, class_="note"), _scale(bound), element("div", figures, class_="tiles weights")])


def _scale(bound: float) -> Html:
    """The colours of weights, with their numbers."""
    bar = data_url(np.arange(SHADES, dtype=np.uint8)[None], DIVERGING)
    parts = (
        element("span", f"≤ −{bound:.3g}"), element("img", src=bar, alt="from blue over nothing to orange"),
        element("span", f"≥ +{bound:.3g}"),
    )  # fmt: skip
    words = element("span", f"0 is neutral; {100 - SATURATED:g} % of all weights lie beyond the ends.", class_="words")
    return element("div", *parts, words, class_="scale")
