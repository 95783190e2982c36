"""Examples of ``numpy.fft``: even and odd lengths, cut and filled up, real and complex."""

from __future__ import annotations

from typing import Any

import numpy as np

X = np.array([
    [0.3, -1.2, 0.7, 2.1, 0.4],
    [1.0, 0.2, -0.6, 0.1, 1.7],
    [0.5, 0.5, -1.1, 0.9, 0.2],
    [0.7, -0.3, 0.8, 1.2, -0.9],
])
Z = X + 1j * np.cos(X)

ROWS: list[tuple[Any, ...]] = [
    *((f, X) for f in (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.ihfft)),
    *((f, Z) for f in (np.fft.fft, np.fft.ifft, np.fft.irfft, np.fft.hfft)),
    *((f, X, n) for f in (np.fft.fft, np.fft.rfft, np.fft.ihfft) for n in (4, 7)),
    *((f, Z, n) for f in (np.fft.ifft, np.fft.irfft, np.fft.hfft) for n in (4, 7)),
    *((f, X, {"axis": 0, "norm": "ortho"}) for f in (np.fft.fft, np.fft.rfft)),
    *((f, X) for f in (np.fft.fft2, np.fft.rfft2, np.fft.fftn, np.fft.rfftn)),
    *((f, Z) for f in (np.fft.fft2, np.fft.ifft2, np.fft.irfft2, np.fft.fftn, np.fft.ifftn, np.fft.irfftn)),
    *((f, Z, (3, 6), (0, 1), "forward") for f in (np.fft.fftn, np.fft.ifftn, np.fft.irfftn)),
    *((f, X) for f in (np.fft.fftshift, np.fft.ifftshift)),
    (np.fft.fftshift, Z, 1),
]
