"""Bytes of a picture file -> RGB pixels in RAM, with every limit checked before any decoding.

Three formats are read: PNG, JPEG and WebP. The header is parsed here first, so a picture that
is too large is refused for the price of reading a few bytes; only then does Pillow decode, and
only with these three decoders (never ``Image.open`` on anything: that would run Ghostscript on
an EPS). Nothing is written anywhere.

A PNG is handed on with only the chunks that carry pixels (IHDR, PLTE, tRNS, IDAT, IEND), each
with its checksum verified, and a JPEG without its metadata: compressed texts, colour profiles,
previews and later frames are never unpacked. Colour profiles are not applied. A flipped bit
inside the compressed data of a JPEG or WebP is not always noticed: they carry no checksum.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from qvl_agent.errors import ImageError
from qvl_agent.geometry import Size

if TYPE_CHECKING:
    from PIL.Image import Image

    from qvl_agent.screenshot import Pixels

MAX_PIXELS = 50_000_000
"""Largest picture read by default: one and a half times 8K UHD (33 megapixels)."""
MIN_SIDE = 8
"""Smallest width and height read, in pixels: less than one letter of text."""
MAX_SIDE = 32_000
"""Largest width and height read, in pixels: OpenCV's coordinates end at 32767."""
MAX_BYTES = 200_000_000
"""Largest file read: an uncompressed picture of `MAX_PIXELS`, with room to spare."""
MAX_PNG_CHUNKS = 1_000_000
MAX_JPEG_SCANS = 100
"""A progressive JPEG has about ten scans; each costs a pass over the whole picture."""

_HINT = "give a PNG, JPEG or WebP picture"
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # SOFn; the three are other tables
_JPEG_BARE = {0x01, *range(0xD0, 0xD9)}  # markers with no length after them
_JPEG_SCAN, _JPEG_END, _JPEG_EXIF = 0xDA, 0xD9, 0xE1
_JPEG_METADATA = {0xFE, *range(0xE1, 0xF0)} - {0xEE}  # 0xEE tells CMYK from inverted CMYK
_ORIENTATION_TAG = 0x0112

# What a file that is none of ours looks like, by its first bytes.
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%!PS", "an EPS or PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "an EPS file"),
    (b"GIF87a", "a GIF"),
    (b"GIF89a", "a GIF"),
    (b"%PDF", "a PDF"),
    (b"BM", "a BMP"),
    (b"II*\x00", "a TIFF"),
    (b"MM\x00*", "a TIFF"),
    (b"II+\x00", "a TIFF"),
    (b"MM\x00+", "a TIFF"),
    (b"\x00\x00\x01\x00", "a Windows icon"),
    (b"8BPS", "a Photoshop file"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000"),
    (b"gimp xcf", "a GIMP file"),
    (b"PK\x03\x04", "a ZIP archive"),
)


@dataclass(frozen=True, slots=True)
class _Header:
    """What the first bytes promise: the format's Pillow name and the size in pixels."""

    format: str
    size: Size


def decode(data: bytes, *, max_pixels: int = MAX_PIXELS) -> Pixels:
    """The picture's pixels: RGB, uint8, shape (height, width, 3), C-contiguous.

    Transparent parts are laid on white; 16-bit values keep their upper 8 bits; a JPEG is turned
    as its EXIF orientation says; of an animation the first frame is taken.

    Raises:
        ImageError: not a PNG, JPEG or WebP; broken or cut short; sides outside `MIN_SIDE` to
            `MAX_SIDE`; more than ``max_pixels`` pixels or `MAX_BYTES` bytes.
    """
    if len(data) > MAX_BYTES:
        raise file_too_large()
    header = read_header(data)
    _check_size(header.size, max_pixels)
    orientation = 1
    if header.format == "PNG":
        data = _essential_png(data)
    elif header.format == "JPEG":
        data, orientation = _essential_jpeg(data)
    return _decode_checked(data, header, orientation)


def read_header(data: bytes) -> _Header:
    """Format and size from the first bytes, with nothing decoded.

    Raises:
        ImageError: not a PNG, JPEG or WebP, or cut off inside the header.
    """
    name, parse = _format_of(data)
    try:
        width, height = parse(data)
    except (struct.error, IndexError) as error:
        raise _broken(name, "it ends inside its header") from error
    if width < 1 or height < 1:
        raise _broken(name, f"its header gives a size of {width}x{height}")
    return _Header(name, Size(width, height))


