// A lean HTTP/1.1 load generator: it costs less than the servers that it measures.
//
//   load PORT CONNECTIONS SECONDS [-X METHOD] [-H FIELD]... [-c] [-b BYTES] [-r RATE] PATH...
//   load PORT CONNECTIONS SECONDS -r RATE -s SCRIPT -o RECORD
//
// -c opens a new connection for each request, -b sets the receive buffer, -r sends that many
// requests a second in all whether or not the answers keep up. Prints one line: requests, bytes,
// failures, p50, p99 and the longest latency in microseconds.
//
// SCRIPT has a line a request, sent in turn: METHOD PATH [FIELD]. A '?' before the method sends the
// entity tag of the last answer along. RECORD gets a line an answer: the request's number, the status,
// the start of the content's SHA-256 (for a 304, of the content that was confirmed) and when the
// request began and the answer ended, in microseconds of the monotonic clock. Status 0 stands for
// no answer.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
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
  int request;
  uint64_t sent;
  uint64_t known;  // what the entity tag that was sent stands for
  EVP_MD_CTX *digest;
};

struct request {
  char *text;
  size_t length;
  int is_head, is_conditional;
  struct request *first;  // of those that ask for the same; it keeps the tag
  // Of the last answer with content.
  char tag[128];
  uint64_t content;
};

enum { REQUESTS = 1 << 16 };
static struct request requests[REQUESTS];
static int request_count, next_request;
static FILE *record;
static int port, closes, receive_buffer;
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
  struct request *r = &requests[c->request = next_request];
  next_request = (next_request + 1) % request_count;
  c->busy = 1;
  c->start = at;
  c->head_count = 0;
  c->body_left = -1;
  char conditional[4096];
  const char *text = r->text;
  size_t length = r->length;
  if (r->is_conditional && r->first->tag[0]) {
    length = (size_t)snprintf(conditional, sizeof conditional, "%.*sIf-None-Match: %s\r\n\r\n",
                              (int)r->length - 2, r->text, r->first->tag);
    text = conditional;
    c->known = r->first->content;
  }
  if (c->digest) {
    EVP_DigestInit_ex(c->digest, EVP_sha256(), NULL);
    c->sent = now_us();
  }
  if (send(c->socket, text, length, MSG_NOSIGNAL) < 0) failures++;
}

static void note(struct connection *c, int status, uint64_t content) {
  if (!record) return;
  fprintf(record, "%d %d %016lx %lu %lu\n", c->request, status, content, c->sent, now_us());
}

// Takes note of what a recorded answer was.
static void judge(struct connection *c) {
  if (!record) return;
  int status = atoi(c->head + 9);
  struct request *r = requests[c->request].first;
  unsigned char bytes[EVP_MAX_MD_SIZE];
  EVP_DigestFinal_ex(c->digest, bytes, NULL);
  uint64_t content = 0;
  for (int i = 0; i < 8; i++) content = content << 8 | bytes[i];
  if (status == 304) content = c->known;
  char *tag = strcasestr(c->head, "\r\netag: "), *end = tag ? strstr(tag + 2, "\r\n") : NULL;
  if (status == 200 && end && !r->is_head && end - tag - 8 < (long)sizeof r->tag) {
    snprintf(r->tag, sizeof r->tag, "%.*s", (int)(end - tag - 8), tag + 8);
    r->content = content;
  }
  note(c, status, content);
}

static void finish(struct connection *c) {
  judge(c);
  done++;
  if (latency_count < LATENCIES) latencies[latency_count++] = (uint32_t)(now_us() - c->start);
  c->busy = 0;
  // An ordinary end, as browsers and curl make it: a reset would spare the server its part in it.
  if (closes) close(c->socket);
}

// Reads what there is; 1 when the response is complete.
static int receive(struct connection *c) {
  static char buffer[1 << 18];
  ssize_t n = recv(c->socket, buffer, sizeof buffer, MSG_DONTWAIT);
  if (n <= 0) {
    if (n < 0 && errno == EAGAIN) return 0;
    failures++;
    if (c->busy) note(c, 0, 0);
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
    int has_body = !requests[c->request].is_head && status != 304;
    int64_t total = length && length < end && has_body ? atoll(length + 15) : 0;
    // How many of the bytes just received belong to the head.
    int64_t head = end + 4 - c->head - (int64_t)(c->head_count - take);
    c->body_left = total - (n - head);
    if (c->digest) EVP_DigestUpdate(c->digest, buffer + head, (size_t)(n - head));
  } else {
    c->body_left -= n;
    if (c->digest) EVP_DigestUpdate(c->digest, buffer, (size_t)n);
  }
  return c->body_left <= 0;
}

