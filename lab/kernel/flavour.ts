/**
 * The kernels a guest can run: Debian's own, one of the lab's with what Debian's lacks for ISM (iommufd, vfio's character
 * devices, DIBS, ISM, SMC), and that one with KASAN and lockdep.
 */
export const kernelFlavours = ['debian', 'lab', 'debug'] as const;

export type KernelFlavour = (typeof kernelFlavours)[number];
