"""The words people use for things on a screen, English and Chinese, as literal tables.

Nothing here is logic: the query language and the planner read these tables. A word may also be
part of a visible text ("Add button"); telling the two apart is the matching's work, on a scene.
Words are lower case; within a tuple the usual word comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from qvl_agent.grounding.base import ElementType

Side = Literal["above", "below", "left", "right", "near", "inside", "row"]
Corner = Literal[
    "top", "bottom", "left", "right", "centre",
    "top left", "top right", "bottom left", "bottom right",
]  # fmt: skip

TYPE_WORDS: Final[Mapping[ElementType, tuple[str, ...]]] = {
    "button": (
        "button", "push button", "pushbutton", "btn", "key",
        "按钮", "按键", "按扭",
    ),
    "text_input": (
        "text field", "textfield", "text box", "textbox", "input field", "input box", "input",
        "text input", "entry field", "edit box", "edit field", "text area", "textarea",
        "field", "box", "bar",
        "输入框", "文本框", "输入栏", "编辑框", "文本域", "文本区域", "输入域", "字段", "框", "栏",
    ),
    "password_input": (
        "password input", "password field", "password box", "password entry",
        "密码输入框", "密码框", "密码栏", "口令输入框", "口令框",
    ),
    "checkbox": (
        "checkbox", "check box", "check-box", "tick box", "tickbox", "check button",
        "toggle", "switch", "toggle switch", "toggle button",
        "复选框", "勾选框", "多选框", "复选按钮", "多选按钮", "勾选项", "复选项", "开关",
    ),
    "radio": (
        "radio button", "radio", "radio box", "radiobutton", "option button",
        "单选按钮", "单选框", "单选钮", "单选项",
    ),
    "combo_box": (
        "combo box", "combobox", "combo", "drop-down", "dropdown", "drop down",
        "drop-down list", "dropdown list", "drop down list", "drop-down menu", "dropdown menu",
        "drop down menu", "drop-down box", "dropdown box", "select box", "select menu", "selector",
        "list box", "listbox", "picker",
        "下拉框", "下拉列表", "下拉列表框", "下拉菜单", "下拉选择框", "下拉选框", "下拉选单",
        "组合框", "选择框", "选择器", "下拉",
    ),
    "link": ("link", "hyperlink", "链接", "超链接", "超级链接"),
    "menu": ("menu", "menu bar entry", "菜单", "主菜单"),
    "menu_item": (
        "menu item", "menu entry", "menu option", "menu command", "command",
        "菜单项", "菜单选项", "菜单条目", "命令",
    ),
    "tab": ("tab", "tab page", "标签页", "选项卡", "页签", "分页"),
    "list_item": (
        "list item", "item", "row", "list entry", "entry", "list row", "table row", "record",
        "line", "option",
        "列表项", "项", "行", "条", "条目", "项目", "记录", "选项", "表格行", "列表行",
    ),
    "icon": ("icon", "图标"),
    "text": (
        "text", "label", "heading", "title", "header", "caption", "message", "word", "words",
        "文字", "文本", "标题", "标签", "字样", "字", "提示",
    ),
    "other": (
        "element", "control", "widget", "slider", "image", "picture",
        "元素", "控件", "滑块", "图片",
    ),
}  # fmt: skip
"""What people call each type; `ALSO` widens the loose ones."""

ALSO: Final[Mapping[str, tuple[ElementType, ...]]] = {
    "field": ("password_input", "combo_box"),
    "input": ("password_input", "combo_box"),
    "input field": ("password_input", "combo_box"),
    "input box": ("password_input", "combo_box"),
    "box": ("password_input", "combo_box", "checkbox"),
    "bar": ("combo_box",),
    "输入框": ("password_input", "combo_box"),
    "文本框": ("password_input",),
    "输入栏": ("password_input", "combo_box"),
    "字段": ("password_input", "combo_box"),
    "框": ("password_input", "combo_box", "checkbox"),
    "栏": ("combo_box",),
    "toggle button": ("button",),
    "option button": ("button",),
    "list box": ("list_item",),
    "option": ("radio", "menu_item", "combo_box", "checkbox"),
    "选项": ("radio", "menu_item", "checkbox", "tab"),
    "item": ("menu_item",),
    "项": ("menu_item", "radio", "checkbox"),
    "entry": ("text_input", "menu_item"),
    "标签": ("tab",),
    "command": ("button",),
    "命令": ("button",),
    "image": ("icon",),
    "picture": ("icon",),
    "图片": ("icon",),
}
"""A word of `TYPE_WORDS` -> the other types it may equally well mean."""

INPUT_TYPES: Final[frozenset[ElementType]] = frozenset(
    ("text_input", "password_input", "combo_box")
)
"""What is named by a label that stands outside of it."""

AGREEMENT: Final[Mapping[ElementType, Mapping[ElementType, float]]] = {
    "button": {
        "icon": 0.9, "menu_item": 0.6, "link": 0.6, "combo_box": 0.6, "tab": 0.6, "menu": 0.6,
        "list_item": 0.5, "text": 0.5, "other": 0.6, "checkbox": 0.4, "radio": 0.3,
    },
    "text_input": {"password_input": 0.9, "combo_box": 0.8, "other": 0.4},
    "password_input": {"text_input": 0.75, "combo_box": 0.4, "other": 0.4},
    "checkbox": {
        "radio": 0.6, "icon": 0.4, "button": 0.4, "menu_item": 0.5, "list_item": 0.4,
        "text": 0.4, "other": 0.4,
    },
    "radio": {
        "checkbox": 0.6, "icon": 0.4, "button": 0.4, "menu_item": 0.5, "list_item": 0.4,
        "text": 0.4, "other": 0.4,
    },
    "combo_box": {
        "text_input": 0.7, "button": 0.7, "menu": 0.5, "other": 0.4, "password_input": 0.2,
    },
    "link": {
        "text": 0.8, "menu_item": 0.5, "list_item": 0.6, "button": 0.5, "tab": 0.5, "menu": 0.5,
        "other": 0.4,
    },
    "menu": {
        "menu_item": 0.8, "button": 0.7, "text": 0.7, "tab": 0.6, "combo_box": 0.6, "link": 0.6,
        "list_item": 0.5, "icon": 0.5, "other": 0.4,
    },
    "menu_item": {
        "list_item": 0.8, "menu": 0.8, "text": 0.7, "button": 0.6, "checkbox": 0.6, "radio": 0.6,
        "link": 0.6, "tab": 0.5, "other": 0.4,
    },
    "tab": {
        "button": 0.7, "text": 0.7, "menu": 0.6, "link": 0.6, "list_item": 0.5, "menu_item": 0.5,
        "radio": 0.4, "other": 0.4,
    },
    "list_item": {
        "menu_item": 0.8, "text": 0.8, "link": 0.7, "radio": 0.6, "checkbox": 0.6, "button": 0.5,
        "tab": 0.4, "other": 0.5,
    },
    "icon": {"button": 0.8, "other": 0.6, "checkbox": 0.3, "link": 0.4, "menu": 0.4, "text": 0.2},
    "text": {
        "link": 0.8, "list_item": 0.8, "menu_item": 0.7, "button": 0.6, "tab": 0.7, "menu": 0.7,
        "checkbox": 0.6, "radio": 0.6, "other": 0.5, "text_input": 0.4, "combo_box": 0.4,
    },
    "other": {
        "icon": 0.8, "button": 0.7, "text": 0.7, "link": 0.7, "list_item": 0.7, "tab": 0.7,
        "menu": 0.7, "menu_item": 0.7, "checkbox": 0.7, "radio": 0.7, "combo_box": 0.7,
        "text_input": 0.7, "password_input": 0.7,
    },
}  # fmt: skip
"""asked type -> drawn type -> how well it fits (1.0 for the same type, 0.0 if absent)."""

PASSWORD_WORDS: Final[tuple[str, ...]] = ("password", "passwd", "passphrase", "pin", "密码", "口令")

ENGLISH_ORDINALS: Final[Mapping[str, int]] = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "last": -1,
    "topmost": 1, "bottommost": -1, "second to last": -2, "second-to-last": -2,
    "second last": -2, "penultimate": -2, "next to last": -2, "third to last": -3,
}  # fmt: skip
"""Also "3rd", "22nd"; negative counts from the end."""

ENGLISH_NUMBERS: Final[Mapping[str, int]] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10,
}  # fmt: skip

CHINESE_DIGITS: Final[Mapping[str, int]] = {
    "零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7,
    "八": 8, "九": 9,
}  # fmt: skip

CHINESE_COUNTERS: Final[tuple[str, ...]] = (
    "个", "项", "行", "条", "列", "张", "排", "位", "栏", "格", "页", "款", "种", "篇", "件",
)  # fmt: skip

ENGLISH_SIDES: Final[Mapping[str, Side]] = {
    "underneath": "below", "under": "below", "below": "below", "beneath": "below",
    "above": "above", "on top of": "above",
    "to the right of": "right", "on the right of": "right", "on the right side of": "right",
    "to the right side of": "right", "right of": "right", "after": "right",
    "to the left of": "left", "on the left of": "left", "on the left side of": "left",
    "to the left side of": "left", "left of": "left", "before": "left",
    "next to": "near", "beside": "near", "near": "near", "close to": "near", "by": "near",
    "adjacent to": "near", "alongside": "near",
    "in the row of": "row", "in the row for": "row", "in the row with": "row",
    "on the row of": "row", "on the row for": "row", "in the line of": "row",
    "in the same row as": "row", "on the same row as": "row", "in row": "row",
    "on the row with": "row", "in the row that says": "row", "in the row containing": "row",
    "inside of": "inside", "inside": "inside", "within": "inside", "in": "inside",
    "of": "inside", "from": "inside", "on": "inside",
}  # fmt: skip

CHINESE_SIDES: Final[Mapping[str, Side]] = {
    "正上方": "above", "上面": "above", "上方": "above", "上边": "above", "之上": "above",
    "正下方": "below", "下面": "below", "下方": "below", "下边": "below", "之下": "below",
    "底下": "below",
    "左面": "left", "左边": "left", "左侧": "left", "左方": "left", "前面": "left",
    "右面": "right", "右边": "right", "右侧": "right", "右方": "right", "后面": "right",
    "旁边": "near", "旁": "near", "附近": "near", "边上": "near", "一侧": "near",
    "那一行": "row", "这一行": "row", "所在行": "row", "所在的行": "row", "所在的那一行": "row",
    "那行": "row", "这行": "row", "一行": "row", "同一行": "row", "同行": "row", "对应": "row",
    "里面": "inside", "里边": "inside", "当中": "inside", "之中": "inside", "里": "inside",
    "中": "inside", "内": "inside", "上": "inside",
}  # fmt: skip

ENGLISH_CORNERS: Final[Mapping[str, Corner]] = {
    "top left": "top left", "top-left": "top left", "upper left": "top left",
    "upper-left": "top left", "top right": "top right", "top-right": "top right",
    "upper right": "top right", "upper-right": "top right", "bottom left": "bottom left",
    "bottom-left": "bottom left", "lower left": "bottom left", "lower-left": "bottom left",
    "bottom right": "bottom right", "bottom-right": "bottom right", "lower right": "bottom right",
    "lower-right": "bottom right", "top": "top", "upper": "top", "bottom": "bottom",
    "lower": "bottom", "left": "left", "right": "right", "centre": "centre", "center": "centre",
    "middle": "centre",
}  # fmt: skip

CHINESE_CORNERS: Final[Mapping[str, Corner]] = {
    "左上角": "top left", "左上方": "top left", "左上": "top left", "右上角": "top right",
    "右上方": "top right", "右上": "top right", "左下角": "bottom left", "左下方": "bottom left",
    "左下": "bottom left", "右下角": "bottom right", "右下方": "bottom right",
    "右下": "bottom right", "顶部": "top", "顶端": "top", "最上面": "top", "最上方": "top",
    "上方": "top", "底部": "bottom", "底端": "bottom", "最下面": "bottom", "最下方": "bottom",
    "下方": "bottom", "左侧": "left", "左边": "left", "最左边": "left", "右侧": "right",
    "右边": "right", "最右边": "right", "中间": "centre", "中央": "centre", "正中": "centre",
}  # fmt: skip

CHECKED_WORDS: Final[Mapping[str, bool]] = {
    "checked": True, "ticked": True, "selected": True, "unchecked": False, "unticked": False,
    "unselected": False, "not checked": False,
    "已勾选": True, "已选中": True, "勾选了": True, "选中": True, "已打开": True, "已选": True,
    "未勾选": False, "未选中": False, "没勾选": False, "没有勾选": False, "未选": False,
}  # fmt: skip

ENABLED_WORDS: Final[Mapping[str, bool]] = {
    "enabled": True, "active": True, "clickable": True, "disabled": False, "inactive": False,
    "greyed out": False, "grayed out": False, "greyed": False, "grayed": False,
    "greyed-out": False, "grayed-out": False,
    "可用": True, "启用": True, "可点击": True, "禁用": False, "已禁用": False, "不可用": False,
    "灰色": False, "置灰": False, "变灰": False, "被禁用": False,
}  # fmt: skip

ENGLISH_FRAMES: Final[tuple[str, ...]] = (
    "please", "can you", "could you", "would you", "i want to", "i'd like to", "let's", "now",
    "double-click on", "double-click", "double click on", "double click", "right-click on",
    "right-click", "right click on", "right click", "left-click on", "left-click", "left click",
    "click on", "click", "tap on", "tap", "press", "push", "hit", "find", "locate", "look for",
    "select", "choose", "pick", "open", "hover over", "hover on", "point at", "point to",
    "go to", "show me", "where is", "tick", "untick", "check", "uncheck", "activate", "focus",
)  # fmt: skip
"""Openings that may be politeness and not text; the unstripped reading stays first."""

CHINESE_FRAMES: Final[tuple[str, ...]] = (
    "请帮我", "请你", "请", "帮我", "帮忙", "麻烦", "我要", "我想", "现在", "然后",
    "双击一下", "双击", "右键点击", "右键单击", "右击", "单击一下", "单击", "点击一下", "点击",
    "点一下", "点选", "点", "按下", "按一下", "按", "轻触", "轻点", "查找", "找到", "找一下",
    "找出", "找", "定位到", "定位", "选择", "选中", "勾选", "打开", "移动到", "悬停在", "聚焦",
)  # fmt: skip

ENGLISH_TAILS: Final[tuple[str, ...]] = (
    "on the screen", "on this screen", "on screen", "on the page", "on this page",
    "in the window", "in this window", "in the screenshot", "in the picture", "here", "please",
)  # fmt: skip

CHINESE_HEADS: Final[tuple[str, ...]] = (
    "屏幕上的", "屏幕中的", "屏幕里的", "页面上的", "页面中的", "页面里的", "界面上的", "界面中的",
    "界面里的", "窗口中的", "窗口里的", "窗口上的", "图中的", "画面中的",
    "当前页面的", "这个", "那个",
)  # fmt: skip
