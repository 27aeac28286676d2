#ifndef CLISTINGPAGE_H
#define CLISTINGPAGE_H

#include <stddef.h>

// Text that lasts as long as the process.
struct listing_page_text {
  const unsigned char *bytes;
  size_t count;
};

struct listing_page_text listing_page_style(void);
struct listing_page_text listing_page_script(void);

#endif
