#!/usr/bin/env bash
# Says how many megabytes an installation takes besides pip, and fails from 300 on.
# Usage: install_size.sh VENV, a virtual environment with nhiscan and its locked requirements.
set -euo pipefail

packages=$("$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
size=$(du -sm --exclude='pip' --exclude='pip-*' --exclude='setuptools*' \
    --exclude='pkg_resources' --exclude='_distutils_hack' "$packages" | cut -f1)
echo "installed size: $size MB (bar: 300 MB)"
test "$size" -lt 300
