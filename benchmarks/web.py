"""Collect grounding truth from web pages that other people wrote.

Opens the pages of `pages.toml` in headless Chromium, asks `dom_truth.js` what is really drawn and
where, takes the screenshot, samples targets, checks each by OCR and writes ScreenSpot-v2 style
records: `web.json`, `doubtful_web.json` (OCR read something else), `web_screens.json` (all visible
strings and queries for things that are absent) and `images/*.png`.

What it does not know: text inside pictures and canvases, names that are not drawn (an icon's
tooltip), and what a click would do. A page's strings are complete only for text in its DOM.

    python -m benchmarks.web --out DIR [--pages weui,miniwob/login-user] [--list]
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import dataclasses
import difflib
import functools
import http.server
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).parent
DOM_TRUTH = (HERE / "dom_truth.js").read_text(encoding="utf-8")
PER_SCREEN = 40
QUOTA = {"field": 12, "widget": 14, "plain": 14, "part": 7}
CHROMIUM = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
STILL = (
    "*,*::before,*::after{transition:none!important;animation-duration:0s!important;"
    "animation-delay:0s!important;caret-color:transparent!important;scroll-behavior:auto!important}"
)
CJK = re.compile(r"[\u3400-\u9fff]")
LETTER = re.compile(r"[^\W_]")
BREAK = re.compile(r"[，。、；：,;:()（）“”\"!?]")
LABEL_END = re.compile(r"[\s:：*＊]+$")

Record = dict[str, Any]
Target = dict[str, Any]
Line = dict[str, Any]
PixelBox = list[float]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Variant:
    """One way to look at a page: viewport in CSS pixels, device pixel ratio, phone or dark."""

    name: str
    width: int
    height: int
    scale: float
    mobile: bool = False
    dark: bool = False


@dataclasses.dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a program, with the script that brings it into the wanted state."""

    program: str
    name: str
    path: str
    language: str
    split: str
    variants: tuple[str, ...]
    script: str = ""
    dark_script: str = ""
    wait: float = 0.7

    @property
    def ident(self) -> str:
        return f"{self.program}/{self.name}"


# ------------------------------------------------------------------ the table


def load_table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def variant_named(name: str, table: dict[str, Any]) -> Variant:
    base, _, mode = name.partition("-")
    return Variant(name=name, dark=mode == "dark", **table["variant"][base])


def pages_of(table: dict[str, Any], wanted: list[str]) -> list[Page]:
    """The pages whose program or `program/page` is wanted; all of them when nothing is named."""
    pages = []
    for program, entry in table["program"].items():
        common = {k: entry[k] for k in ("language", "split", "script", "dark_script") if k in entry}
        for fields in entry["page"]:
            options = {**common, "variants": entry.get("variants", []), **fields}
            options["variants"] = tuple(options["variants"])
            pages.append(Page(program=program, **options))
    return [p for p in pages if not wanted or p.program in wanted or p.ident in wanted]


# ---------------------------------------------------------------- the sources


def fetch(source: str, cache: Path) -> Path:
    """The folder of a source: `npm:NAME@VERSION`, `pypi:NAME==VERSION` or `debian:PATH`."""
    kind, _, name = source.partition(":")
    if kind == "debian":
        if not Path(name).exists():
            raise SystemExit(f"{name} is missing: install the Debian package that holds it")
        return Path(name)
    folder = cache / kind / re.sub(r"[^\w.-]", "_", name)
    if not folder.exists():
        folder.mkdir(parents=True)
        fetch_archive(kind, name, folder)
    return folder


def fetch_archive(kind: str, name: str, folder: Path) -> None:
    if kind == "npm":
        subprocess.run(["npm", "pack", "--silent", name], cwd=folder, check=True)
        subprocess.run(["tar", "xzf", next(folder.glob("*.tgz")).name], cwd=folder, check=True)
    elif kind == "pypi":
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", name]
        subprocess.run(pip, cwd=folder, check=True)
        zipfile.ZipFile(next(folder.glob("*.whl"))).extractall(folder)
    else:
        raise SystemExit(f"unknown source {kind}:{name}")


