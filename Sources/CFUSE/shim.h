#define FUSE_USE_VERSION 314
#include <fuse_lowlevel.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

// How many processors the calling thread may run on, 0 where that cannot be told: sched_getaffinity(2), whose declaration
// needs _GNU_SOURCE, which Swift's Glibc module is built without.
static inline int fuse_usable_processors(void)
{
    unsigned long mask[128] = {0};
    long size = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    int count = 0;
    for (long word = 0; word < size / (long)sizeof *mask; word++)
        count += __builtin_popcountl(mask[word]);
    return count;
}
