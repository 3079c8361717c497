#include <malloc.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// System calls whose declarations need _GNU_SOURCE, which Swift's Glibc module is built without.

enum { linux_SEEK_DATA = 3, linux_SEEK_HOLE = 4 };

static inline int linux_renameat2(
    int old_directory, const char *_Nonnull old_path, int new_directory, const char *_Nonnull new_path,
    unsigned int flags)
{
    return (int)syscall(SYS_renameat2, old_directory, old_path, new_directory, new_path, flags);
}

static inline int linux_gettid(void)
{
    return (int)syscall(SYS_gettid);
}

static inline int linux_set_undumpable(void)
{
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/// How many processors the calling thread may run on: sched_getaffinity(2); 0 where that cannot be told.
static inline int linux_usable_processors(void)
{
    unsigned long mask[128] = {0};
    long size = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    int count = 0;
    for (long word = 0; word < size / (long)sizeof *mask; word++)
        count += __builtin_popcountl(mask[word]);
    return count;
}