class SiteHandler(http.server.SimpleHTTPRequestHandler):
    """A folder over loopback, with files and folders laid over it and site templates filled in."""

    def __init__(
        self,
        *args: Any,
        overlay: dict[str, str],
        mounts: dict[str, Path],
        layout: str,
        **kwargs: Any,
    ) -> None:
        self.overlay = overlay
        self.mounts = mounts
        self.layout = layout
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        wanted = unquote(urlsplit(path).path).lstrip("/")
        for prefix, folder in self.mounts.items():
            if wanted.startswith(prefix + "/") and ".." not in wanted:
                return str(folder / wanted[len(prefix) + 1 :])
        return super().translate_path(path)

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).lstrip("/")
        if path in self.overlay:
            kind = "text/javascript" if path.endswith(".js") else "text/html"
            self.answer(self.overlay[path], kind)
        elif self.layout and path.endswith(".html"):
            text = Path(self.translate_path(self.path)).read_text(encoding="utf-8")
            self.answer(filled(text, self.layout), "text/html")
        else:
            super().do_GET()

    def answer(self, text: str, kind: str) -> None:
        data = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: pages ask for many files that are not there."""


def filled(text: str, layout: str) -> str:
    """A Hugo page put into its layout: front matter read for its style sheets, tags removed."""
    match = re.match(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL)
    if not match:
        return text
    front, body = match.groups()
    sheets = "".join(
        f'<link rel="stylesheet" href="{c}">' for c in re.findall(r'"(\S+\.css)"', front)
    )
    body_class = (re.findall(r'body_class: "(.*?)"', front) or [""])[0]
    body = re.sub(r"\{\{<.*?>\}\}", "", body)
    return layout.replace("@SHEETS", sheets).replace("@CLASS", body_class).replace("@BODY", body)


@contextlib.contextmanager
def served(entry: dict[str, Any], cache: Path) -> Iterator[str]:
    """The address at which a program's pages are served while the context lasts."""
    if "module" in entry:
        with running(entry["module"], entry["arguments"]) as address:
            yield address
        return
    handler = functools.partial(
        SiteHandler,
        directory=str(fetch(entry["source"], cache) / entry.get("root", "")),
        overlay=entry.get("files", {}),
        mounts={prefix: fetch(source, cache) for prefix, source in entry.get("mounts", {}).items()},
        layout=entry.get("layout", ""),
    )
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


@contextlib.contextmanager
def running(module: str, arguments: list[str]) -> Iterator[str]:
    """The address of a site that is a Python module of its own: `MODULE PORT ARGUMENT...`."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", module, str(port), *arguments]
    site = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        site.terminate()
        site.wait()


def wait_for_port(port: int, seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.5)
    raise TimeoutError(f"nothing answers on port {port}")


# ---------------------------------------------------------------- the browser


class Browser:
    """Headless Chromium driven through chromedriver and its debugging protocol."""

    def __init__(self, profile: str) -> None:
        from selenium import webdriver

        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for argument in (*CHROMIUM, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {"intl.accept_languages": "zh-CN,en"})
        service = webdriver.ChromeService(executable_path="/usr/bin/chromedriver")
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.set_page_load_timeout(25)
        self.driver.set_script_timeout(60)

    def shape(self, variant: Variant) -> None:
        metrics: dict[str, Any] = {"width": variant.width, "height": variant.height}
        metrics |= {"deviceScaleFactor": variant.scale, "mobile": variant.mobile}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.execute_cdp_cmd(
            "Emulation.setTouchEmulationEnabled", {"enabled": variant.mobile}
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if variant.dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def open(self, address: str, page: Page, variant: Variant) -> None:
        from selenium.common.exceptions import TimeoutException

        self.shape(variant)
        self.driver.get("about:blank")
        with contextlib.suppress(TimeoutException):
            self.driver.get(f"{address}/{page.path}")
        script = page.script + (";" + page.dark_script if variant.dark else "")
        self.driver.execute_script(
            "const s=document.createElement('style');s.textContent=arguments[0];"
            "document.head.append(s)",
            STILL,
        )
        time.sleep(page.wait)
        if script:
            self.driver.execute_script(script)
            time.sleep(page.wait)
        self.driver.execute_script("document.activeElement && document.activeElement.blur()")

    def truth(self) -> dict[str, Any]:
        script = "return " + DOM_TRUTH[DOM_TRUTH.index("(() =>") :]
        answer: dict[str, Any] = self.driver.execute_script(script)
        return answer

    def picture(self) -> bytes:
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        return base64.b64decode(shot["data"])

    def close(self) -> None:
        self.driver.quit()


# ------------------------------------------------------- from truth to records


def fold(text: str) -> str:
    """Text as it is compared: case and white space do not count."""
    return re.sub(r"\s+", " ", text).strip().casefold()


def language_of(text: str) -> str:
    return "zh" if CJK.search(text) else "en"


def nameable(text: str) -> bool:
    """Could a person name a thing by this text: has letters, is neither long nor one character."""
    letters = LETTER.findall(text)
    if text.isdigit() and len(text) < 3:
        return False
    if len(letters) < 2 and not CJK.search(text):
        return False
    return (
        len(text) <= 60
        and len(letters) >= 0.5 * len(text.replace(" ", ""))
        and "\ufffd" not in text
    )


def overlap(a: PixelBox, b: PixelBox) -> float:
    """The shared area as a share of the smaller box; boxes are [left, top, right, bottom]."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(0.0, width) * max(0.0, height) / max(1e-6, smaller)


