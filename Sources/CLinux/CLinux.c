#define _GNU_SOURCE
#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/sockios.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

int clinux_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags) {
  return accept4(fd, address, length, flags);
}

int clinux_status(int directory, const char *path, int follow, struct clinux_status *result) {
  struct statx status;
  int flags = (*path ? 0 : AT_EMPTY_PATH) | (follow ? 0 : AT_SYMLINK_NOFOLLOW);
  unsigned mask = STATX_TYPE | STATX_MODE | STATX_INO | STATX_SIZE | STATX_MTIME;
  if (statx(directory, path, flags, mask, &status) != 0) return -1;
  result->device = makedev(status.stx_dev_major, status.stx_dev_minor);
  result->inode = status.stx_ino;
  result->size = status.stx_size;
  result->modified_seconds = status.stx_mtime.tv_sec;
  result->modified_nanoseconds = status.stx_mtime.tv_nsec;
  result->mode = status.stx_mode;
  return 0;
}

static int open_resolved(int directory, const char *path, int flags, uint64_t resolve) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = (uint64_t)(unsigned)flags;
  how.resolve = resolve;
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int clinux_open_beneath(int directory, const char *path, int flags) {
  return open_resolved(directory, path, flags, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
}

int clinux_open_beneath_without_links(int directory, const char *path, int flags) {
  return open_resolved(directory, path, flags, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
}

int clinux_reports_changes(int file) {
  struct statfs system;
  if (fstatfs(file, &system) != 0) return 0;
  switch ((uint32_t)system.f_type) {
  case EXT4_SUPER_MAGIC: case XFS_SUPER_MAGIC: case BTRFS_SUPER_MAGIC: case TMPFS_MAGIC:
  case F2FS_SUPER_MAGIC: case RAMFS_MAGIC:
    return 1;
  default:
    return 0;
  }
}

int clinux_rename(int from_directory, const char *from, int to_directory, const char *to,
                  int replace) {
  return renameat2(from_directory, from, to_directory, to, replace ? 0 : RENAME_NOREPLACE);
}

int clinux_clone_file(int to, int from) { return ioctl(to, FICLONE, from); }

int clinux_name_thread(unsigned long thread, const char *name) {
  char cut[16] = {0};
  strncpy(cut, name, sizeof cut - 1);
  return pthread_setname_np((pthread_t)thread, cut);
}

int clinux_synchronize_file_system(int fd) { return syncfs(fd); }

int clinux_available_processors(void) {
  cpu_set_t set;
  // A set too small for the machine is refused; then those that are online are the best guess.
  if (sched_getaffinity(0, sizeof set, &set) != 0) return (int)sysconf(_SC_NPROCESSORS_ONLN);
  return CPU_COUNT(&set);
}

const int clinux_o_path = O_PATH;

int clinux_unacknowledged(int socket) {
  int bytes = 0;
  return ioctl(socket, SIOCOUTQ, &bytes) == 0 ? bytes : -1;
}

int clinux_defer_accept(int socket, int seconds) {
  return setsockopt(socket, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof seconds);
}

int clinux_make_dumpable(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }

int clinux_limit_unsent(int socket, int bytes) {
  return setsockopt(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

int64_t clinux_coarse_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return now.tv_sec;
}

int64_t clinux_coarse_milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clinux_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int clinux_join(unsigned long thread, int64_t milliseconds) {
  int64_t end = clinux_nanoseconds() + milliseconds * 1000000;
  struct timespec pause = {.tv_nsec = 1000000};
  // The wait that the C library offers goes by a clock that may be set meanwhile.
  while (pthread_tryjoin_np(thread, NULL) == EBUSY) {
    if (clinux_nanoseconds() >= end) return -1;
    nanosleep(&pause, NULL);
  }
  return 0;
}

void clinux_give_back_memory(void) { malloc_trim(0); }

// Segments that are never written to are read from their files again when they are needed.
static int unmap_segments(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size, (void)unused;
  const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || segment->p_flags & PF_W) continue;
    uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
    uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_memsz;
    madvise((void *)start, end - start, MADV_DONTNEED);
  }
  return 0;
}

void clinux_unmap_code(void) { dl_iterate_phdr(unmap_segments, NULL); }
