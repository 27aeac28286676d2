// Loaded before the C library into a program that is to be killed: counts the steps by which it
// changes the files below a folder and answers clients, and ends it just before one of them.
//
//   KILL_ROOT   the folder
//   KILL_ORDER  a file; while there is one, the number in it is that of the step that is not taken.
//               A write is cut in half. Steps are counted from the file's appearance on.
//   KILL_STEPS  the kinds of steps that count: write, show, remove, answer
//   KILL_LOG    a file that gets a line for each step that is about to be taken
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static int steps;

// Nothing here may come back to a function that is replaced below.
static int raw_open(const char *path, int flags) {
  return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, 0644);
}

static int ordered(void) {
  const char *path = getenv("KILL_ORDER");
  int file = path ? raw_open(path, O_RDONLY) : -1;
  if (file < 0) return 0;
  char text[16] = {0};
  ssize_t count = read(file, text, sizeof text - 1);
  syscall(SYS_close, file);
  return count > 0 ? atoi(text) : 0;
}

static void note(const char *what, const char *path) {
  char line[PATH_MAX + 32];
  int count = snprintf(line, sizeof line, "%s %s\n", what, path);
  const char *log = getenv("KILL_LOG");
  int file = log ? raw_open(log, O_WRONLY | O_CREAT | O_APPEND) : -1;
  if (file < 0) return;
  syscall(SYS_write, file, line, count);
  syscall(SYS_close, file);
}

// Whether this is the step that must not be taken; the caller then calls end().
static int is_last(const char *what, const char *path) {
  const char *kinds = getenv("KILL_STEPS");
  if (!kinds || !strstr(kinds, what)) return 0;
  int result = 0, number = errno;
  pthread_mutex_lock(&turn);
  int order = ordered();
  if (order > 0) {
    note(what, path);
    result = ++steps == order;
  } else {
    steps = 0;
  }
  pthread_mutex_unlock(&turn);
  errno = number;
  return result;
}

static void end(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static const char *below(const char *path) {
  const char *root = getenv("KILL_ROOT");
  size_t length = root ? strlen(root) : 0;
  return length && path && !strncmp(path, root, length) && path[length] == '/' ? path + length + 1 : NULL;
}

static void step(const char *what, const char *path) {
  const char *name = below(path);
  if (name && is_last(what, name)) end();
}

static const char *path_of(int file, char *buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t count = readlink(link, buffer, PATH_MAX - 1);
  if (count < 0) return NULL;
  buffer[count] = 0;
  return buffer;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int file, const void *bytes, size_t count) {
  char path[PATH_MAX];
  const char *name = below(path_of(file, path));
  if (name && is_last("write", name)) {
    syscall(SYS_write, file, bytes, count / 2);
    end();
  }
  return REAL(write)(file, bytes, count);
}

ssize_t send(int socket, const void *bytes, size_t count, int flags) {
  if (is_last("answer", "")) end();
  return REAL(send)(socket, bytes, count, flags);
}

int unlink(const char *path) {
  // What is not there any more is removed at any time, and to no effect.
  if (!access(path, F_OK)) step("remove", path);
  return REAL(unlink)(path);
}

int rename(const char *from, const char *to) {
  step("show", to);
  return REAL(rename)(from, to);
}

int renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
  step("show", new);
  return REAL(renameat2)(from, old, to, new, flags);
}
