#pragma once
#include <sys/types.h>

/// Opens the file that aborts the connection of a FUSE mount when it is written (kernel, filesystems/fuse.rst); -1 and
/// errno without one. Where its file system is not mounted, as in most containers, root looks into it without mounting
/// it anywhere.
int guard_open_abort(unsigned connection);

/// Starts a process that writes to `descriptor` when the calling thread has ended, however it did, and then ends itself.
/// It holds nothing else, and only SIGKILL ends it before. Returns its number, or -1 and errno.
pid_t guard_start(int descriptor);
