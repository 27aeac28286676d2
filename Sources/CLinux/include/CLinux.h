#pragma once
// What Swift's Glibc module does not show: calls declared under _GNU_SOURCE only, in headers that
// the module was built from without it, and headers it leaves out.
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/types.h>

// The identity and shape of a file, as statx(2) reports it.
struct clinux_status {
  uint64_t device;
  uint64_t inode;
  uint64_t size;
  int64_t modified_seconds;
  uint32_t modified_nanoseconds;
  uint32_t mode;
};

int clinux_accept4(int fd, struct sockaddr *address, socklen_t *length, int flags);

// The status of `path` below `directory`, or of `directory` itself when `path` is empty.
// `follow` says whether a final symbolic link is followed.
int clinux_status(int directory, const char *path, int follow, struct clinux_status *result);

// openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS; -1 with ENOSYS on old kernels.
int clinux_open_beneath(int directory, const char *path, int flags);

// The same with RESOLVE_NO_SYMLINKS; -1 with ELOOP where a link is on the way.
int clinux_open_beneath_without_links(int directory, const char *path, int flags);

// Whether inotify tells of every change to what `file` names: 1 on file systems that only this
// kernel changes, 0 on all others.
int clinux_reports_changes(int file);

int clinux_rename(int from_directory, const char *from, int to_directory, const char *to,
                  int replace);

// Makes `to` share all bytes of `from` until one of both is written to, where the file system can.
int clinux_clone_file(int to, int from);

// pthread_setname_np(3); names longer than 15 bytes are cut.
int clinux_name_thread(unsigned long thread, const char *name);

// pthread_join(3) for at most so many milliseconds; -1 when the thread runs on.
int clinux_join(unsigned long thread, int64_t milliseconds);

int clinux_synchronize_file_system(int fd);

// How many processors the calling thread may run on; -1 on failure.
int clinux_available_processors(void);

// O_PATH, which names a file without opening it.
extern const int clinux_o_path;

// Bytes that the kernel holds for a socket's peer and that it has not acknowledged; -1 on failure.
int clinux_unacknowledged(int socket);

// Lets accept(2) see a connection only once its first bytes are there.
int clinux_defer_accept(int socket, int seconds);

// Lets the process see what is its own below /proc again after it has become another user.
int clinux_make_dumpable(void);

// Takes no more for a TCP socket while this many bytes of it wait to be sent for the first time.
int clinux_limit_unsent(int socket, int bytes);

// A clock read that costs no system call: seconds since 1970, and milliseconds of the monotonic
// clock, both as of the last kernel tick.
int64_t clinux_coarse_seconds(void);
int64_t clinux_coarse_milliseconds(void);

// Takes the code of the program and its libraries out of the process's memory; what runs on is mapped
// again, a few pages at a time, and the rest need not be.
void clinux_unmap_code(void);

// malloc_trim(3), for all threads of the process.
void clinux_give_back_memory(void);

// Nanoseconds of the monotonic clock, read without a system call where the machine allows it.
int64_t clinux_nanoseconds(void);