static void add_request(const char *method, const char *path, const char *fields) {
  if (request_count == REQUESTS) return;
  struct request *r = &requests[request_count++];
  r->is_conditional = method[0] == '?';
  method += r->is_conditional;
  r->is_head = !strcmp(method, "HEAD");
  int n = asprintf(&r->text, "%s %s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n", method, path, fields,
                   closes ? "Connection: close\r\n" : "");
  r->length = (size_t)n;
  r->first = requests;
  while (strcmp(r->first->text, r->text)) r->first++;
}

static void read_script(const char *name) {
  FILE *file = fopen(name, "r");
  char line[4096], method[16], path[2048], field[2048], fields[2052];
  while (file && fgets(line, sizeof line, file)) {
    int parts = sscanf(line, "%15s %2047s %2047[^\n]", method, path, field);
    if (parts < 2) continue;
    snprintf(fields, sizeof fields, parts > 2 ? "%s\r\n" : "", field);
    add_request(method, path, fields);
  }
  if (request_count == 0) {
    perror(name);
    exit(1);
  }
  fclose(file);
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
    else if (!strcmp(argv[i], "-s")) read_script(argv[++i]);
    else if (!strcmp(argv[i], "-o")) record = fopen(argv[++i], "w");
    else add_request(method, argv[i], fields);
  }
  // Requests that are due are late by no more than this, in nanoseconds.
  prctl(PR_SET_TIMERSLACK, 1000);
  latencies = malloc(LATENCIES * sizeof *latencies);
  epoll = epoll_create1(0);
  struct connection *all = calloc((size_t)count, sizeof *all);
  for (int i = 0; i < count; i++) {
    if (record) all[i].digest = EVP_MD_CTX_new();
    if (!closes) open_connection(&all[i]);
  }
  uint64_t begin = now_us(), end = begin + (uint64_t)(seconds * 1e6), sent = 0;
  for (int i = 0; i < count; i++) {
    if (rate == 0) start(&all[i], now_us());
  }
  struct epoll_event events[256];
  int next = 0;
  for (uint64_t now = begin; now < end; now = now_us()) {
    if (rate > 0) {
      uint64_t due = 1 + (uint64_t)((double)(now - begin) * rate / 1e6);
      for (int i = 0; i < count && sent < due; i++, next = (next + 1) % count) {
        // Latency counts from when the request was due, not from when it could be sent.
        if (!all[next].busy) start(&all[next], begin + (uint64_t)((double)sent++ * 1e6 / rate));
      }
    }
    // With a rate, until the next request is due; all connections may be busy then.
    uint64_t due = rate > 0 ? begin + (uint64_t)((double)sent * 1e6 / rate) : now + 100000;
    uint64_t pause = due > now ? due - now : 1000;
    struct timespec wait = {0, (long)(pause < 100000 ? pause : 100000) * 1000};
    int n = epoll_pwait2(epoll, events, 256, &wait, NULL);
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      int result = receive(c);
      if (result == 0) continue;
      if (result > 0) finish(c);
      if (rate == 0) start(c, now_us());
    }
  }
  double elapsed = (double)(now_us() - begin) / 1e6;
  // Whoever keeps a record wants to know how the last requests end.
  for (uint64_t last = end + 30000000; record && now_us() < last;) {
    int n = epoll_wait(epoll, events, 256, 100), busy = 0;
    for (int i = 0; i < n; i++) {
      if (receive(events[i].data.ptr) > 0) finish(events[i].data.ptr);
    }
    for (int i = 0; i < count; i++) busy += all[i].busy;
    if (!busy) break;
  }
  for (int i = 0; record && i < count; i++) {
    if (all[i].busy) note(&all[i], 0, 0);
  }
  if (record) fclose(record);
  qsort(latencies, latency_count, sizeof *latencies, compare);
  uint32_t p50 = latency_count ? latencies[latency_count / 2] : 0;
  uint32_t p99 = latency_count ? latencies[latency_count * 99 / 100] : 0;
  uint32_t longest = latency_count ? latencies[latency_count - 1] : 0;
  printf("%lu %lu %lu %u %u %u %.3f\n", done, bytes, failures, p50, p99, longest, elapsed);
}
