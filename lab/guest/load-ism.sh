#!/bin/sh
# Loads the kernel's own driver for ISM with everything that uses it: DIBS and SMC. Only a kernel that has them can.
cd /lib/modules || exit 1
if [ ! -e dibs.ko ]; then
  echo "load-ism: this kernel has no DIBS; start the lab with --kernel lab" >&2
  exit 1
fi
for name in dibs whole/ism ccwgroup pnet ib_core smc smc_diag; do
  [ ! -e "$name.ko" ] || [ -e "/sys/module/$(basename "$name")" ] || insmod "$name.ko" || exit 1
done
