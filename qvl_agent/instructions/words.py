"""The words that instructions are made of, English and Chinese, as literal tables.

Everything is lower case and half width (see `masking.mask`). Longer words need not come first:
`any_of` sorts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

CJK = r"\u3400-\u9fff\uf900-\ufaff"


def any_of(words: Iterable[str], *, glued: bool = False) -> str:
    """A pattern for the longest of ``words``; blanks match any white space, Latin words whole.

    ``glued`` words may follow a letter or digit directly, as the units in "2s" do.
    """
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(_pattern(word, glued) for word in ordered) + ")"


def _pattern(word: str, glued: bool) -> str:
    body = r"\s+".join(re.escape(part) for part in word.split())
    if word[0].isascii() and word[0].isalnum() and not glued:
        body = r"(?<![a-z0-9_])" + body
    if word[-1].isascii() and word[-1].isalnum():
        body += r"(?![a-z0-9_])"
    for ending, not_before in NOT_BEFORE.items():
        if word.endswith(ending):
            body += f"(?!{not_before})"
    return body


NOT_BEFORE = {
    "输入": "[框栏域法区]", "选择": "[框器]", "勾选": "[框]", "填写": "[框栏]", "点击": "[率量]",
    "选": "[项框择]", "选中": "[国文英等午级学心央性型号秋部]", "按": "[钮键照住]", "长按": ".",
    "点下": "[一拉载]", "按下": "[一拉载]", "填上": "[海午饶周]", "写上": "[海午饶周]",
    "打上": "[海午饶周]", "选上": "[海午饶周]", "勾上": "[海午饶周]", "等": "[级]",
    "编辑": "[框器]", "搜索": "[框栏]", "点": "[击]", "设": "[置备]", "写": "[字]",
}  # fmt: skip
"""Verb -> what may not follow it: 输入框 is a thing, 输入 is a verb."""


# --- what joins clauses -------------------------------------------------------------------

THEN_WORDS = (
    "then", "after that", "afterwards", "after which", "subsequently", "followed by",
    "once that is done", "when that is done", "when done",
    "然后", "接着", "随后", "之后", "而后", "接下来", "再然后", "完成后", "完了后", "完后",
)  # fmt: skip
AND_WORDS = (
    "and",
    "and also",
    "as well as",
    "plus",
    "&",
    "以及",
    "还有",
    "和",
    "与",
    "及",
    "跟",
    "、",
)
ALSO_WORDS = ("并且", "而且", "同时")
AND_IF_A_VERB_FOLLOWS = ("后", "再", "就", "最后", "且", "又", "先", "首先")
BING = r"(?<![合一兼吞归火])并(?![发行列购联排非不没网存入])"
"""并 joins clauses, but not inside 合并, 并发 and their like."""

# --- politeness and framing ----------------------------------------------------------------

POLITE = (
    "please", "pls", "kindly", "can you", "could you", "would you", "will you", "i want to",
    "i want you to", "i'd like to", "i'd like you to", "i would like to", "i would like you to",
    "i need to", "i need you to", "i need", "you should", "you need to", "you must", "help me to",
    "help me", "let's", "let us", "go ahead and", "try to", "just", "firstly", "secondly",
    "thirdly", "finally", "lastly", "to begin", "to start", "start by", "to finish", "hey", "and",
    "using the keyboard", "using the mouse", "with the mouse", "with the keyboard",
    "on the keyboard", "then", "immediately", "quickly", "carefully", "simply", "once more",
    "your task is to", "the task is to", "use the mouse to", "请帮我", "请帮忙", "请你帮我",
    "请你", "请您", "请", "帮我", "帮忙", "帮", "麻烦你", "麻烦您", "麻烦", "劳驾", "我想要",
    "我想", "我要", "我需要", "我希望你", "希望你", "你可以", "能不能", "能否", "你能", "然后",
    "接着", "接下来", "随后", "立即", "马上", "并且", "替我", "给我", "为我", "你好", "您好",
    "请先", "请再", "用鼠标左键", "用鼠标", "用键盘", "在屏幕上", "在页面上", "在页面中",
    "在界面上", "在当前页面", "在窗口中",
)  # fmt: skip
"""Never part of a name."""
MAYBE_FRAMING = (
    "help", "now", "first", "second", "third", "next", "last", "also", "again", "ok", "okay", "hi",
    "hello", "so", "task", "可以", "能", "需要", "需", "要", "先", "首先", "再", "之后", "最后",
    "现在", "并", "也", "同时", "还要", "还", "又", "就", "直接", "好的", "好", "其次", "任务",
    "第一", "第二", "第三",
)  # fmt: skip
"""Framing before a verb ("first click Save"), but names begin with them too ("First name")."""
TRAILING_FILLERS = (
    "please", "for me", "thanks", "thank you", "thank you very much", "thx", "would you",
    "will you", "right away", "if you can", "if possible",
    "谢谢你", "谢谢您", "谢谢", "多谢", "一下", "吧", "好吗", "可以吗", "行吗", "好不好",
    "就行", "就可以了", "即可", "就好了", "就好", "哦", "啊", "呢", "哈", "啦", "拜托了", "拜托",
)  # fmt: skip
AFTER_A_VALUE = ("please", "for me", "thank you very much")
"""The only fillers that are taken off an unquoted value."""

# --- verbs ---------------------------------------------------------------------------------

FILL = ("fill", "fill in", "fill out", "fill up", "populate", "complete")
TYPE = (
    "type", "type in", "enter", "input", "write", "write down", "put", "put in", "insert",
    "key in", "paste", "provide", "supply", "specify", "add",
)  # fmt: skip
SET = ("set", "change", "update", "modify", "adjust", "edit", "switch", "turn", "make", "replace")
USE = ("use",)
SELECT = ("select", "choose", "pick", "pick out", "opt for")
CLICK = (
    "click", "left-click", "left click", "leftclick", "single-click", "single click", "tap",
    "touch", "activate", "click once", "toggle", "focus", "focus on", "do a click",
    "perform a click", "clicking",
)  # fmt: skip
PRESS = ("press", "hit", "push", "strike", "press down", "depress")
OPEN = ("open", "open up", "go to", "switch to", "expand", "navigate to", "bring up", "pull down")
OPENED = (
    "menu", "tab", "tab page", "drop-down", "dropdown", "drop down", "list", "combo box", "link",
    "page", "drop-down list", "dropdown list", "combobox", "drop-down menu", "dropdown menu",
)  # fmt: skip
DOUBLE = (
    "double-click", "double click", "doubleclick", "dblclick", "double-tap", "double tap",
    "do a double click", "do a double-click", "perform a double click", "open with a double click",
)  # fmt: skip
RIGHT = (
    "right-click", "right click", "rightclick", "context-click", "context click",
    "secondary-click", "secondary click", "do a right click", "do a right-click",
    "open the context menu of", "open the context menu for", "open the context menu on",
    "bring up the context menu of", "show the context menu of",
)  # fmt: skip
HOVER = (
    "hover", "hover over", "hover on", "hover above", "hover the mouse over", "mouse over",
    "mouseover", "point at", "point to", "rest the pointer on", "hover the pointer over",
)  # fmt: skip
MOVE_POINTER = re.compile(
    r"(?:move|place|put|position|rest)\s+(?:the\s+|your\s+)?(?:mouse|cursor|pointer|mouse\s+pointer"
    r"|mouse\s+cursor)\s+(?:over|on|onto|to|above|on\s+top\s+of|over\s+to)\s+"
)
CHECK = (
    "check",
    "check off",
    "tick",
    "tick off",
    "mark",
    "enable",
    "turn on",
    "switch on",
    "toggle on",
)
UNCHECK = (
    "uncheck", "untick", "unmark", "unselect", "deselect", "disable", "turn off", "switch off",
    "toggle off", "clear the check mark of", "remove the tick from", "remove the check from",
    "remove the check mark from", "do not check", "don't check", "do not tick", "don't tick",
)  # fmt: skip
CLEAR = ("clear", "empty", "clear out", "erase", "clear the text in", "clear the contents of",
         "clear the content of", "delete the text in", "erase the text in")  # fmt: skip
LOCATE = (
    "find", "locate", "look for", "where is", "where's", "show me", "show me where", "point out",
    "identify", "spot", "detect", "search the screen for", "find out where",
)  # fmt: skip
ASSERT = (
    "assert", "assert that", "verify", "verify that", "ensure", "ensure that", "make sure",
    "make sure that", "check that", "check if", "check whether", "check for", "confirm",
    "confirm that", "validate", "validate that", "verify if", "verify whether", "be sure that",
    "see if", "see that", "see whether", "expect", "expect that", "expect to see", "you should see",
    "there should be", "assert the presence of", "check the presence of", "check to see if",
)  # fmt: skip
WAIT_FOR = ("wait for", "wait until", "wait till", "wait on", "hold on until", "keep waiting for",
            "keep waiting until", "until", "wait to see", "wait")  # fmt: skip
DRAG = ("drag", "drag and drop", "drag-and-drop", "drag & drop", "move", "pull", "drop")

STATE_ON = ("on", "checked", "ticked", "enabled", "selected", "true", "yes", "active", "turned on",
            "switched on", "打开", "开启", "开", "勾选", "选中", "启用", "是", "已勾选",
            "已选中")  # fmt: skip
STATE_OFF = ("off", "unchecked", "unticked", "disabled", "unselected", "false", "no", "inactive",
             "not checked", "not ticked", "not selected", "turned off", "switched off", "关闭",
             "关", "取消", "取消勾选", "未勾选", "未选中", "不勾选", "禁用", "停用", "否",
             "不选中")  # fmt: skip
VISIBLE = (
    "visible", "shown", "displayed", "present", "there", "on the screen", "on screen",
    "on the page", "on this page", "showing", "available", "in view", "visible on the screen",
    "visible on the page", "shown on the screen", "displayed on the screen", "in the window",
    "loaded", "ready",
)  # fmt: skip
APPEARS = (
    "appears", "appear", "shows up", "show up", "shows", "show", "exists", "exist", "pops up",
    "pop up", "comes up", "come up", "is visible", "be visible", "loads", "load", "is there",
    "becomes visible", "become visible", "can be seen", "displays", "display", "be there",
    "be shown", "be displayed", "be present", "be on the screen", "be loaded", "finish loading",
    "finishes loading", "has loaded", "has appeared", "is loaded", "be ready",
)  # fmt: skip

ZH_FILL = ("填写", "填入", "填上", "填", "填好", "填充", "填写上", "补充", "补全")
ZH_TYPE = (
    "输入", "键入", "录入", "写入", "写上", "写", "敲入", "打上", "打入", "输入文字", "输入文本",
    "输入内容", "输入值", "粘贴", "输入字符", "填写内容",
)  # fmt: skip
ZH_SET = ("设置", "设定", "修改", "更改", "更新", "调整", "改", "设", "编辑", "变更")
ZH_TO_BE = (
    "设置为", "设为", "设置成", "设成", "设定为", "改为", "改成", "修改为", "修改成", "更改为",
    "更改成", "变更为", "换成", "更新为", "调整为", "调整到", "调为", "调到", "设置到", "变为",
    "变成", "切换为", "切换成", "切换到", "改写为", "改写成",
)  # fmt: skip
ZH_FILL_AS = ("填写为", "填为", "填成", "填写成", "输入为", "写成", "写为", "录入为", "填入为")
ZH_SELECT_AS = ("选为", "选择为", "选成", "选择成", "选定为", "选中为")
ZH_SELECT = ("选择", "选", "挑选", "选取", "选定", "选用", "选中", "选出", "点选")
ZH_CLICK = (
    "点击", "单击", "点按", "轻点", "轻触", "轻击", "点选", "点开", "点", "左键点击", "左键单击",
    "鼠标点击", "鼠标单击", "鼠标左键点击", "左击", "点击一下", "点一下", "单击一下", "点下", "戳",
    "触摸", "点触", "点击一次", "点一点", "聚焦", "聚焦到", "点中", "点到", "轻点一下", "戳一下",
)  # fmt: skip
ZH_PRESS = ("按", "按下", "按一下", "摁", "摁下", "按压", "敲", "敲击", "敲一下", "按动", "揿")
ZH_DOUBLE = ("双击", "双击一下", "鼠标双击", "连击两下", "连续点击两次", "双击打开", "左键双击")
ZH_RIGHT = (
    "右击", "右键点击", "右键单击", "鼠标右键点击", "鼠标右键单击", "右键", "鼠标右击", "右击一下",
    "右键点击一下", "右键点一下", "用右键点击", "用鼠标右键点击", "用右键单击", "点击鼠标右键",
)  # fmt: skip
ZH_HOVER = (
    "悬停", "悬停在", "悬停到", "悬停于", "悬浮在", "悬浮到", "鼠标悬停在", "鼠标悬停到",
    "鼠标悬停", "移动到", "移到", "鼠标移动到", "鼠标移到", "移动鼠标到", "移动鼠标至", "鼠标移至",
    "鼠标放到", "鼠标放在", "鼠标指向", "指向", "鼠标停在", "光标移动到", "光标移到",
    "鼠标指针移到", "鼠标指针移动到", "把鼠标移到", "把鼠标移动到", "将鼠标移到", "将鼠标移动到",
    "将鼠标悬停在", "把鼠标悬停在", "将鼠标放在", "把鼠标放在", "把鼠标放到", "将鼠标放到",
    "将鼠标移至", "把鼠标移至", "将鼠标悬停到", "把鼠标悬停到", "将光标移到", "将光标移动到",
    "将鼠标指针移到", "将鼠标指针移动到", "把光标移到", "把光标移动到", "把鼠标指针移到",
    "把鼠标指针移动到", "将鼠标指向", "把鼠标指向",
)  # fmt: skip
ZH_CHECK = (
    "勾选", "勾选上", "勾上", "选中", "打勾", "启用", "开启", "勾中", "钩选", "勾住", "打钩",
    "选上",
)  # fmt: skip
ZH_UNCHECK = (
    "取消勾选", "取消选中", "取消选择", "去掉勾选", "不勾选", "不要勾选", "去勾选", "反勾选",
    "禁用", "停用", "关掉", "去除勾选", "不选中", "取消勾", "别勾选", "去掉",
)  # fmt: skip
ZH_LOCATE = (
    "定位", "定位到", "找到", "查找", "寻找", "找", "找出", "识别", "识别出", "指出", "找一下",
    "标出", "找找", "定位一下", "查找一下", "检测",
)  # fmt: skip
ZH_ASSERT = (
    "确认", "检查", "验证", "断言", "确保", "核实", "校验", "检验", "看看", "保证", "判断",
    "核对", "确认一下", "检查一下", "验证一下", "检查下", "看一下", "断定",
)  # fmt: skip
ZH_WAIT = ("等待", "等", "等到", "等候", "一直等到", "一直等待", "等一等", "直到", "稍等", "等一下")
ZH_PAUSE = ("等待", "等", "暂停", "停顿", "休眠", "延时", "延迟", "停", "稍等", "睡眠", "静待",
            "等候", "等上", "再等")  # fmt: skip
ZH_DRAG_TO = (
    "拖动到", "拖到", "拖拽到", "拖放到", "拖至", "拖动至", "拖拽至", "拖放至", "拖曳到", "拖曳至",
    "拖进", "拖入", "移动到", "移到", "移至", "移动至", "拖去", "拉到", "放到", "拖",
)  # fmt: skip
ZH_DRAG = ("拖动", "拖拽", "拖", "拖放", "拖曳", "移动")
ZH_CLEAR = ("清空", "清除", "清空一下", "清掉", "删空")
ZH_OPEN = ("打开", "切换到", "切换至", "展开", "进入", "跳转到", "转到", "切到", "点开")
ZH_OPENED = (
    "菜单", "选项卡", "标签页", "标签", "页签", "下拉框", "下拉列表", "下拉菜单", "链接", "列表",
    "页面", "页",
)  # fmt: skip
ZH_FIELD_PLACE = (
    "中", "里", "里面", "内", "处", "上", "一栏", "一栏中", "一栏里", "栏", "栏里", "栏中", "一项",
    "一项中", "这一栏", "那一栏", "这一项", "当中", "之中", "里边", "位置", "的位置", "那里",
    "这里",
)  # fmt: skip
"""Words after a place (在…中); they belong to the grammar, not to the label."""

STRONG_ZH = (
    "点击", "单击", "双击", "右击", "右键点击", "勾选", "取消勾选", "填写", "输入", "点一下",
    "选择", "悬停", "按下", "按回车", "滚动", "等待",
)  # fmt: skip
"""Verbs that begin a clause even with no separator before them."""
STRONG_EN = (
    "click",
    "double-click",
    "double click",
    "right-click",
    "right click",
    "untick",
    "uncheck",
)

PRONOUNS = ("it", "that", "this", "this one", "that one", "它", "他", "该项", "这个", "那个", "其")

NOT_UNDERSTOOD = (
    "abort", "accept", "alert", "allow", "apply", "approve", "archive", "arrange", "ask", "attach",
    "back", "boot", "browse", "build", "buy", "calculate", "call", "capture", "cancel", "close",
    "collapse", "commit", "compare", "compile", "compute", "connect", "convert", "copy", "count",
    "create", "crop", "cut", "dance", "decline", "define", "delete", "delay", "describe", "dismiss",
    "display", "download", "draw", "duplicate", "eject", "execute", "exit", "explain",
    "export", "extract", "fetch", "flip", "fix", "forward", "generate", "get", "give", "go",
    "highlight", "import", "inspect", "install", "invert", "jump", "kill", "launch", "leave",
    "list", "load", "lock", "log", "login", "logout", "look", "maximise", "maximize",
    "merge", "minimise", "minimize", "mute", "navigate", "notify", "play", "print",
    "purchase", "quit", "read", "reboot", "redo", "refresh", "reload", "remove", "rename",
    "reply", "reset", "resize", "restart", "restore", "retry", "return", "review",
    "revert", "rotate", "run", "save", "scan", "screenshot", "search", "send", "share", "show",
    "shut", "sign", "skip", "sing", "sort", "split", "stop", "submit", "subscribe", "summarise",
    "summarize", "swap", "swipe", "sync", "take", "tell", "translate", "undo", "uninstall",
    "unlock", "unzip", "upload", "validate", "view", "visit", "watch", "zoom",
)  # fmt: skip
"""English verbs that open a clause this grammar does not know: never part of an unquoted value
when another word follows, and never quietly typed into a field."""

ZH_NOT_UNDERSTOOD = (
    "跳舞", "唱歌", "提交", "发送", "保存", "上传", "下载", "登录", "登陆", "退出", "注册", "删除",
    "关闭", "打开", "复制", "粘贴", "剪切", "刷新", "搜索", "返回", "启动", "运行", "安装", "卸载",
    "打印", "截图", "翻译", "放大", "缩小", "最小化", "最大化", "新建", "创建", "添加", "移除",
    "重命名", "导出", "导入", "播放", "停止", "重启", "关机", "计算", "总结", "告诉", "发邮件",
    "通知", "读取", "跳转", "返回", "分享", "转发", "回复", "撤销", "重做", "解压", "压缩", "连接",
    "断开", "浏览",
)  # fmt: skip

KEY_ONLY_WITH_KEY = (
    "取消", "确认", "删除", "菜单", "退出", "开始", "徽标", "控制", "暂停", "上一页", "下一页",
    "换行", "插入", "上", "下", "左", "右", "向上", "向下", "向左", "向右", "大写", "next",
    "option", "print", "command", "menu", "apps", "break", "pause", "quote", "comma", "period",
    "dot", "plus", "minus", "dash", "equals", "equal", "prior", "windows", "win", "meta", "上档",
    "换挡", "截屏", "slash",
)  # fmt: skip
"""Names that buttons bear as often as keys: a key only with "key" or 键, in a chord, or when
nothing on the screen bears the name."""

NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20,
    "thirty": 30, "sixty": 60, "half a": 0.5, "a couple of": 2, "a few": 3, "several": 3,
    "once": 1, "twice": 2, "thrice": 3, "half": 0.5, "半": 0.5, "一": 1, "二": 2, "两": 2, "三": 3,
    "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "几": 3, "十五": 15,
    "二十": 20, "三十": 30, "六十": 60, "十二": 12, "五十": 50, "一百": 100,
}  # fmt: skip
SECONDS_IN = {
    "ms": 0.001, "msec": 0.001, "millisecond": 0.001, "milliseconds": 0.001, "毫秒": 0.001,
    "s": 1.0, "sec": 1.0, "secs": 1.0, "second": 1.0, "seconds": 1.0, "秒": 1.0, "秒钟": 1.0,
    "m": 60.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0, "分钟": 60.0, "分": 60.0,
    "moment": 1.0, "moments": 1.0, "bit": 1.0, "while": 2.0, "会": 2.0, "会儿": 2.0, "下": 1.0,
    "个小时": 3600.0, "小时": 3600.0, "hour": 3600.0, "hours": 3600.0,
}  # fmt: skip
LINES_IN = {
    "line": 1, "lines": 1, "notch": 1, "notches": 1, "click": 1, "clicks": 1, "time": 1,
    "times": 1, "step": 1, "steps": 1, "row": 1, "rows": 1, "tick": 1, "ticks": 1, "unit": 1,
    "units": 1, "page": 10, "pages": 10, "screen": 10, "screens": 10, "bit": 3, "little": 3,
    "行": 1, "次": 1, "格": 1, "下": 1, "步": 1, "条": 1, "页": 10, "屏": 10, "点": 3, "些": 3,
}  # fmt: skip
DIRECTIONS = {
    "down": "down", "downwards": "down", "downward": "down", "up": "up", "upwards": "up",
    "upward": "up", "left": "left", "leftwards": "left", "right": "right", "rightwards": "right",
    "to the left": "left", "to the right": "right",
    "下": "down", "上": "up", "左": "left", "右": "right",
}  # fmt: skip
ENDS = {
    "bottom": "down", "end": "down", "very bottom": "down", "top": "up", "very top": "up",
    "beginning": "up", "start": "up", "far left": "left", "far right": "right", "底部": "down",
    "最底部": "down", "最下面": "down", "最下方": "down", "末尾": "down", "底端": "down",
    "最底下": "down", "页尾": "down", "底": "down", "最后": "down", "顶部": "up", "最顶部": "up",
    "最上面": "up", "最上方": "up", "开头": "up", "顶端": "up", "页首": "up", "顶": "up",
    "最左边": "left", "最右边": "right",
}  # fmt: skip
DIRECTIONS_OF_ENDS = ENDS
