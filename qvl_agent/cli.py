"""The command line: JSON on stdout, one line for people on stderr, and the exit code.

    0    done
    1    not found, refused by a policy, or failed unexpectedly
    2    bad usage, bad input, an instruction that is not understood, a screen that cannot be read
    130  interrupted        141  nobody reads the output any more

Every error is ``qvl-agent: error: …``, one line, and most have a ``hint: …`` line after it. A
traceback is shown only where ``QVL_AGENT_DEBUG=1`` asks for it. What the commands do is in
`qvl_agent.commands`, imported only once the arguments are understood, so ``--help`` is quick.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from qvl_agent import __version__
from qvl_agent.errors import QvlAgentError, UsageError
from qvl_agent.grounding.base import ELEMENT_TYPES

INTERRUPTED = 130
NOBODY_READS = 141
MAX_LINE = 500

_ABOUT = "Finds what you name on a screenshot and writes a plan of steps, on this machine."
_EXIT_CODES = "exit codes: 0 done, 1 not found or refused, 2 bad usage or bad input"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command; ``argv`` defaults to the process's own arguments."""
    try:
        arguments = _parser().parse_args(_utf8(sys.argv[1:] if argv is None else argv))
        return _run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return NOBODY_READS
    except QvlAgentError as error:
        return _fail(error.message, error.hint, error.exit_code)
    except MemoryError:
        return _fail("not enough memory", "give a smaller picture, or a part of it with --region")
    except Exception as error:
        if os.environ.get("QVL_AGENT_DEBUG"):
            raise
        hint = "this is a bug; run it again with QVL_AGENT_DEBUG=1 to see where, and report it"
        return _fail(f"unexpected {type(error).__name__}: {error}", hint)


def _run(arguments: argparse.Namespace) -> int:
    from qvl_agent import commands

    # Libraries that print get stderr: stdout carries the document and nothing else.
    with contextlib.redirect_stdout(sys.stderr):
        answer = commands.run(arguments)
    _write(commands.as_json(answer.document))
    if answer.error is not None:
        return _fail(answer.error.message, answer.error.hint, answer.error.exit_code)
    return 0


def _write(text: str) -> None:
    try:
        sys.stdout.buffer.write((text + "\n").encode())
        sys.stdout.buffer.flush()
    except OSError as error:
        # Python flushes stdout once more on its way out, which would complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        hint = "make room where it goes, or send it elsewhere"
        raise QvlAgentError(f"cannot write the output: {error.strerror}", hint=hint) from error


def _fail(message: str, hint: str, exit_code: int = 1) -> int:
    lines = [f"qvl-agent: error: {_one_line(message)}"]
    if hint:
        lines.append(f"hint: {_one_line(hint)}")
    with contextlib.suppress(OSError):
        sys.stderr.write("\n".join(lines) + "\n")
    return exit_code


def _one_line(text: str) -> str:
    """At most `MAX_LINE` characters, none of which moves a terminal's cursor or colours it."""
    shown = "".join(one if one.isprintable() else " " for one in text)
    shown = " ".join(shown.split())
    return shown if len(shown) <= MAX_LINE else shown[: MAX_LINE - 1] + "…"


def _utf8(arguments: Sequence[str]) -> list[str]:
    """Arguments read as UTF-8 whatever the locale says (a bare container's says ASCII)."""
    try:
        return [os.fsencode(argument).decode() for argument in arguments]
    except UnicodeError as error:
        raise UsageError(
            "an argument is not UTF-8 text", hint="set a UTF-8 locale, such as LANG=C.UTF-8"
        ) from error


class _Parser(argparse.ArgumentParser):
    """Raises what argparse would print, so that every error looks the same."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=f"{self.prog} --help")


def _parser() -> _Parser:
    everywhere = _flags_everywhere()
    parser = _Parser(
        prog="qvl-agent",
        description=_ABOUT,
        epilog=_EXIT_CODES,
        parents=[everywhere],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"qvl-agent {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, what: str, *parents: _Parser) -> _Parser:
        return commands.add_parser(
            name,
            help=what,
            description=what[0].upper() + what[1:] + ".",
            epilog=_EXIT_CODES,
            parents=[everywhere, *parents],
            allow_abbrev=False,
        )

    looking = _flags_for_looking()
    command("observe", "every element on the screen, as JSON", looking)
    _add_locate_arguments(command("locate", "the one element that a query names", looking))
    plan = command("plan", "the steps that an instruction asks for", looking)
    plan.add_argument("instruction", metavar="INSTRUCTION", help="in English or Chinese")
    lint = command("lint", "check a plan against the schema, and say what to look at in it")
    lint.add_argument("plan", metavar="PLAN.json", help="a plan, or - for stdin")
    return parser


def _flags_everywhere() -> _Parser:
    parser = _Parser(add_help=False)
    for flag, what in (
        ("--no-upload", "never send anything away (always on)"),
        ("--disable-saving-input", "never store the screenshot (always on)"),
    ):
        parser.add_argument(flag, action="store_true", default=argparse.SUPPRESS, help=what)
    return parser


def _flags_for_looking() -> _Parser:
    parser = _Parser(add_help=False)
    where = parser.add_argument_group("where to look (default: the whole desktop)")
    where.add_argument("--image", metavar="PATH", help="a PNG, JPEG or WebP file; - for stdin")
    where.add_argument(
        "--screen",
        metavar="N",
        type=_screen,
        nargs="?",
        const="all",
        help="screen N, 1 for the first; without N the whole desktop",
    )
    where.add_argument("--window", metavar="TITLE", help="a visible window, by (part of) its title")
    where.add_argument(
        "--region",
        metavar=("LEFT", "TOP", "RIGHT", "BOTTOM"),
        type=float,
        nargs=4,
        help="a part: desktop coordinates, or pixels of --image",
    )
    parser.add_argument("--grounder", metavar="NAME", default="embedded", help="what looks")
    parser.add_argument(
        "--overlay", metavar="FILE", help="also write the picture with boxes drawn on it"
    )
    return parser


def _screen(text: str) -> int | str:
    """A screen's number, or "all" for the whole desktop."""
    if text == "all":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"no screen is called {text!r}: give a number, or put the query first"
        ) from None


def _add_locate_arguments(parser: _Parser) -> None:
    parser.add_argument("query", metavar="QUERY", help='such as "登录" or "the Save button"')
    parser.add_argument(
        "--element-type",
        metavar="TYPE",
        choices=ELEMENT_TYPES,
        help="one of " + ", ".join(ELEMENT_TYPES),
    )
    parser.add_argument(
        "--min-confidence",
        metavar="P",
        type=float,
        default=0.0,
        help="exit with 1 when the confidence is below P, 0 to 1",
    )


if __name__ == "__main__":
    sys.exit(main())
