#!/usr/bin/env bash
# A Debian 13 root with its PyTorch 2.6 and Open MPI 5, for rendezvous_lab.py and launchers_lab.py: some 120
# packages, 1.6 GB; or one of Debian 11 with PyTorch 1.7. Made once, when asked for, since they are large; one
# of before gets what it lacks.
#   torch_root.sh MACHINES_FOLDER [trixie|bullseye]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/labs/roots/common.sh
. "$here/../roots/common.sh"

reason=$(why_no_roots)
[ -z "$reason" ] || skip "$reason"
suite=${2:-trixie}
root=$1/$suite-torch
[ -x "$root/usr/bin/mpirun.openmpi" ] && exit 0
[ ! -d "$root" ] || mv "$root" "$root.new"
make_root "$suite" "$root.new"
# The archive's key is in the root already. No service is started in there.
printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
chmod 755 "$root.new/usr/sbin/policy-rc.d"
cp /etc/resolv.conf "$root.new/etc/resolv.conf"
# shellcheck disable=SC2016  # the root's shell
unshare -m chroot "$root.new" env DEBIAN_FRONTEND=noninteractive LC_ALL=C sh -ec '
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends python3-torch openmpi-bin
  apt-get clean' >"$root.log" 2>&1 || { tail -n 5 "$root.log"; exit 1; }
mv "$root.new" "$root"
