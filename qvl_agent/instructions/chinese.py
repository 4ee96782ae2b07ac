"""The Chinese forms, as data; `docs/instructions.md` shows an example of each."""

from __future__ import annotations

import re
from typing import Final

from qvl_agent.instructions import words
from qvl_agent.instructions.forms import Form, head

_AT = r"\s*+(?:在|往|向|于|给|到|对着|对|针对|为)\s*+"
_BA = r"\s*+(?:将|把)\s*+"
_PLACE = rf"(?:{words.any_of(words.ZH_FIELD_PLACE)})?"
_GAP = r"\s*+,?\s*+(?:请|再|先|重新|直接|手动)?\s*+"
_OF_IT = r"(?:\s*+(?:的值|的内容|中的内容|里的内容|内容|的状态|的数值|字段|这一项))?"
_ONCE = r"(?:一下|一次)?"
_TO_VALUE = r"\s*+(?:为(?![民人了])|成(?![都立功员本长])|了(?!解)|:|=)?\s*+"
_END = r"[\s.!。！了]*$"
_WHERE = re.compile(rf"\s*+(?:的?(?:上面|上方|上边|上)|的位置){_END}")
_ON_SCREEN = r"(?:(?:当前)?(?:页面|界面|屏幕|窗口|画面)(?:上|中|里)?(?:的)?)?"
_THERE_IS = (
    r"(?:是否|是不是|有没有|能否|能不能|能)?(?:已经|已)?"
    r"(?:存在|出现了?|显示了?|看到|看得到|看见|包含|包括|有)?(?:了)?\s*+"
)
_SHOWN = (
    r"\s*+(?:是否|是不是|能否|有没有|已经|已|正在|正常|成功|能够|能|可以|都|被|会)*"
    r"(?:显示出来|显示在(?:屏幕|页面|界面)上|显示|出现|存在|可见|在(?:屏幕|页面|界面)上|看得见|看得到|展示|加载出来|加载完成"
    r"|加载完毕|弹出来|弹出|出来)(?:为止|了)?"
)
_NOT_SHOWN = re.compile(
    r"(?:不|没有?|未|消失|隐藏)(?:再|被|会)?(?:显示|出现|存在|可见|勾选|选中|在)?(?:了|为止)?[\s.!。！]*$"
    r"|(?:不存在|不显示|没有出现|不可见|未显示|未出现)"
)
_TICKED = r"\s*+(?:已经|已|是|被|处于|为)*\s*+(?:勾选|选中|打开|开启|启用)(?:状态|的|上)?(?:状态)?"
_UNTICKED = (
    r"\s*+(?:已经|已|是|被|处于|为)*\s*+(?:不|没有?|未)(?:被)?"
    r"(?:勾选|选中|打开|开启|启用)(?:状态|的)?(?:状态)?"
)
_INTO = (
    "填写到",
    "填入到",
    "填入",
    "填到",
    "输入到",
    "输入",
    "写入",
    "写到",
    "录入到",
    "录入",
    "填进",
    "输进",
    "粘贴到",
    "填在",
    "输入在",
    "写在",
    "写进",
    "输入进",
    "键入到",
    "键入",
    "填写在",
    "填写进",
    "敲入到",
    "输到",
    "填写至",
    "输入至",
)


def _verb(*tables: tuple[str, ...]) -> str:
    return words.any_of(word for table in tables for word in table)


def _led(*tables: tuple[str, ...], after: str = _TO_VALUE) -> re.Pattern[str]:
    return re.compile(rf"(?<=\S)\s*+{_PLACE}{_GAP}{_verb(*tables)}{_ONCE}{after}(?=\S)")


def _end(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=\S)\s*+{pattern}{_END}")


_A_VERB_FIRST = re.compile("^" + _verb(words.ZH_FILL, words.ZH_TYPE))
_IN_FIELD = re.compile(rf"\s*+(?:{words.any_of(words.ZH_FIELD_PLACE)}){_END}")

