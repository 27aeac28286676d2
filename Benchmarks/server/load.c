// A lean HTTP/1.1 load generator: it costs less than the servers that it measures.
//
//   load PORT CONNECTIONS SECONDS [-X METHOD] [-H FIELD]... [-c] [-b BYTES] [-r RATE] PATH...
//
// -c opens a new connection for each request, -b sets the receive buffer, -r sends that many
// requests a second in all whether or not the answers keep up. Prints one line: requests, bytes,
// failures, p50, p99 and the longest latency in microseconds.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct connection {
  int socket;
  int busy;
  uint64_t start;
  size_t head_count;
  int64_t body_left;  // -1 while the head is being read
  char head[4096];
};

static const char *requests[4096];
static size_t request_lengths[4096];
static int request_count, next_request;
static int port, closes, is_head, receive_buffer;
static int epoll;
static uint64_t done, bytes, failures;
static uint32_t *latencies;
static size_t latency_count;
enum { LATENCIES = 1 << 24 };

static uint64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void open_connection(struct connection *c) {
  c->socket = socket(AF_INET, SOCK_STREAM, 0);
  if (receive_buffer)
    setsockopt(c->socket, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  int one = 1;
  setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (closes) {
    // No TIME_WAIT: a minute of new connections would use up the ports.
    struct linger linger = {1, 0};
    setsockopt(c->socket, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  }
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(c->socket, (struct sockaddr *)&a, sizeof a) != 0) {
    perror("connect");
    exit(1);
  }
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->socket, &e);
}

static void start(struct connection *c, uint64_t at) {
  if (closes) open_connection(c);
  int i = next_request;
  next_request = (next_request + 1) % request_count;
  c->busy = 1;
  c->start = at;
  c->head_count = 0;
  c->body_left = -1;
  if (send(c->socket, requests[i], request_lengths[i], MSG_NOSIGNAL) < 0) failures++;
}

static void finish(struct connection *c) {
  done++;
  if (latency_count < LATENCIES) latencies[latency_count++] = (uint32_t)(now_us() - c->start);
  c->busy = 0;
  if (closes) close(c->socket);
}

// Reads what there is; 1 when the response is complete.
static int receive(struct connection *c) {
  static char buffer[1 << 18];
  ssize_t n = recv(c->socket, buffer, sizeof buffer, MSG_DONTWAIT);
  if (n <= 0) {
    if (n < 0 && errno == EAGAIN) return 0;
    failures++;
    close(c->socket);
    if (!closes) open_connection(c);
    c->busy = 0;
    return -1;
  }
  bytes += (uint64_t)n;
  if (c->body_left < 0) {
    size_t room = sizeof c->head - 1 - c->head_count, take = (size_t)n < room ? (size_t)n : room;
    memcpy(c->head + c->head_count, buffer, take);
    c->head_count += take;
    c->head[c->head_count] = 0;
    char *end = strstr(c->head, "\r\n\r\n");
    if (!end) return 0;
    int status = atoi(c->head + 9);
    if (status >= 500 || status < 200) failures++;
    char *length = strcasestr(c->head, "content-length:");
    int64_t total = length && length < end && !is_head && status != 304 ? atoll(length + 15) : 0;
    int64_t head = end + 4 - c->head;
    c->body_left = total - ((int64_t)n - (head - (int64_t)(c->head_count - take)));
  } else {
    c->body_left -= n;
  }
  return c->body_left <= 0;
}

static int compare(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc < 5) return 64;
  port = atoi(argv[1]);
  int count = atoi(argv[2]);
  double seconds = atof(argv[3]), rate = 0;
  const char *method = "GET";
  char fields[2048] = "";
  for (int i = 4; i < argc; i++) {
    if (!strcmp(argv[i], "-X")) method = argv[++i];
    else if (!strcmp(argv[i], "-H")) strcat(strcat(fields, argv[++i]), "\r\n");
    else if (!strcmp(argv[i], "-c")) closes = 1;
    else if (!strcmp(argv[i], "-b")) receive_buffer = atoi(argv[++i]);
    else if (!strcmp(argv[i], "-r")) rate = atof(argv[++i]);
    else if (request_count < 4096) {
      char *text;
      int n = asprintf(&text, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n", method, argv[i],
                       fields, closes ? "Connection: close\r\n" : "");
      requests[request_count] = text;
      request_lengths[request_count++] = (size_t)n;
    }
  }
  is_head = !strcmp(method, "HEAD");
  latencies = malloc(LATENCIES * sizeof *latencies);
  epoll = epoll_create1(0);
  struct connection *all = calloc((size_t)count, sizeof *all);
  uint64_t begin = now_us(), end = begin + (uint64_t)(seconds * 1e6), sent = 0;
  for (int i = 0; i < count; i++) {
    if (!closes) open_connection(&all[i]);
    if (rate == 0) start(&all[i], now_us());
  }
  struct epoll_event events[256];
  for (uint64_t now = begin; now < end; now = now_us()) {
    if (rate > 0) {
      uint64_t due = (uint64_t)((double)(now - begin) * rate / 1e6);
      for (int i = 0; i < count && sent < due; i++) {
        // Latency counts from when the request was due, not from when it could be sent.
        if (!all[i].busy) start(&all[i], begin + (uint64_t)((double)sent++ * 1e6 / rate));
      }
    }
    int n = epoll_wait(epoll, events, 256, rate > 0 ? 1 : 100);
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      int result = receive(c);
      if (result == 0) continue;
      if (result > 0) finish(c);
      if (rate == 0) start(c, now_us());
    }
  }
  double elapsed = (double)(now_us() - begin) / 1e6;
  qsort(latencies, latency_count, sizeof *latencies, compare);
  uint32_t p50 = latency_count ? latencies[latency_count / 2] : 0;
  uint32_t p99 = latency_count ? latencies[latency_count * 99 / 100] : 0;
  uint32_t longest = latency_count ? latencies[latency_count - 1] : 0;
  printf("%lu %lu %lu %u %u %u %.3f\n", done, bytes, failures, p50, p99, longest, elapsed);
}
