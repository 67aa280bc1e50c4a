#!/bin/busybox sh
# First program of the lab's guest: mounts what Linux offers, loads the drivers, starts ssh, then waits.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
/bin/busybox --install -s
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t debugfs debugfs /sys/kernel/debug
hostname -F /etc/hostname
# Kernel messages of level warning and worse reach the console log; the rest stays in dmesg.
dmesg -n 5

# A module that this kernel has built in is not in the image.
load() {
  for name; do
    [ ! -e "/lib/modules/$name.ko" ] || insmod "/lib/modules/$name.ko" || echo "lab: $name does not load"
  done
}

load failover net_failover virtio_net
ip link set lo up
# Which card is which shows in its address only: that of the segment that guests share starts with 52:54:00:51.
for card in /sys/class/net/eth*; do
  name=${card##*/}
  ip link set "$name" up
  case $(cat "$card/address") in
  52:54:00:51:*)
    ip address add "$(sed -n 's/.*lab\.address=\([^ ]*\).*/\1/p' /proc/cmdline)" dev "$name"
    ;;
  *)
    ip address add 10.0.2.15/24 dev "$name"
    ip route add default via 10.0.2.2
    ;;
  esac
done

# The port opens before the rest is loaded: whoever connects early waits for less.
load irqbypass vfio vfio_iommu_type1 vfio-pci-core vfio-pci
if grep -q lab.mode=whole /proc/cmdline; then
  load whole/ism_lab whole/ism-vfio-pci
else
  load ism-vfio-pci
fi
echo "lab: ready after $(cut -d' ' -f1 /proc/uptime) s"
while :; do
  dropbear -F -E -s -p 22 -r /etc/dropbear/host_key 2>>/var/log/ssh.log
  echo "lab: the ssh server has ended and is started again"
  sleep 1
done
