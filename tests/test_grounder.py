"""The embedded grounder the whole way: real pictures in, elements with confidences out."""

from __future__ import annotations

import itertools
import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from threading import Event
from types import ModuleType

import numpy as np
import pytest

pytest.importorskip("rapidocr")

from drawn_screen import BLUE, WHITE, Drawing, near

from qvl_agent import capture, load_grounder, windows
from qvl_agent.errors import ImageError, QueryError, QvlAgentError, TargetNotFound
from qvl_agent.geometry import Box, Size
from qvl_agent.grounding.base import Grounder, Grounding
from qvl_agent.grounding.embedded import grounder as grounder_module
from qvl_agent.grounding.embedded.grounder import EmbeddedGrounder
from qvl_agent.grounding.embedded.reading.engine import OcrEngine
from qvl_agent.grounding.embedded.scene import Scene, TextLine
from qvl_agent.screenshot import Screenshot

LOGIN = Path(__file__).parents[1] / "examples" / "login.png"
# The login form, measured on the picture by eye: left, top, right, bottom.
TRUTH = {
    "user": Box(252, 273, 607, 307),
    "password": Box(252, 312, 607, 346),
    "mark": Box(199, 355, 215, 371),
    "cancel": Box(430, 380, 515, 414),
    "login": Box(520, 380, 605, 414),
}
PATIENCE = 60  # seconds before a program counts as not starting


@pytest.fixture(scope="session")
def grounder() -> EmbeddedGrounder:
    return EmbeddedGrounder()


@pytest.fixture(scope="session")
def login() -> Screenshot:
    return Screenshot.from_file(LOGIN)


@pytest.fixture(scope="session")
def page() -> Screenshot:
    """A page of two articles, each with its own Edit and Delete, and a search field."""
    screen = Drawing(640, 360)
    screen.text(40, 20, "Articles of the week", size=26)
    screen.field(380, 18, width=220, placeholder="Search articles")
    for n, name in enumerate(("The tall ships", "A garden in winter")):
        top = 80 + 110 * n
        screen.text(40, top, name)
        screen.button(40, top + 34, "Edit")
        screen.button(150, top + 34, "Delete", fill=BLUE, ink=WHITE)
    screen.text(40, 310, "Two articles found today")
    return Screenshot.from_array(screen.rgb)


@pytest.fixture
def ocr_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The engine's calls from now on."""
    calls: list[str] = []
    for name in ("detect", "recognise"):
        real = getattr(OcrEngine, name)

        def counted(self: OcrEngine, *args: object, _name: str = name, _real=real):
            calls.append(_name)
            return _real(self, *args)

        monkeypatch.setattr(OcrEngine, name, counted)
    return calls


class TestContract:
    def test_it_is_what_load_grounder_gives(self) -> None:
        assert isinstance(load_grounder("embedded"), EmbeddedGrounder)

    def test_it_is_a_grounder(self, grounder: EmbeddedGrounder) -> None:
        assert isinstance(grounder, Grounder)
        assert "embedded" in grounder.model_version


