// The yardstick: the least that a file system over libfuse can be.
//
//   infrafs-yardstick [-n] COUNT MOUNTPOINT
//
// One directory with COUNT files of one line, named 0, 1, 2, ..., which the kernel may keep for an hour, one named `fresh`
// that it may not keep at all, and one named `direct` that is read and written past the page cache. A listing of the
// directory has nothing but itself. Every answer is a constant, made on one thread. Opening and reading a file is four
// round trips, as with any file system that takes libfuse's defaults and has a flush: open, read, flush, release. With
// -n it has no flush, which leaves three.

#define FUSE_USE_VERSION 314
#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static const char line[] = "up\n";
static unsigned long count;

enum { FRESH = 2, DIRECT = 3, FIRST = 4 };

static int fill(fuse_ino_t ino, struct stat *st)
{
    memset(st, 0, sizeof *st);
    st->st_ino = ino;
    st->st_nlink = 1;
    st->st_mode = ino == FUSE_ROOT_ID ? S_IFDIR | 0755 : S_IFREG | 0644;
    st->st_size = ino == FUSE_ROOT_ID ? 0 : (off_t)sizeof line - 1;
    return ino == FUSE_ROOT_ID || ino == FRESH || ino == DIRECT || ino - FIRST < count;
}

static double validity(fuse_ino_t ino) { return ino == FRESH ? 0 : 3600; }

static void look_up(fuse_req_t req, fuse_ino_t parent, const char *name)
{
    struct fuse_entry_param entry = {0};
    char *end;
    (void)parent;
    entry.ino = strcmp(name, "fresh") == 0 ? FRESH : strcmp(name, "direct") == 0 ? DIRECT : strtoul(name, &end, 10) + FIRST;
    if (entry.ino >= FIRST && (*name == 0 || *end != 0 || !fill(entry.ino, &entry.attr))) {
        fuse_reply_err(req, ENOENT);
        return;
    }
    fill(entry.ino, &entry.attr);
    entry.attr_timeout = entry.entry_timeout = validity(entry.ino);
    fuse_reply_entry(req, &entry);
}

static void get_attributes(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *file)
{
    struct stat st;
    (void)file;
    if (fill(ino, &st))
        fuse_reply_attr(req, &st, validity(ino));
    else
        fuse_reply_err(req, ENOENT);
}

static void open_file(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *file)
{
    file->direct_io = ino == DIRECT;
    fuse_reply_open(req, file);
}

static void write_file(fuse_req_t req, fuse_ino_t ino, const char *bytes, size_t size, off_t offset, struct fuse_file_info *file)
{
    (void)ino;
    (void)bytes;
    (void)offset;
    (void)file;
    fuse_reply_write(req, size);
}

static void read_directory(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *file)
{
    static const char *const names[] = {".", ".."};
    struct stat st;
    char buffer[256];
    size_t used = 0;
    (void)file;
    fill(ino, &st);
    for (; offset < 2; offset++) {
        size_t length = fuse_add_direntry(req, buffer + used, sizeof buffer - used, names[offset], &st, offset + 1);
        if (used + length > size)
            break;
        used += length;
    }
    fuse_reply_buf(req, buffer, used);
}

static void read_file(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *file)
{
    size_t length = sizeof line - 1;
    (void)ino;
    (void)file;
    if ((size_t)offset >= length)
        fuse_reply_buf(req, NULL, 0);
    else
        fuse_reply_buf(req, line + offset, length - offset < size ? length - offset : size);
}

static void flush_file(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *file)
{
    (void)ino;
    (void)file;
    fuse_reply_err(req, 0);
}

static void get_attribute(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size)
{
    (void)ino;
    (void)name;
    if (size == 0)
        fuse_reply_xattr(req, sizeof line - 1);
    else
        fuse_reply_buf(req, line, sizeof line - 1);
}

static void statistics(fuse_req_t req, fuse_ino_t ino)
{
    struct statvfs st = {.f_bsize = 4096, .f_frsize = 4096, .f_blocks = 1, .f_files = count, .f_namemax = 255};
    (void)ino;
    fuse_reply_statfs(req, &st);
}

int main(int argc, char **argv)
{
    int has_flush = argc < 2 || strcmp(argv[1], "-n") != 0;
    if (argc != (has_flush ? 3 : 4)) {
        fputs("usage: infrafs-yardstick [-n] COUNT MOUNTPOINT\n", stderr);
        return 2;
    }
    count = strtoul(argv[argc - 2], NULL, 10);
    struct fuse_lowlevel_ops operations = {
        .lookup = look_up, .getattr = get_attributes, .open = open_file, .read = read_file,
        .write = write_file, .readdir = read_directory, .release = flush_file, .getxattr = get_attribute, .statfs = statistics,
    };
    if (has_flush)
        operations.flush = flush_file;
    char *words[] = {argv[0], "-o", "fsname=infrafs-yardstick,default_permissions"};
    struct fuse_args arguments = FUSE_ARGS_INIT(3, words);
    struct fuse_session *session = fuse_session_new(&arguments, &operations, sizeof operations, NULL);
    if (session == NULL || fuse_set_signal_handlers(session) != 0)
        return 1;
    if (fuse_session_mount(session, argv[argc - 1]) != 0)
        return 1;
    int status = fuse_session_loop(session);
    fuse_session_unmount(session);
    fuse_session_destroy(session);
    return status != 0;
}
