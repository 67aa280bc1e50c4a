// What a careful author of one semantic patch writes for region-info-unknown-index, to time ism-lint against: the handler of a
// table of vfio operations that also names functions of the vfio-pci core, that refuses something and nowhere delegates. It
// sees no helper, no missing default and no table in another file.
@table@
identifier ops, handler, core =~ "^vfio_pci_core_";
@@
const struct vfio_device_ops ops = {
  .get_region_info_caps = handler,
  .ioctl = core,
};

@delegates@
identifier table.handler;
@@
handler(...)
{
  <+...
  vfio_pci_ioctl_get_region_info(...)
  ...+>
}

@refuses depends on !delegates@
identifier table.handler;
constant errno;
@@
handler(...)
{
  <+...
* -errno
  ...+>
}