def phrase_targets(lines: list[Line], rng: random.Random) -> list[Target]:
    """One word or short phrase out of each line long enough to have parts."""
    found = []
    for line in lines:
        words = line["words"]
        chinese = bool(CJK.search(line["text"]))
        if len(words) < (4 if chinese else 5) or not line["whole"]:
            continue
        start = rng.randrange(len(words))
        run = words[start : start + rng.choice([1, 2, 3, 4])]
        chars = line["chars"][run[0]["from"] : run[-1]["to"]]
        text = "".join(c[0] for c in chars)
        limits = (2, 6) if CJK.search(text) else (4, 40)
        if limits[0] <= len(text) <= limits[1] and not BREAK.search(text):
            box = union([c[1:] for c in chars if c[0] != " "])
            found.append(
                {
                    "kind": "part",
                    "text": text,
                    "box": box,
                    "text_box": box,
                    "data_type": "text",
                    "element_type": "text",
                    "enabled": True,
                    "checked": None,
                    "drawn": False,
                }
            )
    return found


def union(boxes: list[PixelBox]) -> PixelBox:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return [min(lefts), min(tops), max(rights), max(bottoms)]


def occurrences(text: str, lines: list[Line]) -> Iterator[tuple[PixelBox, bool]]:
    """Every place where the text is drawn, and whether it is the whole line there."""
    wanted = fold(text)
    for line in lines:
        shown = fold(line["text"])
        if wanted not in shown:
            continue
        if wanted == shown or len(line["chars"]) != len(shown):
            yield line["box"], wanted == shown
            continue
        for match in re.finditer(re.escape(wanted), shown):
            chars = [c[1:] for c in line["chars"][match.start() : match.end()] if c[0] != " "]
            yield union(chars), fold(LABEL_END.sub("", shown)) == wanted


def own_boxes(target: Target) -> list[PixelBox]:
    names = ("box", "control_box", "label_box", "text_box")
    return [target[name] for name in names if target.get(name)]


def rivals(
    target: Target, targets: list[Target], lines: list[Line]
) -> tuple[list[PixelBox], list[PixelBox]]:
    """Other things equally well named so, and mere mentions of the name inside longer text."""
    own = own_boxes(target)
    twins = [
        t
        for t in targets
        if t["kind"] != "part"
        and fold(t["text"]) == fold(target["text"])
        and all(overlap(t["box"], box) < 0.5 for box in own)
    ]
    same = [t["box"] for t in twins]
    known = own + [box for twin in twins for box in own_boxes(twin)]
    mentions: list[PixelBox] = []
    for box, whole in occurrences(target["text"], lines):
        if any(overlap(box, other) >= 0.5 for other in known):
            continue
        (same if whole or target["kind"] == "part" else mentions).append(box)
    return same, mentions


def pixels(box: PixelBox, scale: float) -> list[int]:
    """A CSS box [left, top, right, bottom] as [x, y, width, height] in picture pixels."""
    left, top = round(box[0] * scale), round(box[1] * scale)
    return [left, top, round(box[2] * scale) - left, round(box[3] * scale) - top]


def record_of(target: Target, truth: dict[str, Any], page: Page, variant: Variant) -> Record:
    scale = truth["dpr"]
    same, mentions = rivals(target, truth["targets"], truth["lines"])
    record: Record = {
        "img_filename": f"{screen_name(page, variant)}.png",
        "bbox": pixels(target["box"], scale),
        "instruction": target["text"],
        "data_type": target["data_type"],
        "data_source": "web",
        "program": page.program,
        "split": page.split,
        "screen": screen_name(page, variant),
        "kind": target["kind"],
        "element_type": target["element_type"],
        "enabled": target["enabled"],
        "checked": target["checked"],
        "language": language_of(target["text"]),
        "theme": "dark" if variant.dark else "light",
        "scale": variant.scale,
        "truth_source": "dom",
        "unique": not same and not mentions,
        "drawn_box": bool(target.get("drawn")),
    }
    for ours, theirs in (
        ("text_bbox", "text_box"),
        ("control_bbox", "control_box"),
        ("label_bbox", "label_box"),
        ("alloc_bbox", "alloc_box"),
    ):
        if target.get(theirs):
            record[ours] = pixels(target[theirs], scale)
    if target.get("label_source"):
        record["label_source"] = target["label_source"]
    if target.get("inline"):
        record["inline"] = True
    if not record["unique"]:
        record["alternatives"] = [pixels(b, scale) for b in same]
        record["mentions"] = [pixels(b, scale) for b in mentions]
    return record


