"""X11 through libxcb and ctypes: the window list, and whether the screen layout changed.

libxcb is here already because mss needs it, and unlike libX11 it has no process-wide error
handler that ends the process when a window closes between two questions. A `Connection` is for
one thread at a time and must not be used after a fork.

Titles come from _NET_WM_NAME (UTF-8), else WM_NAME (Latin-1 by definition, tried as UTF-8
first). With a window manager the list is its client list; with none, the root's own children.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, Structure, c_char_p, c_int, c_uint, c_void_p
from ctypes import c_int16 as i16
from ctypes import c_uint8 as u8
from ctypes import c_uint16 as u16
from ctypes import c_uint32 as u32
from typing import Any

from qvl_agent.display.base import Window
from qvl_agent.errors import CaptureError
from qvl_agent.geometry import LogicalBox

_VIEWABLE = 2
_EVENT_MASK = 1 << 11
_STRUCTURE_NOTIFY = 1 << 17
_ALL_RANDR_EVENTS = 0b1111  # screen, CRTC, output and output property changes
_CONFIGURE_NOTIFY = 22
_FIRST_EXTENSION_EVENT = 64
_SENT_BY_A_CLIENT = 0x80
_ANY_TYPE = 0
_MOST_WORDS = 65536  # of four bytes, for one property


class _Cookie(Structure):
    _fields_ = (("sequence", c_uint),)


_HEADER = (("response_type", u8), ("detail", u8), ("sequence", u16), ("length", u32))


class _Atom(Structure):
    _fields_ = (*_HEADER, ("atom", u32))


class _Property(Structure):
    _fields_ = (*_HEADER, ("type", u32), ("bytes_after", u32), ("value_len", u32), ("pad", u8 * 12))


class _Tree(Structure):
    _fields_ = (*_HEADER, ("root", u32), ("parent", u32), ("children_len", u16), ("pad", u8 * 14))


class _Attributes(Structure):
    _fields_ = (
        *_HEADER,
        ("visual", u32),
        ("window_class", u16),
        ("gravities", u8 * 2),
        ("planes", u32 * 2),
        ("save_under", u8),
        ("map_is_installed", u8),
        ("map_state", u8),
        ("override_redirect", u8),
    )


class _Geometry(Structure):
    _fields_ = (
        *_HEADER,
        ("root", u32),
        ("x", i16),
        ("y", i16),
        ("width", u16),
        ("height", u16),
        ("border", u16),
    )


class _Translated(Structure):
    _fields_ = (*_HEADER, ("child", u32), ("x", i16), ("y", i16))


class _Extension(Structure):
    _fields_ = (*_HEADER, ("present", u8))


class _Roots(Structure):
    """An iterator over screens; the first field of a screen is its root window."""

    _fields_ = (("data", POINTER(u32)), ("left", c_int), ("index", c_int))


# Request -> the types of its arguments after the connection, and its reply.
_REQUESTS: dict[str, tuple[tuple[Any, ...], type[Structure]]] = {
    "intern_atom": ((u8, u16, c_char_p), _Atom),
    "get_property": ((u8, u32, u32, u32, u32, u32), _Property),
    "query_tree": ((u32,), _Tree),
    "get_window_attributes": ((u32,), _Attributes),
    "get_geometry": ((u32,), _Geometry),
    "translate_coordinates": ((u32, u32, i16, i16), _Translated),
    "query_extension": ((u16, c_char_p), _Extension),
}


class Connection:
    """One connection to an X server.

    Raises:
        ConnectionError: the server cannot be reached.
        CaptureError: libxcb is not installed.
    """

    def __init__(self, display: str) -> None:
        self._xcb = _load("xcb")
        self._libraries = {"randr": _load("xcb-randr")}
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = (c_void_p,)
        self._pid = os.getpid()
        self._atoms: dict[str, int] = {}
        self._functions: dict[str, Any] = {}
        number = c_int()
        connect = self._function("connect", (c_char_p, POINTER(c_int)), c_void_p)
        self._connection: int | None = connect(display.encode(), ctypes.byref(number))
        if self._is_broken():
            raise ConnectionError(display)
        self.root = self._root(number.value)
        self._ask_for_layout_events()

    def close(self) -> None:
        """May be called twice; in a forked child it leaves the parent's connection alone."""
        if self._connection and os.getpid() == self._pid:
            self._function("disconnect", (c_void_p,), None)(self._connection)
        self._connection = None

    def is_xwayland(self) -> bool:
        """True when a Wayland compositor drives this server: it shows no foreign pixels."""
        return self._has_extension("XWAYLAND")

    def layout_changed(self) -> bool:
        """True if the screen or its monitors changed since the connection was opened, or it broke.

        Reads what the server has sent already and asks it nothing, which would cost every
        capture two switches between processes.
        """
        poll = self._function("poll_for_event", (c_void_p,), POINTER(u8))
        while event := poll(self._connection):
            kind = event[0] & ~_SENT_BY_A_CLIENT
            self._free(event)
            if kind == _CONFIGURE_NOTIFY or kind >= _FIRST_EXTENSION_EVENT:
                return True
        return self._is_broken()

    def windows(self) -> list[Window]:
        """Windows with a title, the topmost first.

        Raises:
            ConnectionError: the server ended meanwhile.
        """
        found = [window for each in self._clients() if (window := self._describe(each))]
        if self._is_broken():  # every question after the break was answered with nothing
            raise ConnectionError("the X server closed the connection")
        return found

    def _clients(self) -> list[int]:
        """Window ids, topmost first."""
        for name in ("_NET_CLIENT_LIST_STACKING", "_NET_CLIENT_LIST"):
            if clients := self._numbers(self.root, name):
                return clients[::-1]
        return self._children(self.root)[::-1]

    def _children(self, window: int) -> list[int]:
        children = self._function("query_tree_children", (c_void_p,), POINTER(u32))
        with self._reply("query_tree", window) as (tree, address):
            return list(children(address)[: tree.children_len]) if tree else []

    def _describe(self, window: int) -> Window | None:
        """None for a window without a title, and for one that closed just now."""
        title = self._title(window)
        attributes = self._ask("get_window_attributes", window)
        box = self._box(window)
        if not title or attributes is None or box is None:
            return None
        hidden = self._atom("_NET_WM_STATE_HIDDEN") in self._numbers(window, "_NET_WM_STATE")
        visible = attributes.map_state == _VIEWABLE and not hidden
        return Window(title=title, box=box, visible=visible)

    def _title(self, window: int) -> str:
        raw = self._property(window, "_NET_WM_NAME") or self._property(window, "WM_NAME")
        try:
            return raw.decode().rstrip("\0")
        except UnicodeDecodeError:
            return raw.decode("latin-1").rstrip("\0")

    def _box(self, window: int) -> LogicalBox | None:
        size = self._ask("get_geometry", window)
        place = self._ask("translate_coordinates", window, self.root, 0, 0)
        if size is None or place is None:
            return None
        left, right, top, bottom = (size.border + edge for edge in self._frame(window))
        return LogicalBox(
            place.x - left,
            place.y - top,
            max(place.x + size.width + right, place.x - left),
            max(place.y + size.height + bottom, place.y - top),
        )

    def _frame(self, window: int) -> tuple[int, int, int, int]:
        """What the frame adds on the left, right, top and bottom.

        Negative where a program draws its own frame and counts its shadow as window.
        """
        if len(shadow := self._numbers(window, "_GTK_FRAME_EXTENTS")) == 4:
            return -shadow[0], -shadow[1], -shadow[2], -shadow[3]
        if len(frame := self._numbers(window, "_NET_FRAME_EXTENTS")) == 4:
            return frame[0], frame[1], frame[2], frame[3]
        return 0, 0, 0, 0

    def _numbers(self, window: int, name: str) -> list[int]:
        raw = self._property(window, name)
        return list(memoryview(raw).cast("I")) if len(raw) % 4 == 0 else []

    def _property(self, window: int, name: str) -> bytes:
        value = self._function("get_property_value", (c_void_p,), c_void_p)
        length = self._function("get_property_value_length", (c_void_p,), c_int)
        arguments = (0, window, self._atom(name), _ANY_TYPE, 0, _MOST_WORDS)
        with self._reply("get_property", *arguments) as (_, address):
            return ctypes.string_at(value(address), length(address)) if address else b""

    def _ask_for_layout_events(self) -> None:
        types = (c_void_p, u32, u32, POINTER(u32))
        select = self._function("change_window_attributes", types, _Cookie)
        select(self._connection, self.root, _EVENT_MASK, ctypes.byref(u32(_STRUCTURE_NOTIFY)))
        if self._has_extension("RANDR"):  # asking a server without it would break the connection
            select = self._function("randr_select_input", (c_void_p, u32, u16), _Cookie)
            select(self._connection, self.root, _ALL_RANDR_EVENTS)
        # Once this is answered, both requests are in force.
        self._ask("get_geometry", self.root)

    def _is_broken(self) -> bool:
        return bool(self._function("connection_has_error", (c_void_p,), c_int)(self._connection))

    def _has_extension(self, name: str) -> bool:
        reply = self._ask("query_extension", len(name), name.encode())
        return reply is not None and bool(reply.present)

    def _atom(self, name: str) -> int:
        if name not in self._atoms:
            reply = self._ask("intern_atom", 0, len(name), name.encode())
            self._atoms[name] = reply.atom if reply else 0
        return self._atoms[name]

    def _root(self, number: int) -> int:
        setup = self._function("get_setup", (c_void_p,), c_void_p)(self._connection)
        roots = self._function("setup_roots_iterator", (c_void_p,), _Roots)(setup)
        following = self._function("screen_next", (POINTER(_Roots),), None)
        for _ in range(number):
            following(ctypes.byref(roots))
        return int(roots.data[0])

    def _ask(self, request: str, *arguments: object) -> Any:
        """The reply's fixed part, or None when the server answers with an error."""
        with self._reply(request, *arguments) as (reply, _):
            return reply and type(reply).from_buffer_copy(reply)

    @contextmanager
    def _reply(self, request: str, *arguments: object) -> Iterator[tuple[Any, int]]:
        """The reply and its address, valid inside the block only; (None, 0) for an error."""
        types, reply_type = _REQUESTS[request]
        send = self._function(request, (c_void_p, *types), _Cookie)
        receive = self._function(f"{request}_reply", (c_void_p, _Cookie, c_void_p), c_void_p)
        address = receive(self._connection, send(self._connection, *arguments), None)
        if not address:
            yield None, 0
            return
        try:
            yield reply_type.from_address(address), address
        finally:
            self._free(address)

    def _function(self, name: str, arguments: tuple[Any, ...], result: Any) -> Any:
        if name not in self._functions:
            library = self._libraries.get(name.partition("_")[0], self._xcb)
            function = getattr(library, f"xcb_{name}")
            function.argtypes, function.restype = arguments, result
            self._functions[name] = function
        return self._functions[name]


def _load(name: str) -> ctypes.CDLL:
    # By its plain name: ctypes.util.find_library would run ldconfig, or even a compiler.
    major = {"xcb": "1", "xcb-randr": "0"}[name]
    try:
        return ctypes.CDLL(f"lib{name}.so.{major}")
    except OSError as error:
        raise CaptureError(
            f"the X11 library lib{name} is not installed",
            hint="on Debian and Ubuntu: apt install libxcb1 libxcb-randr0 libxcb-render0 "
            "libxcb-shm0 libxcb-xfixes0",
        ) from error
