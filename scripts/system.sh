#!/bin/sh
# Install what the system lacks for a run: a Python that can make virtual environments, Pango (it lays
# out the PDF pages), fontconfig and a Chinese font. Where that cannot be done, name the exact command.
# With the word `tests`, install the browser alone that the tests open index.html in; without it they skip that.
set -eu
PYTHON=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }

if [ "${1:-}" = tests ]; then
    for browser in chromium chromium-browser google-chrome; do
        if command -v "$browser" >/dev/null 2>&1; then exit 0; fi
    done
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "installing: chromium"
        apt-get update -qq >/dev/null 2>&1 || true
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1 && exit 0
    fi
    say "no Chromium: the tests do not open index.html in a browser"
    exit 0
fi

missing=""
need() { missing="$missing $1"; }

# What is there? Debian names are used as the keys; the other systems' names stand beside them below.
if ! command -v "$PYTHON" >/dev/null 2>&1 || ! "$PYTHON" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    need python3-venv
fi
libraries() {
    "$PYTHON" - <<'CODE' 2>/dev/null
import ctypes, ctypes.util, os, sys
def there(*names):
    for name in names:
        if ctypes.util.find_library(name):
            return True
        for file in (f"lib{name}.so.0", f"lib{name}.dylib", os.path.join(os.environ.get("HOMEBREW_PREFIX", ""), "lib", f"lib{name}.dylib")):
            try:
                ctypes.CDLL(file)
                return True
            except OSError:
                pass
    return False
wanted = (("pango-1.0",), ("pangoft2-1.0",), ("harfbuzz-subset",))
sys.exit(0 if all(there(*names) for names in wanted) else 1)
CODE
}
libraries || need libpango
command -v fc-list >/dev/null 2>&1 || need fontconfig
if ! command -v fc-list >/dev/null 2>&1 || [ -z "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ]; then
    need fonts-noto-cjk
fi
[ -n "$missing" ] || exit 0

case "$missing" in *libpango*) debian="${missing# }"; debian=$(printf '%s' "$debian" | sed 's/libpango/libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0/') ;; *) debian="${missing# }" ;; esac
sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo"

if command -v apt-get >/dev/null 2>&1; then
    command="$sudo apt-get install -y --no-install-recommends $debian"
    if [ -z "$sudo" ] || sudo -n true 2>/dev/null; then
        say "installing:$missing"
        $sudo apt-get update -qq >/dev/null 2>&1 || true
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $debian >/dev/null && exit 0
    fi
elif command -v brew >/dev/null 2>&1; then
    command="brew install pango fontconfig"
    say "installing: pango fontconfig (macOS brings its own Chinese fonts)"
    brew install --quiet pango fontconfig && exit 0
elif command -v dnf >/dev/null 2>&1; then
    command="sudo dnf install python3 pango harfbuzz fontconfig google-noto-sans-cjk-fonts"
elif command -v pacman >/dev/null 2>&1; then
    command="sudo pacman -S python pango harfbuzz fontconfig noto-fonts-cjk"
else
    command="(install Pango, fontconfig and a Chinese font with your system's package manager)"
fi

say "missing:$missing"
say "run this, then the same make command again:"
say "    $command"
case "$missing" in *python3-venv*) exit 1 ;; esac
say "until then everything works but the PDF pages: sheetcrm run input -o output --no-pdf"
exit 0