class TestLoginForm:
    """examples/login.png: a window of yad in Chinese."""

    @pytest.mark.parametrize(
        ("query", "kind", "place"),
        [
            ("用户名", "text_input", "user"),
            ("用户名输入框", "text_input", "user"),
            ("用户名：", "text_input", "user"),
            ("密码", "password_input", "password"),
            ("密码输入框", "password_input", "password"),
            ("登录", "button", "login"),
            ("登录按钮", "button", "login"),
            ("“登录”按钮", "button", "login"),
            ("取消", "button", "cancel"),
        ],
    )
    def test_what_is_named_is_found(
        self, grounder: EmbeddedGrounder, login: Screenshot, query: str, kind: str, place: str
    ) -> None:
        found = grounder.locate(login, query)
        assert found.element_type == kind
        assert near(found.bbox, TRUTH[place], slack=2)
        assert found.query == query
        assert found.enabled
        assert not found.ambiguous
        assert found.confidence is not None
        assert 0.5 < found.confidence < 1

    @pytest.mark.parametrize(
        ("query", "kind", "place"),
        [("用户名", "text_input", "user"), ("密码", "password_input", "password"),
         ("登录", "button", "login")],
    )  # fmt: skip
    def test_an_element_type_may_be_given_apart(
        self, grounder: EmbeddedGrounder, login: Screenshot, query: str, kind: str, place: str
    ) -> None:
        found = grounder.locate(login, query, element_type=kind)
        assert found.element_type == kind
        assert near(found.bbox, TRUTH[place], slack=2)

    def test_the_label_comes_without_its_colon(
        self, grounder: EmbeddedGrounder, login: Screenshot
    ) -> None:
        assert grounder.locate(login, "用户名").label == "用户名"

    def test_a_check_box_has_its_state(self, grounder: EmbeddedGrounder, login: Screenshot) -> None:
        found = grounder.locate(login, "记住我")
        assert (found.element_type, found.checked) == ("checkbox", False)

    def test_of_a_check_box_the_mark_or_the_words_are_aimed_at(
        self, grounder: EmbeddedGrounder, login: Screenshot
    ) -> None:
        words = grounder.locate(login, "记住我").bbox
        mark = grounder.locate(login, "记住我复选框").bbox
        assert near(mark, TRUTH["mark"], slack=2)
        assert words.left >= TRUTH["mark"].right
        assert mark.centre.x < words.centre.x

    def test_a_heading_is_not_the_button_that_shares_its_words(
        self, grounder: EmbeddedGrounder, login: Screenshot
    ) -> None:
        found = grounder.locate(login, "欢迎登录")
        assert found.element_type == "text"
        assert found.bbox.bottom < TRUTH["user"].top

    def test_a_part_of_a_line_has_the_box_of_that_part(
        self, grounder: EmbeddedGrounder, login: Screenshot
    ) -> None:
        whole = grounder.locate(login, "请输入您的账户信息").bbox
        part = grounder.locate(login, "账户信息").bbox
        assert part.left > whole.centre.x - 10
        assert part.right == pytest.approx(whole.right, abs=3)

    @pytest.mark.parametrize(
        "query", ["注销", "Log out", "Settings", "忘记密码按钮", "验证码", "登录菜单栏设置", "邮箱"]
    )
    def test_what_is_not_there_is_refused(
        self, grounder: EmbeddedGrounder, login: Screenshot, query: str
    ) -> None:
        with pytest.raises(TargetNotFound) as caught:
            grounder.locate(login, query)
        assert query in str(caught.value)
        assert caught.value.hint

    def test_a_refusal_names_the_nearest_candidates(self, login: Screenshot) -> None:
        strict = EmbeddedGrounder(threshold=1.0)
        with pytest.raises(TargetNotFound) as caught:
            strict.locate(login, "登录")
        nearest = caught.value.candidates[0]
        assert near(nearest.bbox, TRUTH["login"], slack=2)
        assert nearest.confidence is not None
        assert 0 < nearest.confidence < 1
        assert "登录" in (caught.value.hint or "")

    @pytest.mark.parametrize(
        ("query", "place"),
        [
            ("second button", "login"),
            ("第二个按钮", "login"),
            ("第一个输入框", "user"),
            ("the last button", "login"),
            ("the field under 用户名", "password"),
            ("the button right of 取消", "login"),
        ],
    )
    def test_ordinals_and_neighbours_point_at_the_right_element(
        self, login: Screenshot, query: str, place: str
    ) -> None:
        """The best candidate, whatever the fitted threshold says of such queries."""
        found = EmbeddedGrounder(threshold=0.0).locate(login, query)
        assert near(found.bbox, TRUTH[place], slack=2)


