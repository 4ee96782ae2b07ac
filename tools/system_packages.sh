#!/bin/sh
# Installs the Debian or Ubuntu packages that a make target needs, where it may; where it may
# not, names what is missing and succeeds: the tests that need them are then skipped by name.
# usage: tools/system_packages.sh demo|test|bench [PYTHON]
set -u

libraries="libgl1 libglib2.0-0"
programs="xvfb openbox x11-utils x11-xserver-utils zenity yad fonts-noto-cjk fonts-dejavu-core"
# What the benchmark photographs: its table of programs, their themes, and what reads the truth.
bench="xauth xdotool metacity xfwm4 dbus-x11 at-spi2-core python3-gi gir1.2-atspi-2.0 npm
       chromium chromium-driver arc-theme greybird-gtk-theme materia-gtk-theme breeze-gtk-theme
       mousepad galculator gtk-3-examples pluma thunar gedit featherpad keepassxc speedcrunch
       qpdfview transmission-qt atril eom engrampa glade xfce4-terminal abiword homebank geany
       transmission-gtk meld gucharmap gnumeric qalculate-gtk dconf-editor filezilla seahorse
       gnome-system-monitor pavucontrol xfce4-settings"

goal=${1:?usage: tools/system_packages.sh demo|test|bench [PYTHON]}
python=${2:-python3}
case $goal in
    demo) wanted=$libraries ;;
    test) wanted="$libraries $programs" ;;
    bench) wanted="$libraries $programs $bench" ;;
    *) echo "no such goal: $goal" >&2; exit 2 ;;
esac
"$python" -c 'import ensurepip, venv' 2>/dev/null || wanted="$wanted python3-venv"

say() { echo "qvl-agent: $*" >&2; }

command -v dpkg-query >/dev/null || {
    say "this is no Debian: going on without checking for $(echo $wanted)"
    exit 0
}

present() { # a package, or one that provides it under another name (libglib2.0-0t64)
    dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' "$1" "$1t64" 2>/dev/null |
        grep -q '^installed '
}

list_missing() {
    for package in $wanted; do present "$package" || printf '%s ' "$package"; done
}

missing=$(list_missing)
[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n"
else
    say "missing: $missing"
    say "to have them: sudo apt-get install $missing"
    exit 0
fi

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 \
        -o Acquire::Retries=2 -o Acquire::http::Timeout=20 "$@" >/dev/null 2>&1
}

say "installing $missing(once)"
apt update
# One go; if a name is unknown here (chromium is a snap on Ubuntu), one after the other.
apt install -y --no-install-recommends $missing ||
    for package in $missing; do apt install -y --no-install-recommends "$package"; done

missing=$(list_missing)
[ -z "$missing" ] || say "could not install: $missing(going on without)"
