#!/bin/bash
# 双击：在浏览器里打开 sheetcrm。第一次会在这个文件夹里装好它要用的程序库，要联网。
here=$(cd "$(dirname "$0")" && pwd) || exit 2
python="$here/.venv/bin/python"
# Python of python.org does not look for Pango where Homebrew puts it.
if command -v brew >/dev/null 2>&1; then
    DYLD_FALLBACK_LIBRARY_PATH="$(brew --prefix)/lib:/usr/lib"
    export DYLD_FALLBACK_LIBRARY_PATH
fi

stop() {
    [ $# -eq 0 ] || printf '%s\n' "$*"
    printf '按回车键关闭。'
    read -r _
    exit 2
}

if ! "$python" -m sheetcrm --version >/dev/null 2>&1; then
    base=""
    for name in python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import venv, ensurepip' >/dev/null 2>&1; then
            base=$name
            break
        fi
    done
    [ -n "$base" ] || stop '没有找到 Python 3.11 到 3.14。请从 python.org 下载安装，再双击一次“开始”。'
    for wheel in "$here"/sheetcrm-*.whl; do :; done
    [ -f "$wheel" ] || stop '文件夹不全，缺少 sheetcrm 的 whl 文件。请把整个压缩包解压出来，再双击里面的“开始”。'
    printf '%s\n' "第一次打开，正在装程序库（要联网，一两分钟）……"
    if ! { "$base" -m venv --clear "$here/.venv" && "$python" -m pip install --quiet "${wheel}[open]"; }; then
        rm -rf "$here/.venv"
        stop '没有装好，原因见上面。请检查网络和这个文件夹能不能写，再双击一次“开始”。'
    fi
fi

"$python" -X utf8 -m sheetcrm open "$@" && exit 0
printf '\n%s\n' "没有做完。下面看看这台电脑缺什么："
"$python" -X utf8 -m sheetcrm doctor
stop