_PUTTING: Final = (
    Form(intent="type", head=re.compile(_AT), marker=_led(words.ZH_TYPE), roles="tv"),
    Form(intent="fill", head=re.compile(_AT), marker=_led(words.ZH_FILL), roles="tv"),
    Form(intent="type", marker=_led(words.ZH_TYPE), roles="tv", cost=2.0, refuse=_A_VERB_FIRST),
    Form(
        intent="fill",
        marker=_led(words.ZH_FILL, words.ZH_FILL_AS),
        roles="tv",
        cost=2.0,
        refuse=_A_VERB_FIRST,
    ),
    Form(
        intent="set",
        head=re.compile(_BA),
        roles="tv",
        marker=re.compile(rf"(?<=\S){_OF_IT}\s*+(?:{_verb(words.ZH_TO_BE)})\s*+(?=\S)"),
    ),
    Form(
        intent="set",
        head=re.compile(_BA),
        roles="tv",
        cost=0.8,
        marker=re.compile(rf"(?<=\S){_OF_IT}\s*+(?:从|由)\S.*?{_verb(words.ZH_TO_BE)}\s*+(?=\S)"),
    ),
    Form(
        intent="fill",
        head=re.compile(_BA),
        roles="tv",
        marker=re.compile(rf"(?<=\S){_OF_IT}\s*+{_verb(words.ZH_FILL_AS)}\s*+(?=\S)"),
    ),
    Form(
        intent="type",
        head=re.compile(_BA),
        roles="vt",
        last=True,
        may_end=_IN_FIELD,
        marker=re.compile(rf"(?<=\S)\s*+{words.any_of(_INTO)}\s*+(?:了)?(?=\S)"),
    ),
    Form(
        intent="type",
        head=head(words.ZH_TYPE, words.ZH_FILL),
        roles="vt",
        last=True,
        may_end=_IN_FIELD,
        marker=re.compile(r"(?<=\S)\s*+(?:到|进|入|至|在|于)\s*+(?=\S)"),
        cost=1.6,
    ),
    Form(
        intent="fill",
        head=head(words.ZH_FILL, words.ZH_TYPE),
        roles="tv",
        marker=re.compile(rf"(?<=\S){_OF_IT}\s*+(?:为|是|成|:|=)\s*+(?=\S)"),
        cost=1.1,
    ),
    Form(
        intent="set",
        head=head(words.ZH_SET),
        roles="tv",
        marker=re.compile(rf"(?<=\S){_OF_IT}\s*+(?:为|成|到|:|=)\s*+(?=\S)"),
        cost=1.1,
    ),
    Form(
        intent="set",
        roles="tv",
        cost=2.0,
        marker=re.compile(rf"(?<=\S){_OF_IT}\s*+{_verb(words.ZH_TO_BE)}\s*+(?=\S)"),
    ),
    Form(
        intent="clear",
        head=head(words.ZH_CLEAR),
        may_end=re.compile(rf"\s*+(?:中|里)?的?(?:内容|文字|文本){_END}"),
    ),
    Form(intent="clear", head=re.compile(_BA), tail=_end(r"(?:的?内容)?(?:清空|清除|删空)")),
)
_CHOOSING: Final = (
    Form(
        intent="select",
        head=re.compile(r"\s*+(?:从|在|于)\s*+"),
        marker=_led(words.ZH_SELECT, after=r"(?:了|出|:)?\s*+"),
        roles="tv",
    ),
    Form(
        intent="select",
        head=head(words.ZH_SELECT),
        roles="tv",
        cost=1.4,
        marker=re.compile(r"(?<=\S)\s*+(?:中|里|里面|内|下|之中|当中)?的\s*+(?=\S)"),
    ),
    Form(
        intent="select",
        head=head(words.ZH_SELECT),
        marker=re.compile(r"(?<=\S)\s*+(?:作为|做为|当作|当做)\s*+(?=\S)"),
        roles="vt",
    ),
    Form(
        intent="select",
        head=head(words.ZH_SELECT),
        marker=re.compile(r"(?<=\S)\s*+(?:为|:|=|成)\s*+(?=\S)"),
        roles="tv",
        cost=1.2,
    ),
    Form(
        intent="select",
        head=re.compile(_BA),
        marker=re.compile(rf"(?<=\S)\s*+{_verb(words.ZH_SELECT_AS)}\s*+(?=\S)"),
        roles="tv",
    ),
    Form(
        intent="select",
        marker=_led(words.ZH_SELECT, words.ZH_SELECT_AS, after=r"\s*+(?:了|:)?\s*+"),
        roles="tv",
        cost=2.0,
    ),
    Form(intent="select", head=head(words.ZH_SELECT), cost=1.3),
    Form(intent="select", head=re.compile(_BA), tail=_end(r"(?:选上|选中|选择上)"), cost=1.2),
    Form(intent="check", head=head(words.ZH_CHECK)),
    Form(
        intent="check",
        head=re.compile(_BA),
        tail=_end(r"(?:给)?(?:勾选上|勾选|勾上|打勾|打上勾|打钩|打上钩|勾中|打开|开启|启用)"),
    ),
    Form(
        intent="check",
        head=re.compile(r"\s*+(?:给|在|为)\s*+"),
        tail=_end(r"(?:前面?|上|里|处)?(?:打勾|打上勾|打钩|打上钩|画勾)"),
    ),
    Form(
        intent="check",
        head=re.compile(r"\s*+(?:打开|开启|启用)\s*+"),
        tail=_end(r"(?:的)?(?:开关|功能|选项)"),
        cost=0.9,
    ),
    Form(
        intent="check",
        head=re.compile(r"\s*+(?:确保|保证|务必)\s*+"),
        tail=_end(_TICKED),
        refuse=_end(_UNTICKED),
    ),
    Form(intent="uncheck", head=head(words.ZH_UNCHECK)),
    Form(
        intent="uncheck",
        head=re.compile(_BA),
        tail=_end(
            r"(?:的?(?:勾选?|对勾|选中|选择))?(?:取消(?:勾选|选中|掉|选择)?|去掉|关闭|关掉|去除|禁用|停用)"
        ),
    ),
    Form(
        intent="uncheck",
        head=re.compile(r"\s*+(?:取消|去掉|去除|清除)(?:对)?\s*+"),
        tail=_end(r"(?:前面|前边|前|旁边|左边|上)?的?(?:勾选|选中|勾|对勾|选择|打勾|勾选状态)"),
    ),
    Form(
        intent="uncheck",
        head=re.compile(r"\s*+(?:关闭|关掉|关上|停用|禁用)\s*+"),
        tail=_end(r"(?:的)?(?:开关|功能|选项)"),
        cost=0.9,
    ),
    Form(intent="uncheck", head=re.compile(r"\s*+(?:确保|保证|务必)\s*+"), tail=_end(_UNTICKED)),
    Form(intent="uncheck", head=re.compile(r"\s*+(?:关闭|关掉|关上)\s*+"), exact=True, cost=1.5),
)
_POINTING: Final = (
    Form(
        intent="click",
        head=head(
            words.ZH_CLICK, before=r"\s*+(?:连续|用鼠标|鼠标)?", after=r"\s*+(?:一下|在|到|于)?\s*+"
        ),
    ),
    Form(intent="click", head=head(words.ZH_PRESS, after=r"\s*+(?:一下)?\s*+"), cost=1.1),
    Form(
        intent="click",
        head=re.compile(_AT),
        tail=_end(rf"{_PLACE}(?:进行)?{_verb(words.ZH_CLICK)}{_ONCE}"),
    ),
    Form(
        intent="click",
        head=re.compile(_BA),
        tail=_end(r"(?:给)?(?:点击|点|单击|按)(?:一下|一次|了)"),
    ),
    Form(intent="open", head=head(words.ZH_OPEN)),
    Form(intent="double_click", head=head(words.ZH_DOUBLE, after=r"\s*+(?:打开)?\s*+")),
    Form(
        intent="double_click",
        head=re.compile(_AT),
        tail=_end(rf"{_PLACE}(?:进行)?(?:双击|连点两下){_ONCE}"),
    ),
    Form(intent="right_click", head=head(words.ZH_RIGHT, after=r"\s*+(?:一下)?\s*+")),
    Form(
        intent="right_click",
        head=re.compile(_AT),
        tail=_end(
            rf"{_PLACE}(?:进行|按|用|点击?)?(?:鼠标)?(?:右击|右键点击|右键单击|右键|点击右键|单击右键){_ONCE}"
        ),
    ),
    Form(intent="hover", head=head(words.ZH_HOVER), may_end=_WHERE),
    Form(intent="hover", head=re.compile(_AT), tail=_end(rf"{_PLACE}(?:悬停|悬浮){_ONCE}")),
    Form(
        intent="drag",
        head=re.compile(_BA + r"(?!鼠标|光标)"),
        roles="to",
        may_end=_IN_FIELD,
        marker=re.compile(rf"(?<=\S)\s*+{_verb(words.ZH_DRAG_TO)}\s*+(?=\S)"),
    ),
    Form(
        intent="drag",
        head=head(words.ZH_DRAG),
        roles="to",
        may_end=_IN_FIELD,
        marker=re.compile(r"(?<=\S)\s*+(?:到|至|进|放到|并放到|放入|并放入)\s*+(?=\S)"),
    ),
    Form(
        intent="drag",
        head=re.compile(r"\s*+从\s*+"),
        roles="to",
        may_end=_IN_FIELD,
        marker=re.compile(rf"(?<=\S)\s*+{_verb(words.ZH_DRAG_TO)}\s*+(?=\S)"),
    ),
)
_LOOKING: Final = (
    Form(
        intent="locate",
        head=head(words.ZH_LOCATE),
        may_end=re.compile(rf"\s*+(?:在哪里|在哪儿|在哪|的位置){_END}"),
    ),
    Form(intent="locate", tail=_end(r"\s*+(?:在哪里|在哪儿|在哪)[?]?"), cost=1.5),
    Form(
        intent="assert",
        head=head(words.ZH_ASSERT, after=rf"\s*+(?:一下|下)?\s*+{_ON_SCREEN}{_THERE_IS}"),
        tail=_end(_SHOWN),
        refuse=_NOT_SHOWN,
    ),
    Form(
        intent="assert",
        head=head(words.ZH_ASSERT, after=rf"\s*+(?:一下|下)?\s*+{_ON_SCREEN}{_THERE_IS}"),
        refuse=re.compile(f"(?:{_NOT_SHOWN.pattern})|{_TICKED}{_END}"),
        cost=1.2,
    ),
)