class TestEnglishPage:
    @pytest.mark.parametrize(
        ("query", "kind", "box"),
        [
            ("Search articles", "text_input", Box(380, 18, 600, 46)),
            ("the Search articles field", "text_input", Box(380, 18, 600, 46)),
        ],
    )
    def test_fields_and_buttons_are_found_to_the_pixel(
        self, grounder: EmbeddedGrounder, page: Screenshot, query: str, kind: str, box: Box
    ) -> None:
        found = grounder.locate(page, query)
        assert found.element_type == kind
        assert near(found.bbox, box, slack=2)

    @pytest.mark.parametrize("query", ["Delete", "the Delete button"])
    def test_two_alike_are_reported_as_alternatives(
        self, grounder: EmbeddedGrounder, page: Screenshot, query: str
    ) -> None:
        found = grounder.locate(page, query)
        assert found.ambiguous
        assert len(found.alternatives) == 1
        other = found.alternatives[0]
        assert other.label == found.label == "Delete"
        assert other.bbox != found.bbox
        assert {round(each.bbox.top) for each in (found, other)} == {114, 224}
        assert other.confidence is not None

    def test_a_lone_one_is_not_ambiguous_and_surer(
        self, grounder: EmbeddedGrounder, page: Screenshot, login: Screenshot
    ) -> None:
        twice = grounder.locate(page, "Delete")
        lone = grounder.locate(page, "A garden in winter")
        assert lone.confidence is not None
        assert twice.confidence is not None
        assert not lone.ambiguous
        assert twice.confidence < lone.confidence

    def test_damaged_queries_are_less_sure_than_exact_ones(
        self, grounder: EmbeddedGrounder, page: Screenshot
    ) -> None:
        lenient = EmbeddedGrounder(threshold=0.0)
        exact = lenient.locate(page, "A garden in winter").confidence
        damaged = [lenient.locate(page, query).confidence
                   for query in ("A gardem in winter", "A gardem im wimter")]  # fmt: skip
        assert exact is not None
        assert None not in damaged
        assert exact > damaged[0] > damaged[1]  # type: ignore[operator]

    @pytest.mark.parametrize("query", ["Publish", "Log out", "Archive everything", "Price list"])
    def test_what_is_not_there_is_refused(
        self, grounder: EmbeddedGrounder, page: Screenshot, query: str
    ) -> None:
        with pytest.raises(TargetNotFound):
            grounder.locate(page, query)

    @pytest.mark.parametrize(("dark", "scale"), [(True, 1), (True, 2), (False, 2)])
    def test_dark_and_high_resolution_pages_too(
        self, grounder: EmbeddedGrounder, dark: bool, scale: int
    ) -> None:
        screen = Drawing(480, 220, dark=dark, scale=scale)
        screen.text(40, 26, "Password")
        field = screen.field(150, 20)
        screen.text(40, 76, "Home town")
        town = screen.field(150, 70, content="Paris")
        button = screen.button(150, 130, "Continue")
        shot = Screenshot.from_array(screen.rgb)
        for query, kind, box in (
            ("Password", "password_input", field),
            ("Home town", "text_input", town),
            ("Continue", "button", button),
        ):
            found = grounder.locate(shot, query)
            assert (found.element_type, near(found.bbox, box, slack=2)) == (kind, True)
        assert grounder.locate(shot, "Home town").text == "Paris"


class TestGround:
    def test_it_keeps_the_order_and_says_none(
        self, grounder: EmbeddedGrounder, login: Screenshot
    ) -> None:
        queries = ["取消", "注销", "用户名", "登录", "Log out", "取消"]
        found = grounder.ground(login, queries)
        assert [each and each.query for each in found] == [
            "取消", None, "用户名", "登录", None, "取消",
        ]  # fmt: skip
        assert found[0] == found[5]

    def test_it_agrees_with_locate(self, grounder: EmbeddedGrounder, login: Screenshot) -> None:
        queries = ["取消", "用户名", "密码输入框"]
        assert grounder.ground(login, queries) == [grounder.locate(login, q) for q in queries]

    def test_no_queries_give_no_answers(
        self, grounder: EmbeddedGrounder, login: Screenshot
    ) -> None:
        assert grounder.ground(login, []) == []

    def test_one_look_serves_all(self, page: Screenshot, ocr_calls: list[str]) -> None:
        fresh = EmbeddedGrounder()
        fresh.ground(page, ["Delete"])
        once = len(ocr_calls)
        fresh.ground(page, ["Edit", "Delete", "Search articles"])
        assert len(ocr_calls) == once

    @pytest.mark.parametrize("query", ["", "   ", "x" * 10_000, "Save\x00", "a\u202eb"])
    def test_bad_queries_are_errors(
        self, grounder: EmbeddedGrounder, login: Screenshot, query: str
    ) -> None:
        with pytest.raises(QueryError):
            grounder.locate(login, query)
        with pytest.raises(QueryError):
            grounder.ground(login, ["登录", query])