def file_too_large() -> ImageError:
    return ImageError(f"the file is larger than {MAX_BYTES // 1_000_000} MB", hint=_HINT)


def check_magic(data: bytes) -> None:
    """Refuses, from a file's first 64 bytes, what is not a PNG, JPEG or WebP.

    Raises:
        ImageError: says what the bytes look like instead.
    """
    _format_of(data)


def _format_of(data: bytes) -> tuple[str, Callable[[bytes], tuple[int, int]]]:
    if data.startswith(_PNG_MAGIC):
        return "PNG", _png_size
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG", _jpeg_size
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP", _webp_size
    if not data:
        raise ImageError("the picture is empty (0 bytes)", hint=_HINT)
    raise ImageError(f"not a PNG, JPEG or WebP picture: it {_looks_like(data)}", hint=_HINT)


def _looks_like(data: bytes) -> str:
    for magic, name in _FOREIGN:
        if data.startswith(magic):
            return f"looks like {name}"
    if data[4:8] == b"ftyp":
        return "looks like an AVIF, HEIC or video file"
    text = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<svg", b"<?xml")):
        return "looks like an SVG or XML file"
    if text.startswith((b"<!doctype html", b"<html")):
        return "looks like an HTML page"
    return "has none of their signatures"


def _broken(name: str, what: str) -> ImageError:
    return ImageError(f"broken {name}: {what}", hint="save or copy the picture again")


def _check_size(size: Size, max_pixels: int) -> None:
    shape = f"{size.width}x{size.height}"
    if min(size.width, size.height) < MIN_SIDE:
        raise ImageError(
            f"the picture is {shape} pixels, too small to show anything",
            hint=f"give one with both sides of {MIN_SIDE} pixels or more",
        )
    if size.area > max_pixels or max(size.width, size.height) > MAX_SIDE:
        raise ImageError(
            f"the picture is {shape} pixels, too large to read",
            hint=f"give one of at most {max_pixels / 1e6:g} megapixels, no side over {MAX_SIDE}",
        )


def _png_size(data: bytes) -> tuple[int, int]:
    length, kind, width, height = struct.unpack_from(">I4sII", data, len(_PNG_MAGIC))
    if (length, kind) != (13, b"IHDR"):
        raise _broken("PNG", "it does not start with its header")
    return width, height


def _jpeg_size(data: bytes) -> tuple[int, int]:
    for marker, body in _jpeg_segments(data):
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", body, 3)
            return width, height
    raise _broken("JPEG", "it has no header with a size")


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment's marker and body; the first scan is the last and reaches to the end."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise _broken("JPEG", "no marker where one must be")
        while data[at] == 0xFF:  # any number of fill bytes may come first
            at += 1
        marker, at = data[at], at + 1
        if marker == _JPEG_END:
            raise _broken("JPEG", "it ends before its first scan")
        if marker == _JPEG_SCAN:
            yield marker, data[at:]
            return
        end = at if marker in _JPEG_BARE else at + struct.unpack_from(">H", data, at)[0]
        yield marker, data[at:end]
        at = end


def _webp_size(data: bytes) -> tuple[int, int]:
    if 8 + struct.unpack_from("<I", data, 4)[0] > len(data):
        raise _broken("WEBP", "it is cut short")
    kind, body = data[12:16], data[20:30]
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        bits = struct.unpack_from("<I", body, 1)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    raise _broken("WEBP", "its first chunk is not a picture")


def _essential_png(data: bytes) -> bytes:
    """The same PNG with only the chunks that carry pixels; their checksums hold."""
    kept: list[bytes | memoryview] = [_PNG_MAGIC]
    for kind, chunk in _png_chunks(data):
        if kind == b"IHDR" and len(kept) > 1:
            raise _broken("PNG", "it has two headers")
        if kind in _PNG_KEPT:
            _check_sum(kind, chunk)
            kept.append(chunk)
    return b"".join(kept)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Each chunk's name, and all of its bytes: length, name, content, checksum; up to IEND."""
    view, at = memoryview(data), len(_PNG_MAGIC)
    for _ in range(MAX_PNG_CHUNKS):
        end = at + 12 + int.from_bytes(view[at : at + 4], "big")
        if end > len(data):
            raise _broken("PNG", "it is cut short")
        kind = bytes(view[at + 4 : at + 8])
        yield kind, view[at:end]
        if kind == b"IEND":
            return
        at = end
    raise _broken("PNG", f"it has more than {MAX_PNG_CHUNKS} chunks")