FORMS: Final[tuple[Form, ...]] = (*_PUTTING, *_CHOOSING, *_POINTING, *_LOOKING)

VALUE_AFTER: Final = (*words.ZH_FILL, *words.ZH_TYPE)
FILL_ELLIPSIS: Final = (
    Form(
        intent="fill",
        marker=re.compile(r"(?<=\S)\s*+(?:设置为|设为|填写|输入|改为|为|是|填|:|=)\s*+(?=\S)"),
        roles="tv",
        cost=3.0,
    ),
)
SHOWN: Final = _SHOWN
NOT_SHOWN: Final = _NOT_SHOWN
SELECT_ELLIPSIS: Final = (
    Form(
        intent="select",
        marker=re.compile(r"(?<=\S)\s*+(?:选择为|选择|选为|选|为|是|:|=)\s*+(?=\S)"),
        roles="tv",
        cost=3.0,
    ),
)
LABELLED: Final = Form(
    intent="fill",
    marker=re.compile(r"(?<=\S)\s*+(?:是|为)\s*+(?=\S)"),
    roles="tv",
    exact=True,
    cost=4.0,
)
"""用户名是张三 with no verb at all."""
INTRODUCTION: Final = re.compile(
    r"(?:填写|填好|完成|补全|输入)(?:以下|下面的?|如下|登录|注册|该|这个)?(?:的)?(?:表单|表格|内容|信息|字段|资料)(?:如下)?\s*+[:,]?\s*+"
)
