#ifndef CHOMEPAGE_H
#define CHOMEPAGE_H

#include <stddef.h>

// Text that lasts as long as the process.
struct home_page_text {
  const unsigned char *bytes;
  size_t count;
};

struct home_page_text home_page_template(void);
struct home_page_text home_page_style(void);
struct home_page_text home_page_script(void);

#endif