class TestDetect:
    def test_everything_has_a_confidence_and_a_place(
        self, grounder: EmbeddedGrounder, login: Screenshot, page: Screenshot
    ) -> None:
        for shot in (login, page):
            elements = grounder.detect(shot)
            assert elements
            for element in elements:
                assert element.confidence is not None
                assert 0 < element.confidence < 1
                assert shot.bounds.contains_box(element.bbox, slack=1)
                assert element.bbox.width > 0
                assert element.bbox.height > 0

    def test_confidences_are_no_constant(
        self, grounder: EmbeddedGrounder, login: Screenshot
    ) -> None:
        assert len({element.confidence for element in grounder.detect(login)}) > 3

    def test_the_form_is_all_there(self, grounder: EmbeddedGrounder, login: Screenshot) -> None:
        found = {(each.element_type, each.label) for each in grounder.detect(login)}
        assert found >= {
            ("text_input", "用户名"), ("password_input", "密码"), ("checkbox", "记住我"),
            ("button", "取消"), ("button", "登录"), ("text", "请输入您的账户信息"),
        }  # fmt: skip

    def test_it_comes_in_reading_order(self, grounder: EmbeddedGrounder, login: Screenshot) -> None:
        labels = [each.label for each in grounder.detect(login)]
        order = ["欢迎登录", "用户名", "密码", "记住我", "取消", "登录"]
        places = [labels.index(name) for name in order]
        assert places == sorted(places)

    def test_a_blank_screen_has_nothing(self, grounder: EmbeddedGrounder) -> None:
        assert grounder.detect(Screenshot.from_array(np.full((200, 300, 3), 240, np.uint8))) == []