def _check_sum(kind: bytes, chunk: memoryview) -> None:
    if zlib.crc32(chunk[4:-4]) != int.from_bytes(chunk[-4:], "big"):
        raise _broken("PNG", f"the checksum of its {kind.decode()} chunk does not match")


def _essential_jpeg(data: bytes) -> tuple[bytes, int]:
    """The same JPEG without its metadata, and the EXIF orientation that they held (else 1)."""
    kept, orientation = [b"\xff\xd8"], 1
    try:
        for marker, body in _jpeg_segments(data):
            if marker == _JPEG_EXIF and body[2:8] == b"Exif\0\0":
                orientation = _orientation(body[8:])
            if marker not in _JPEG_METADATA:
                kept.append(bytes((0xFF, marker)) + body)
    except (struct.error, IndexError) as error:
        raise _broken("JPEG", "it is cut short") from error
    if kept[-1].count(bytes((0xFF, _JPEG_SCAN))) > MAX_JPEG_SCANS:
        raise _broken("JPEG", f"it has more than {MAX_JPEG_SCANS} scans")
    return b"".join(kept), orientation


def _orientation(exif: bytes) -> int:
    """1 to 8; 1, upright, where the EXIF is broken or does not say."""
    order = "<" if exif[:2] == b"II" else ">"
    try:
        start = struct.unpack_from(f"{order}I", exif, 4)[0]
        for index in range(struct.unpack_from(f"{order}H", exif, start)[0]):
            entry = struct.unpack_from(f"{order}HHIH", exif, start + 2 + 12 * index)
            if entry[0] == _ORIENTATION_TAG:
                return int(entry[3])
    except struct.error:
        pass
    return 1


def _decode_checked(data: bytes, header: _Header, orientation: int) -> Pixels:
    from PIL import Image

    # Pillow's decoders raise nearly everything on hostile bytes: OSError, SyntaxError,
    # ValueError, struct.error, IndexError, DecompressionBombError. All mean the same here.
    try:
        with (
            _refusing_truncated(),
            Image.open(BytesIO(data), formats=[header.format]) as image,
        ):
            _check_promise(image, header)
            return _to_rgb(_upright(image, orientation))
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError("not enough memory to decode the picture", hint=_HINT) from error
    except Exception as error:
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise _broken(header.format, f"it cannot be decoded ({reason})") from error


@contextmanager
def _refusing_truncated() -> Iterator[None]:
    """Some libraries tell Pillow, for the whole process, to fill what is missing with grey."""
    from PIL import ImageFile

    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _check_promise(image: Image, header: _Header) -> None:
    """A file may carry two sizes; the one that was checked must be the one that is decoded."""
    if image.size != (header.size.width, header.size.height):
        raise _broken(header.format, f"its header says {header.size}, its body {image.size}")


def _upright(image: Image, orientation: int) -> Image:
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    turn = turns.get(orientation)
    return image if turn is None else image.transpose(turn)


def _to_rgb(image: Image) -> Pixels:
    import numpy as np

    if image.mode.startswith("I"):
        return _grey_16_to_rgb(image)
    if "A" in image.getbands() or "transparency" in image.info:
        image = _on_white(image)
    pixels: Pixels = np.array(image if image.mode == "RGB" else image.convert("RGB"))
    return pixels


def _on_white(image: Image) -> Image:
    from PIL.Image import alpha_composite, new

    layer = image.convert("RGBA")
    if layer.getchannel("A").getextrema() == (255, 255):  # opaque: nothing shows through
        return layer
    return alpha_composite(new("RGBA", layer.size, "white"), layer)


def _grey_16_to_rgb(image: Image) -> Pixels:
    import numpy as np

    values = np.asarray(image)
    grey = (values >> 8).astype(np.uint8)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey[values == transparent] = 255
    return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))
