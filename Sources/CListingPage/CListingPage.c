// The files beside this one, as bytes: here and not as resources of the library, since Swift takes
// long to compile long arrays.

#include "CListingPage.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char style[] = {
#embed "listing.css"
};

static const unsigned char script[] = {
#embed "listing.js"
};

struct listing_page_text listing_page_style(void) {
  return (struct listing_page_text){style, sizeof style};
}

struct listing_page_text listing_page_script(void) {
  return (struct listing_page_text){script, sizeof script};
}
