#!/usr/bin/env bash
# Sets a machine up for this checkout: a virtual environment with the locked packages, and the system libraries that Qt needs.
#
#   packaging/setup.sh venv       .venv with everything in requirements.lock, and this checkout in it
#   packaging/setup.sh libraries  the libraries that Qt opens windows with
#   packaging/setup.sh desktop    those, and what the desktop test needs: a screen, a window manager, a tray, a mouse
#
# System packages are installed where apt-get is there and root or a password-less sudo allows it; else one line names them
# and exit code 3 says that something is missing. Running it again is harmless. The Makefile calls it only when needed.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${VENV:-.venv}

say() { echo "tokentrack: $*" >&2; }

# ---- Python ----------------------------------------------------------------------------------------------------------

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local name
    for name in ${PYTHON:-} python3 python3.11 python3.12 python3.13 python3.14 python; do
        if command -v "$name" >/dev/null && new_enough "$name"; then echo "$name"; return; fi
    done
    say "Python 3.11 or newer is needed and was not found; name one with PYTHON=/path/to/python3"
    return 1
}

usable() { [ -x "$venv/bin/python" ] && new_enough "$venv/bin/python"; }

# Debian's Python can make a virtual environment but, without the package python3-venv, puts no pip into it. The pip outside
# can install into it all the same, so nothing has to be installed on the machine for this.
make_venv() {
    local python=$1 without=""
    "$python" -c 'import ensurepip' 2>/dev/null || without=--without-pip
    say "making $venv with $("$python" -V)"
    "$python" -m venv --clear $without "$venv"
}

install_packages() {
    local python pip
    python=$(find_python)
    usable || make_venv "$python"
    if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        pip=("$venv/bin/python" -m pip)
    else
        pip=("$python" -m pip --python "$venv/bin/python")
        "$python" -m pip --version >/dev/null 2>&1 || { say "pip is needed; on Debian and Ubuntu: apt-get install python3-pip"; return 1; }
    fi
    say "installing the locked packages (about 130 MB the first time)"
    export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
    "${pip[@]}" install --quiet --require-hashes -r requirements.lock
    "$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
}

# ---- system packages -------------------------------------------------------------------------------------------------
# Debian's name of a package, and what shows that it is there: a library, a command or a file.

offscreen="libgl1:libGL.so.1 libegl1:libEGL.so.1 libxkbcommon0:libxkbcommon.so.0 libfontconfig1:libfontconfig.so.1
           libglib2.0-0:libglib-2.0.so.0 libdbus-1-3:libdbus-1.so.3"
x11="libxcb-cursor0:libxcb-cursor.so.0 libxcb-icccm4:libxcb-icccm.so.4 libxcb-keysyms1:libxcb-keysyms.so.1
     libxcb-shape0:libxcb-shape.so.0 libxcb-xkb1:libxcb-xkb.so.1 libxkbcommon-x11-0:libxkbcommon-x11.so.0"
screen="xvfb:Xvfb xauth:xauth openbox:openbox trayer:trayer xdotool:xdotool x11-utils:xwininfo
        dbus:dbus-daemon fonts-dejavu-core:/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"

there() {
    case $1 in
        /*) [ -e "$1" ] ;;
        *.so.*) [[ $libraries == *"$1 "* ]] ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

missing_of() {
    local item libraries
    libraries=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null || true)
    for item in "$@"; do
        there "${item#*:}" || echo "${item%%:*}"
    done
}

# Newer Debian and Ubuntu renamed some libraries for 64-bit time.
names_here() {
    local name
    for name in "$@"; do
        if apt-cache show "${name}t64" >/dev/null 2>&1; then echo "${name}t64"; else echo "$name"; fi
    done
}

install_system() {
    local missing root=()
    missing=$(missing_of "$@")
    [ -n "$missing" ] || return 0
    [ "$(id -u)" = 0 ] || root=(sudo -n)
    if command -v apt-get >/dev/null && "${root[@]}" true 2>/dev/null; then
        say "installing system packages:" $missing
        local log apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120)
        log=$(mktemp)
        "${apt[@]}" update >"$log" 2>&1 || true
        "${apt[@]}" install -y --no-install-recommends $(names_here $missing) >>"$log" 2>&1 || tail -n 20 "$log" >&2
        rm -f "$log"
        missing=$(missing_of "$@")
        [ -n "$missing" ] || return 0
    fi
    say "please install (Debian and Ubuntu names):" $missing
    return 3
}

case ${1:-} in
    venv) install_packages ;;
    libraries | desktop)
        [ "$(uname -s)" = Linux ] || exit 0
        wanted="$offscreen $x11"
        [ "$1" = libraries ] || wanted="$wanted $screen"
        install_system $wanted
        ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