def screen_name(page: Page, variant: Variant) -> str:
    return f"web_{page.program}_{page.name}_{variant.name}".replace("/", "_")


def cleaned(targets: list[Target], scale: float) -> list[Target]:
    """Targets with a usable name and size, each name and box once."""
    kept: list[Target] = []
    for target in targets:
        box = target["text_box"]
        if not nameable(target["text"]) or (box[3] - box[1]) * scale < 8:
            continue
        twin = any(
            fold(k["text"]) == fold(target["text"]) and overlap(k["box"], target["box"]) > 0.9
            for k in kept
        )
        if not twin:
            kept.append(target)
    return kept


def sample(targets: list[Target], rng: random.Random) -> list[Target]:
    """At most PER_SCREEN targets, mixed over kinds, repeated names thinned out."""
    chosen = []
    for kind, quota in QUOTA.items():
        names: dict[str, int] = {}
        pool = [t for t in targets if t["kind"] == kind]
        rng.shuffle(pool)
        pool.sort(key=lambda t: t["element_type"] in ("text", "link"))
        fresh = []
        for target in pool:
            name = fold(target["text"])
            names[name] = names.get(name, 0) + 1
            if names[name] == 1:
                fresh.append(target)
        chosen += fresh[:quota]
    return chosen[:PER_SCREEN]


# ---------------------------------------------------------------- the OCR check