class TestSecondLooks:
    def test_the_same_picture_twice_is_read_once(
        self, page: Screenshot, ocr_calls: list[str]
    ) -> None:
        fresh = EmbeddedGrounder()
        first = fresh.locate(page, "Search articles")
        assert ocr_calls
        ocr_calls.clear()
        copy = Screenshot.from_array(page.rgb.copy())
        assert fresh.locate(copy, "Search articles") == first
        assert fresh.detect(copy) == fresh.detect(page)
        assert ocr_calls == []

    def test_a_changed_word_is_seen(self, page: Screenshot) -> None:
        fresh = EmbeddedGrounder()
        assert fresh.locate(page, "Two articles found today")
        screen = Drawing(640, 360)
        screen.image.paste(Drawing(640, 360).image.copy())
        changed = page.rgb.copy()
        screen.text(40, 310, "Nothing was found", read=False)
        changed[300:] = screen.rgb[300:]
        assert fresh.locate(Screenshot.from_array(changed), "Nothing was found")
        with pytest.raises(TargetNotFound):
            fresh.locate(Screenshot.from_array(changed), "Two articles found today")

    def test_a_changed_frame_is_seen_though_no_text_changed(self) -> None:
        """The widgets follow the pixels, not the letters."""
        fresh = EmbeddedGrounder()
        before, after = Drawing(480, 200), Drawing(480, 200)
        for screen in (before, after):
            screen.text(40, 30, "Some words to read")
        after.rect(80, 90, 200, 122, fill=(224, 224, 224), radius=4)
        for screen in (before, after):
            screen.text(115, 98, "Submit")
        one = fresh.locate(Screenshot.from_array(before.rgb), "Submit")
        two = fresh.locate(Screenshot.from_array(after.rgb), "Submit")
        assert (one.element_type, two.element_type) == ("text", "button")
        assert near(two.bbox, Box(80, 90, 200, 122))

    def test_it_keeps_a_copy_and_not_the_callers_pixels(self, page: Screenshot) -> None:
        fresh = EmbeddedGrounder()
        shot = Screenshot.from_array(page.rgb.copy())
        first = fresh.locate(shot, "Search articles")
        shot.wipe()
        assert fresh.locate(page, "Search articles") == first

    def test_forgetting_reads_anew_and_answers_the_same(
        self, page: Screenshot, ocr_calls: list[str]
    ) -> None:
        fresh = EmbeddedGrounder()
        first = fresh.locate(page, "Search articles")
        fresh.forget()
        ocr_calls.clear()
        assert fresh.locate(page, "Search articles") == first
        assert "detect" in ocr_calls

    def test_forgetting_wipes_the_kept_pixels(
        self, page: Screenshot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Every copy of the picture that a look made is zero or gone afterwards."""
        import gc

        fresh = EmbeddedGrounder()
        fresh.detect(page)
        kept = [each for each in gc.get_objects() if _is_copy(each, page)]
        kept += [each for each in _arrays_of(fresh) if _is_copy(each, page)]
        assert kept, "the last picture is kept for the next look"
        fresh.forget()
        assert not any(each.any() for each in kept)

    def test_forgetting_before_the_first_look_does_nothing(self) -> None:
        EmbeddedGrounder().forget()

    def test_a_failed_look_does_not_answer_with_the_picture_before(
        self, login: Screenshot, page: Screenshot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fresh = EmbeddedGrounder()
        fresh.detect(login)
        with monkeypatch.context() as broken:
            broken.setattr(grounder_module, "build_scene", _fail)
            with pytest.raises(RuntimeError):
                fresh.detect(page)
        assert fresh.locate(page, "Search articles").label == "Search articles"


def _fail(*_: object) -> None:
    raise RuntimeError("no scene")


def _is_copy(each: object, shot: Screenshot) -> bool:
    return (
        isinstance(each, np.ndarray)
        and each is not shot.rgb
        and each.shape == shot.rgb.shape
        and not np.shares_memory(each, shot.rgb)
        and np.array_equal(each, shot.rgb)
    )


def _arrays_of(thing: object) -> Iterator[np.ndarray]:
    """All arrays that an object's attributes lead to."""
    seen: set[int] = set()
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, (type, ModuleType)):
            continue
        seen.add(id(each))
        if isinstance(each, np.ndarray):
            yield each
        waiting += list(getattr(each, "__dict__", {}).values())
        if isinstance(each, (list, tuple)):
            waiting += each


