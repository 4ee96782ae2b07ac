"""One screenshot: RGB pixels in RAM, where they lie on the desktop, and a digest.

A screenshot owns its pixels and nothing here writes a file unless a person names one (`save`).
`wipe` overwrites the pixels in place. What it cannot reach: copies that other code made
(`crop`, `resized`, `annotate`, ``numpy`` operations), and copies that the interpreter, the
kernel or the graphics server hold. So wiped means discarded here, not erased everywhere.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from qvl_agent import decoding
from qvl_agent.decoding import MAX_BYTES, MAX_PIXELS, MIN_SIDE
from qvl_agent.errors import ImageError, InputError, UsageError
from qvl_agent.geometry import Box, LogicalBox, LogicalPoint, Size, Viewport

if TYPE_CHECKING:
    from qvl_agent.overlay import Annotation

__all__ = ["MAX_BYTES", "MAX_PIXELS", "MIN_SIDE", "Pixels", "Screenshot"]

Pixels = npt.NDArray[np.uint8]
"""RGB, uint8, shape (height, width, 3)."""

NOTEBOOK_WIDTH = 1200
_WHOLE_DESKTOP = Viewport(LogicalPoint(0.0, 0.0))
_SAVED_AS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


class Screenshot:
    """RGB pixels in RAM with their place on the desktop.

    Make one with `from_array`, `from_bytes`, `from_file` or ``qvl_agent.capture()``. As a
    context manager it wipes its pixels on the way out.
    """

    def __init__(
        self, pixels: Pixels, *, viewport: Viewport | None = None, captured_at: float | None = None
    ) -> None:
        """Takes over ``pixels`` without copying; use `from_array` unless the array is yours."""
        self._pixels: Pixels | None = pixels
        self._size = Size(pixels.shape[1], pixels.shape[0])
        self._viewport = viewport or _WHOLE_DESKTOP
        self._captured_at = captured_at
        self._digest: str | None = None

    @classmethod
    def from_array(
        cls,
        rgb: Pixels,
        *,
        viewport: Viewport | None = None,
        captured_at: float | None = None,
    ) -> Self:
        """A screenshot of a copy of ``rgb``: uint8, shape (height, width, 3), red first.

        Raises:
            ImageError: another type or shape, or no pixels at all.
        """
        return cls(_checked(rgb).copy(order="C"), viewport=viewport, captured_at=captured_at)

    @classmethod
    def from_bytes(cls, data: bytes, *, max_pixels: int = MAX_PIXELS) -> Self:
        """A screenshot from the bytes of a PNG, JPEG or WebP; see `qvl_agent.decoding.decode`.

        Raises:
            ImageError: another format, broken, too small (`MIN_SIDE`) or too large.
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise ImageError(
                f"a picture's bytes are needed, not {type(data).__name__}",
                hint="use Screenshot.from_file for a path, from_array for pixels",
            )
        return cls(decoding.decode(bytes(data), max_pixels=max_pixels))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], *, max_pixels: int = MAX_PIXELS) -> Self:
        """A screenshot from a PNG, JPEG or WebP file.

        Raises:
            ImageError: as `from_bytes`, naming the file; or the file cannot be read.
        """
        try:
            return cls.from_bytes(_read_picture(path), max_pixels=max_pixels)
        except ImageError as error:
            raise ImageError(f"{os.fspath(path)}: {error.message}", hint=error.hint) from error

    @property
    def rgb(self) -> Pixels:
        """The pixels, read-only; a later `wipe` blackens this view too.

        Raises:
            UsageError: the screenshot was wiped.
        """
        view = self._require_pixels().view()
        view.flags.writeable = False
        return view

    @property
    def size(self) -> Size:
        return self._size

    @property
    def width(self) -> int:
        """In pixels."""
        return self._size.width

    @property
    def height(self) -> int:
        """In pixels."""
        return self._size.height

    @property
    def viewport(self) -> Viewport:
        """Where the picture lies on the desktop; (0, 0) and scale 1 for a file."""
        return self._viewport

    @property
    def origin(self) -> LogicalPoint:
        """The top left corner, in the desktop's logical coordinates."""
        return self._viewport.origin

    @property
    def scale(self) -> float:
        """Pixels per logical unit along x; ``viewport.scale_y`` can differ after a resize."""
        return self._viewport.scale_x

    @property
    def logical_box(self) -> LogicalBox:
        """The part of the desktop that the picture shows."""
        return self._viewport.box_to_logical(self.bounds)

    @property
    def bounds(self) -> Box:
        """The whole picture as a box, in its own pixels."""
        return Box(0, 0, self.width, self.height)

    @property
    def captured_at(self) -> float | None:
        """Seconds since the epoch when the screen was read; None for a file or an array."""
        return self._captured_at

    @property
    def digest(self) -> str:
        """BLAKE2b over size and pixels, 32 hex digits: equal pictures, equal digests.

        Not secret: whoever has the same picture can compute it.

        Raises:
            UsageError: the screenshot was wiped before its digest was first asked for.
        """
        if self._digest is None:
            self._digest = _digest(self._require_pixels(), self._size)
        return self._digest

    @property
    def wiped(self) -> bool:
        return self._pixels is None

    def crop(self, region: Box) -> Screenshot:
        """A copy of the part inside ``region`` (in pixels), knowing its place on the desktop.

        The edges move outwards to whole pixels and inwards to the picture: the copy shows
        exactly ``region.clipped(shot.size).outward()``.

        Raises:
            UsageError: no pixel of the picture lies in the region.
        """
        part = region.clipped(self._size).outward()
        if part.area < 1:
            raise UsageError(
                f"nothing to crop: {tuple(region)} misses the picture",
                hint=f"the picture is {self.width}x{self.height} pixels",
            )
        left, top, right, bottom = (int(edge) for edge in part)
        pixels = self._require_pixels()[top:bottom, left:right].copy()
        return Screenshot(
            pixels, viewport=self._viewport.cropped(part), captured_at=self._captured_at
        )

    def resized(self, size: Size) -> Screenshot:
        """A resampled copy; its viewport maps its own pixels to the same desktop."""
        import cv2

        smaller = size.width <= self.width and size.height <= self.height
        method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        pixels = cv2.resize(self._require_pixels(), (size.width, size.height), interpolation=method)
        viewport = self._viewport.resized(self._size, size)
        return Screenshot(
            np.ascontiguousarray(pixels, np.uint8), viewport=viewport, captured_at=self._captured_at
        )

    def annotate(self, items: Annotation | Iterable[Annotation]) -> Screenshot:
        """A copy with each box drawn, and each element's label and confidence beside it.

        ``items``: boxes in pixels, elements or groundings, one or many.
        """
        from qvl_agent.overlay import draw

        return Screenshot(
            draw(self._require_pixels(), items),
            viewport=self._viewport,
            captured_at=self._captured_at,
        )

    def to_png(self) -> bytes:
        """The picture as the bytes of a PNG file."""
        return self._encode("PNG")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the picture to the file that the caller names: .png, .jpg, .jpeg or .webp.

        Raises:
            InputError: another ending, or the file cannot be written.
        """
        ending = Path(path).suffix.lower()
        if ending not in _SAVED_AS:
            raise InputError(
                f"cannot save a picture as {os.fspath(path)}",
                hint=f"end the name with one of {', '.join(_SAVED_AS)}",
            )
        try:
            Path(path).write_bytes(self._encode(_SAVED_AS[ending]))
        except OSError as error:
            raise InputError(
                f"cannot write {os.fspath(path)}: {error.strerror}", hint="name another file"
            ) from error

    def wipe(self) -> None:
        """Overwrites the pixels with zeroes, in place, and lets them go; may be called twice."""
        if self._pixels is not None:
            self._pixels.fill(0)
        self._pixels = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.wipe()

    def __repr__(self) -> str:
        place = f" at ({self.origin.x:g}, {self.origin.y:g}), scale {self.scale:g}"
        return f"<Screenshot {self.width}x{self.height}{place}{' (wiped)' * self.wiped}>"

    def _repr_png_(self) -> bytes | None:
        """What a notebook shows: at most `NOTEBOOK_WIDTH` pixels wide."""
        if self.wiped:
            return None
        if self.width <= NOTEBOOK_WIDTH:
            return self.to_png()
        height = max(1, round(self.height * NOTEBOOK_WIDTH / self.width))
        return self.resized(Size(NOTEBOOK_WIDTH, height)).to_png()

    def _encode(self, name: str) -> bytes:
        from PIL import Image

        file = BytesIO()
        options = {"PNG": {"compress_level": 3}, "JPEG": {"quality": 92}, "WEBP": {"quality": 92}}
        Image.fromarray(self._require_pixels()).save(file, name, **options[name])
        return file.getvalue()

    def _require_pixels(self) -> Pixels:
        if self._pixels is None:
            raise UsageError(
                "this screenshot was wiped: its pixels are gone",
                hint="use it inside its with block, or capture again",
            )
        return self._pixels


def _checked(rgb: object) -> Pixels:
    if not isinstance(rgb, np.ndarray) or rgb.dtype != np.uint8:
        found = getattr(rgb, "dtype", type(rgb).__name__)
        raise ImageError(f"pixels must be a numpy array of uint8, not {found}", hint=_ARRAY_HINT)
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
        raise ImageError(
            f"pixels must have the shape (height, width, 3), not {rgb.shape}", hint=_ARRAY_HINT
        )
    return rgb


_ARRAY_HINT = "give RGB, red first, values 0 to 255"


def _digest(pixels: Pixels, size: Size) -> str:
    hasher = hashlib.blake2b(f"{size.width}x{size.height}:".encode(), digest_size=16)
    hasher.update(pixels.data)
    return hasher.hexdigest()


def _read_picture(path: str | os.PathLike[str]) -> bytes:
    """The file's bytes, at most `MAX_BYTES`; the first few decide whether the rest is read."""
    try:
        with Path(path).open("rb") as file:
            start = file.read(1024)
            decoding.check_magic(start)
            data = start + file.read(MAX_BYTES + 1 - len(start))
    except FileNotFoundError as error:
        raise ImageError("there is no such file", hint="check the path") from error
    except IsADirectoryError as error:
        raise ImageError("this is a directory", hint="name one picture in it") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the path
        reason = getattr(error, "strerror", None) or error
        raise ImageError(f"cannot be read ({reason})", hint="check its path and rights") from error
    if len(data) > MAX_BYTES:
        raise decoding.file_too_large()
    return data
