#!/usr/bin/env bash
# A Debian 13 root with its PyTorch 2.6, for rendezvous_lab.py: 113 packages, 192 MB to fetch, 1.6 GB. Made
# once, when asked for, since it is large.
#   torch_root.sh MACHINES_FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/labs/roots/common.sh
. "$here/../roots/common.sh"

reason=$(why_no_roots)
[ -z "$reason" ] || skip "$reason"
root=$1/trixie-torch
[ -d "$root" ] && exit 0
make_root trixie "$root.new"
# The archive's key is in the root already. No service is started in there.
printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
chmod 755 "$root.new/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root.new/etc/resolv.conf"
# shellcheck disable=SC2016  # the root's shell
unshare -m chroot "$root.new" env DEBIAN_FRONTEND=noninteractive LC_ALL=C sh -ec '
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-torch
  apt-get clean' >"$root.log" 2>&1 || { tail -n 5 "$root.log"; exit 1; }
mv "$root.new" "$root"
