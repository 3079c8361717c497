#define _GNU_SOURCE
#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>

// A descriptor of the root of fusectl, mounted nowhere; -1 and errno without one.
static int open_control(void)
{
    int context = fsopen("fusectl", FSOPEN_CLOEXEC);
    if (context < 0)
        return -1;
    int root = -1;
    if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        root = fsmount(context, FSMOUNT_CLOEXEC, 0);
    close(context);
    return root;
}

int guard_open_abort(unsigned connection)
{
    char path[64];
    snprintf(path, sizeof path, "/sys/fs/fuse/connections/%u/abort", connection);
    int descriptor = open(path, O_WRONLY | O_CLOEXEC);
    if (descriptor >= 0)
        return descriptor;
    int root = open_control();
    if (root < 0)
        return -1;
    snprintf(path, sizeof path, "%u/abort", connection);
    descriptor = openat(root, path, O_WRONLY | O_CLOEXEC);
    close(root);
    return descriptor;
}

// Takes the name that ps(1) and pgrep(1) see, so that who looks for the daemon by its arguments finds one process: in
// `comm`, and in the arguments, which lie one behind the other where the first of them is.
static void take_name(const char *name)
{
    prctl(PR_SET_NAME, name);
    int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
    char part[1024];
    size_t length = 0;
    for (ssize_t count; file >= 0 && (count = read(file, part, sizeof part)) > 0;)
        length += count;
    close(file);
    if (length == 0)
        return;
    memset(program_invocation_name, 0, length);
    strncpy(program_invocation_name, name, length - 1);
}

// The child's part, with all signals blocked. Only what signal-safety(7) allows after a fork of a process with threads.
static _Noreturn void wait_and_abort(int descriptor, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    take_name("infrafs-guard");
    setsid();
    if (chdir("/") != 0 || dup2(descriptor, 0) != 0)
        _exit(1);
    close_range(1, ~0U, 0);
    sigset_t all;
    sigfillset(&all);
    siginfo_t info;
    // The kernel names the process whose thread has ended as the sender; anybody else's signal means nothing.
    while (getppid() == parent && (sigwaitinfo(&all, &info) < 0 || info.si_pid != parent))
        ;
    _exit(write(0, "1", 1) != 1);
}

pid_t guard_start(int descriptor)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid_t parent = getpid(), child = fork();
    if (child == 0)
        wait_and_abort(descriptor, parent);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return child;
}