class TestThreads:
    def test_four_threads_get_what_one_gets(self, login: Screenshot, page: Screenshot) -> None:
        login, page = login.crop(Box(170, 180, 632, 445)), page.crop(Box(20, 70, 340, 270))
        jobs = [
            (login, "登录"), (page, "Delete"), (login, "密码输入框"), (page, "The tall ships"),
            (login, "注销"),
        ]  # fmt: skip
        serial = [_answer(EmbeddedGrounder(), job) for job in jobs]
        shared = EmbeddedGrounder()
        with ThreadPoolExecutor(4) as pool:
            for run in pool.map(lambda _: [_answer(shared, job) for job in jobs], range(4)):
                assert run == serial

    def test_a_slow_look_does_not_overwrite_a_later_one(
        self, login: Screenshot, page: Screenshot, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While one thread builds the scene of one picture, another looks at the next."""
        login, page = login.crop(Box(400, 370, 632, 430)), page.crop(Box(20, 70, 200, 150))
        started, go, real = Event(), Event(), grounder_module.build_scene

        def slow(rgb: np.ndarray, lines: Sequence[TextLine]) -> Scene:
            if rgb.shape[1] == login.width:
                started.set()
                go.wait(PATIENCE)
            return real(rgb, lines)

        shared = EmbeddedGrounder()
        monkeypatch.setattr(grounder_module, "build_scene", slow)
        with ThreadPoolExecutor(2) as pool:
            first = pool.submit(shared.detect, login)
            assert started.wait(PATIENCE)
            second = pool.submit(shared.detect, page)
            wait([second], timeout=2)  # it has to wait itself; were it let in, it would be done
            go.set()
            labels = [{each.label for each in job.result(PATIENCE)} for job in (first, second)]
        assert "登录" in labels[0]
        assert "The tall ships" in labels[1]
        assert "The tall ships" in {each.label for each in shared.detect(page)}


def _answer(grounder: EmbeddedGrounder, job: tuple[Screenshot, str]) -> Grounding | None:
    try:
        return grounder.locate(*job)
    except TargetNotFound:
        return None


class TestOddPictures:
    @pytest.mark.parametrize(
        "shape", [(1, 1), (1, 300), (300, 1), (2, 2), (3, 500), (8, 8), (40, 3000), (900, 12)]
    )
    @pytest.mark.parametrize("content", ["black", "noise"])
    def test_small_and_narrow_ones_hold_nothing(
        self, grounder: EmbeddedGrounder, shape: tuple[int, int], content: str
    ) -> None:
        rgb = np.zeros((*shape, 3), np.uint8)
        if content == "noise":
            rgb = np.random.default_rng(3).integers(0, 256, (*shape, 3), np.uint8)
        shot = Screenshot.from_array(rgb)
        for element in grounder.detect(shot):
            assert shot.bounds.contains_box(element.bbox, slack=1)
        with pytest.raises(TargetNotFound):
            grounder.locate(shot, "Save the document")

    def test_noise_is_no_text(self, grounder: EmbeddedGrounder) -> None:
        rgb = np.random.default_rng(5).integers(0, 256, (240, 320, 3), np.uint8)
        assert len(grounder.detect(Screenshot.from_array(rgb))) <= 3

    def test_a_very_wide_one_is_read(self, grounder: EmbeddedGrounder) -> None:
        screen = Drawing(3600, 60)
        button = screen.button(3400, 15, "Continue")
        found = grounder.locate(Screenshot.from_array(screen.rgb), "Continue")
        assert near(found.bbox, button, slack=2)

    def test_a_picture_without_pixels_is_an_error(self) -> None:
        with pytest.raises(ImageError):
            Screenshot.from_array(np.zeros((0, 40, 3), np.uint8))

    def test_a_wiped_screenshot_is_an_error(self, grounder: EmbeddedGrounder) -> None:
        shot = Screenshot.from_array(np.zeros((40, 40, 3), np.uint8))
        shot.wipe()
        with pytest.raises(QvlAgentError):
            grounder.locate(shot, "Save")

    def test_the_array_a_caller_gives_is_not_changed(self, page: Screenshot) -> None:
        rgb = page.rgb.copy()
        before = rgb.copy()
        EmbeddedGrounder().detect(Screenshot.from_array(rgb))
        assert np.array_equal(rgb, before)


# What a look may not do once the engine is loaded: write a file, or touch the network.
WATCHED = """
import json, sys
from qvl_agent import Screenshot, load_grounder

shot = Screenshot.from_file(sys.argv[1])
other = shot.crop(shot.bounds)
grounder = load_grounder("embedded")
seen = []

def watch(event, args):
    if event == "open":
        path, mode, flags = args
        writes = isinstance(mode, str) and set(mode) & set("wax+")
        if writes or (isinstance(flags, int) and flags & 0o3):
            seen.append([event, str(path)])
    elif event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn",
                           "os.remove", "os.rename", "os.mkdir", "shutil.", "tempfile.")):
        seen.append([event, str(args)])