class Reader:
    """Reads the text of a box, to catch truth that is not what the picture shows."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        self.engine = RapidOCR(params={"Global.log_level": "error"})

    def read(self, crop: Any, detect: bool) -> str:
        result: Any = self.engine(crop, use_det=detect, use_cls=False, use_rec=True)
        return " ".join(result.txts or ()) if result else ""

    def likeness(self, picture: Any, record: Record) -> float:
        """How like the instruction the text in the record's text box reads, 0..1."""
        import cv2

        x, y, width, height = record.get("text_bbox") or record["bbox"]
        crop = picture[max(0, y - 4) : y + height + 4, max(0, x - 4) : x + width + 4]
        best = 0.0
        for scale, detect in ((1, False), (2, True), (1, True)):
            grown = cv2.resize(crop, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
            best = max(best, alike(record["instruction"], self.read(grown, detect)))
            if best >= 0.75:
                break
        return best


def alike(wanted: str, read: str) -> float:
    a, b = (re.sub(r"\W+", "", fold(t)) for t in (wanted, read))
    if a and a in b:
        return 1.0
    return difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()


# -------------------------------------------------------------------- the run


def collect(
    browser: Browser, reader: Reader, address: str, page: Page, variant: Variant, out: Path
) -> tuple[list[Record], list[Record], Record]:
    """One screenshot: its records, its doubtful records, and its strings."""
    import cv2
    import numpy as np

    browser.open(address, page, variant)
    truth = browser.truth()
    data = browser.picture()
    picture: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if abs(picture.shape[1] / truth["width"] - variant.scale) > 0.01:
        raise RuntimeError(f"the picture has {picture.shape[1]} pixels for {truth['width']}")
    name = screen_name(page, variant)
    (out / "images" / f"{name}.png").write_bytes(data)
    rng = random.Random(name)
    truth["targets"] = cleaned(truth["targets"] + phrase_targets(truth["lines"], rng), truth["dpr"])
    records = [record_of(t, truth, page, variant) for t in sample(truth["targets"], rng)]
    sure: list[Record] = []
    doubtful: list[Record] = []
    for record in records:
        record["ocr_likeness"] = round(reader.likeness(picture, record), 2)
        (sure if record["ocr_likeness"] >= 0.6 else doubtful).append(record)
    screen = {
        "screen": name,
        "img_filename": f"{name}.png",
        "program": page.program,
        "split": page.split,
        "language": page.language,
        "theme": "dark" if variant.dark else "light",
        "scale": variant.scale,
        "strings": [line["text"] for line in truth["lines"]],
    }
    return sure, doubtful, screen


def absent_queries(screen: Record, records: list[Record], count: int = 2) -> list[Record]:
    """Plausible names from other screens of the split with nothing similar on this one."""
    rng = random.Random("absent " + screen["screen"])
    shown = [fold(s) for s in screen["strings"]]
    pool = sorted(
        {
            r["instruction"]
            for r in records
            if r["split"] == screen["split"]
            and r["screen"] != screen["screen"]
            and r["kind"] in ("widget", "field")
            and r["language"] == screen["language"]
            and len(r["instruction"]) >= (2 if r["language"] == "zh" else 4)
        }
    )
    rng.shuffle(pool)
    chosen: list[str] = []
    for name in pool:
        if not any(resembles(fold(name), text) for text in shown) and len(chosen) < count:
            chosen.append(name)
    keys = ("img_filename", "screen", "program", "split", "language", "theme", "scale")
    return [
        {
            **{k: screen[k] for k in keys},
            "bbox": None,
            "instruction": name,
            "kind": "absent",
            "data_type": "text",
            "data_source": "web",
            "truth_source": "dom",
        }
        for name in chosen
    ]


def resembles(name: str, text: str) -> bool:
    """Would a person take the text for the name: shared words, shared characters, near spelling."""
    words = {w for w in re.findall(r"[^\W_]+", name) if len(w) > 2}
    if (
        words & set(re.findall(r"[^\W_]+", text))
        or name in text
        or (len(text) > 1 and text in name)
    ):
        return True
    pairs = {name[i : i + 2] for i in range(len(name) - 1) if CJK.search(name[i : i + 2])}
    if any(pair in text for pair in pairs):
        return True
    return difflib.SequenceMatcher(None, name, text).ratio() >= 0.6


def merge(path: Path, fresh: list[Record], done: set[str]) -> list[Record]:
    """The records of a file, those of the screens just done replaced."""
    old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    merged = [r for r in old if r["screen"] not in done] + fresh
    merged.sort(key=lambda r: r["screen"])
    return merged


def write_json(path: Path, value: Any) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    part.replace(path)


def save(out: Path, sure: list[Record], doubtful: list[Record], screens: list[Record]) -> None:
    done = {s["screen"] for s in screens}
    records = merge(out / "web.json", sure, done)
    everything = merge(out / "web_screens.json", screens, done)
    for screen in everything:
        screen["absent"] = absent_queries(screen, records)
    write_json(out / "web.json", records)
    write_json(out / "doubtful_web.json", merge(out / "doubtful_web.json", doubtful, done))
    write_json(out / "web_screens.json", everything)


def run(pages: list[Page], table: dict[str, Any], out: Path, cache: Path) -> None:
    (out / "images").mkdir(parents=True, exist_ok=True)
    reader = Reader()
    with tempfile.TemporaryDirectory() as profile, contextlib.closing(Browser(profile)) as browser:
        for program in dict.fromkeys(p.program for p in pages):
            with served(table["program"][program], cache) as address:
                mine = [p for p in pages if p.program == program]
                run_program(mine, table, address, browser, reader, out)


def run_program(
    pages: list[Page],
    table: dict[str, Any],
    address: str,
    browser: Browser,
    reader: Reader,
    out: Path,
) -> None:
    sure: list[Record] = []
    doubtful: list[Record] = []
    screens: list[Record] = []
    for page in pages:
        for variant in (variant_named(name, table) for name in page.variants):
            try:
                good, bad, screen = collect(browser, reader, address, page, variant, out)
            except Exception as error:  # noqa: BLE001 - one page must not end the collection
                print(f"{page.ident} {variant.name}: {error}", file=sys.stderr)
                continue
            print(
                f"{page.ident} {variant.name}: {len(good)} sure, {len(bad)} doubtful",
                file=sys.stderr,
            )
            sure, doubtful, screens = sure + good, doubtful + bad, [*screens, screen]
    save(out, sure, doubtful, screens)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, default=HERE / "data")
    parser.add_argument(
        "--cache", type=Path, help="where packages are unpacked (default OUT/sources)"
    )
    parser.add_argument("--pages", default="", help="programs or program/page, comma-separated")
    parser.add_argument("--table", type=Path, default=HERE / "pages.toml")
    parser.add_argument("--list", action="store_true", help="print the pages and leave")
    arguments = parser.parse_args()
    table = load_table(arguments.table)
    pages = pages_of(table, [p for p in arguments.pages.split(",") if p])
    if arguments.list:
        for page in pages:
            print(page.split, page.language, page.ident, *page.variants)
        return 0
    run(pages, table, arguments.out, arguments.cache or arguments.out / "sources")
    return 0


if __name__ == "__main__":
    sys.exit(main())
