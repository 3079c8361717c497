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