sys.addaudithook(watch)
first = grounder.locate(shot, "登录").bbox
grounder.ground(other, ["取消", "注销"])
grounder.detect(shot)
grounder.forget()
open("/dev/null", "w").close()
print(json.dumps({"seen": seen, "found": [*first]}))
"""


def test_a_look_writes_no_file_and_opens_no_socket(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", WATCHED, str(LOGIN)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(LOGIN.parents[1]), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    report = json.loads(done.stdout)
    assert near(Box(*report["found"]), TRUTH["login"], slack=2)
    assert report["seen"] == [["open", "/dev/null"]], "only the probe that shows the watch works"
    assert list(tmp_path.iterdir()) == []


class TestZenity:
    """Dialogues of a real program on a live screen."""

    FORMS = (
        "--forms", "--title=Contacts", "--text=Who is it?", "--add-entry=First name",
        "--add-entry=Street", "--add-password=Password", "--ok-label=Save it",
        "--cancel-label=Leave", "--width=420",
    )  # fmt: skip

    @pytest.fixture
    def form(self, display: str) -> Iterator[Screenshot]:
        if shutil.which("zenity") is None:
            pytest.skip("needs zenity (apt install zenity)")
        process = subprocess.Popen(
            ["zenity", *self.FORMS],
            env=os.environ | {"LANG": "C.UTF-8", "GTK_THEME": "Adwaita"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield _drawn("Contacts")
        finally:
            process.kill()
            process.wait(10)

    def test_fields_and_buttons_are_found(
        self, grounder: EmbeddedGrounder, form: Screenshot
    ) -> None:
        street = grounder.locate(form, "Street")
        first = grounder.locate(form, "First name")
        password = grounder.locate(form, "Password", element_type="password_input")
        assert [each.element_type for each in (first, street, password)] == [
            "text_input", "text_input", "password_input",
        ]  # fmt: skip
        assert first.bbox.bottom <= street.bbox.top + 1
        assert street.bbox.bottom <= password.bbox.top + 1
        assert near(
            Box(first.bbox.left, 0, first.bbox.right, 1),
            Box(street.bbox.left, 0, street.bbox.right, 1),
            slack=2,
        )
        for field in (first, street, password):
            assert 20 <= field.bbox.height <= 50
            assert field.text_bbox is not None
            assert field.text_bbox.right <= field.bbox.left
        for name in ("Save it", "Leave"):
            button = grounder.locate(form, name)
            assert button.element_type == "button"
            assert button.text_bbox is not None
            assert button.bbox.contains_box(button.text_bbox, slack=1)
            assert button.bbox.area > 1.5 * button.text_bbox.area
        with pytest.raises(TargetNotFound):
            grounder.locate(form, "Telephone")


def _drawn(title: str) -> Screenshot:
    """The screen, once two looks at a window of that title in a row are the same."""
    before, deadline = "", time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        time.sleep(0.2)
        if not any(window.title == title and window.visible for window in windows()):
            continue
        shot = capture()
        if shot.digest == before and len(np.unique(shot.rgb[::7, ::7])) > 8:
            return shot
        before = shot.digest
    raise AssertionError(f"{title} was not drawn in {PATIENCE} s")


def test_confidences_differ_between_easy_and_hard_queries(
    grounder: EmbeddedGrounder, login: Screenshot
) -> None:
    queries = ["用户名", "密码", "登录", "记住我", "取消", "欢迎登录", "账户信息"]
    found = [grounder.locate(login, query).confidence for query in queries]
    assert all(each is not None and math.isfinite(each) and 0 < each < 1 for each in found)
    assert len(set(found)) >= 4
    assert all(isinstance(a, float) for a, _ in itertools.pairwise(found))


def test_a_crop_moves_what_is_found(grounder: EmbeddedGrounder, login: Screenshot) -> None:
    corner = Box(170, 180, 632, 445)
    found = grounder.locate(login.crop(corner), "登录").bbox
    assert near(found.moved(corner.left, corner.top), TRUTH["login"], slack=2)


def test_a_picture_twice_as_large_gives_boxes_twice_as_large(
    grounder: EmbeddedGrounder, login: Screenshot
) -> None:
    large = login.resized(Size(login.width * 2, login.height * 2))
    found = grounder.locate(large, "登录").bbox
    small = TRUTH["login"]
    assert near(found, Box(*(2 * side for side in small)), slack=5)
