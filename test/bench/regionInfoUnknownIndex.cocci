// The rule region-info-unknown-index as a careful author of semantic patches would write it, to time ism-lint against:
// a driver with a function of vfio-pci-core among its operations, whose handler refuses by `return` or by setting what it
// returns, and nowhere delegates. It sees no refusal in a helper, no missing default, no table in another file, and it takes
// the naive fix for right.

@table@
identifier ops, handler;
@@
(
const struct vfio_device_ops ops = { .get_region_info_caps = handler, };
|
struct vfio_device_ops ops = { .get_region_info_caps = handler, };
|
const struct vfio_device_ops ops = { .ioctl = handler, };
)

@slot@
identifier table.ops, used, core =~ "^vfio_pci_core_";
@@
(
const struct vfio_device_ops ops = { .used = core, };
|
struct vfio_device_ops ops = { .used = core, };
)

@delegates@
identifier table.handler;
@@
handler(...)
{
  <+...
(
  vfio_pci_ioctl_get_region_info(...)
|
  vfio_pci_core_ioctl(...)
)
  ...+>
}

@refuses depends on slot && !delegates@
identifier table.handler;
constant errno;
identifier ret;
position place;
@@
handler(...)
{
  <+...
(
  return -errno@place;
|
  ret = -errno@place;
)
  ...+>
}

@script:python@
place << refuses.place;
@@
coccilib.report.print_report(place[0], "an index that the handler does not know is refused")
