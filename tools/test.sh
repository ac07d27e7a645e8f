#!/usr/bin/env bash
# Runs every suite (a folder of tests/) and prints how long each took. Arguments go to pytest.

set -uo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export PYTHONPATH="$PWD/src"

# One database server for all suites: making one costs more than some suites do.
if [ -z "${XIANJI_TEST_DSN:-}" ]; then
  exec .venv/bin/python -m tests.server tools/test.sh "$@"
fi

# Suites whose tests share nothing and mostly wait for other processes: two at a time.
PARALLEL=' host items members notes orders stories web media '

summary=()
failed=0
begun=$SECONDS
for folder in tests/*/; do
  suite="$(basename "$folder")"
  [ -n "$(find "$folder" -name 'test_*.py' -print -quit)" ] || continue
  options=(-m 'not soak')
  [[ "$PARALLEL" == *" $suite "* ]] && options+=(-n 2)
  printf '\n== %s\n' "$suite"
  start=$SECONDS
  if .venv/bin/python -m pytest "${options[@]}" "$folder" "$@"; then verdict=ok; else verdict=FAILED failed=1; fi
  summary+=("$(printf '%-14s %4d s  %s' "$suite" "$((SECONDS - start))" "$verdict")")
done

printf '\n'
printf '%s\n' "${summary[@]}"
printf '%-14s %4d s\n' 'all' "$((SECONDS - begun))"
exit "$failed"
