# What the scripts of this folder share; sourced by them, never run.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

# Says what is about to be done, and how long the script runs already.
step() {
  printf '\n== %s (%d s)\n' "$*" "$SECONDS"
}

# Ends with a reason and what to do about it.
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Configures a preset. A build folder that was copied from elsewhere is of no
# use to CMake: it starts afresh.
configure() {
  local preset=$1 fresh=() home
  home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' \
    "build/$preset/CMakeCache.txt" 2>/dev/null)
  if [[ -n $home && $home != "$root" ]]; then
    echo "build/$preset was made for $home: starting it afresh"
    fresh=(--fresh)
  fi
  cmake --preset "$preset" "${fresh[@]}"
}

# Builds targets of a preset, all of them where none is named.
build() {
  local preset=$1 targets=()
  shift
  (($# == 0)) || targets=(--target "$@")
  # What the tests of the image take along (tests/compose/base-images).
  [[ $preset != release ]] \
    || export CCACHE_REMOTE_STORAGE=file:$root/build/ccache CCACHE_RESHARE=1
  configure "$preset" || die "preset $preset cannot be configured (see above)"
  cmake --build --preset "$preset" "${targets[@]}" \
    || die "preset $preset does not build (see above)"
}

# The compilers' cache is shared by every clone on the machine.
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  export CCACHE_SLOPPINESS=pch_defines,time_macros,locale
  export CCACHE_COMPILERCHECK=content
fi
