// The files beside this one, as bytes: here and not as resources of the library, since Swift takes
// ten seconds to optimise as long an array.

#include "CHomePage.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char template[] = {
#embed "home.html"
};

static const unsigned char style[] = {
#embed "home.css" suffix(, )
#embed "panel.css"
};

// In the order in which each finds what it needs.
static const unsigned char script[] = {
#embed "zstandard.js" suffix(, )
#embed "msgpack.js" suffix(, )
#embed "dom.js" suffix(, )
#embed "versions.js" suffix(, )
#embed "channel.js" suffix(, )
#embed "search.js" suffix(, )
#embed "list.js" suffix(, )
#embed "panel.js" suffix(, )
#embed "releases.js" suffix(, )
#embed "page.js"
};

struct home_page_text home_page_template(void) {
  return (struct home_page_text){template, sizeof template};
}

struct home_page_text home_page_style(void) {
  return (struct home_page_text){style, sizeof style};
}

struct home_page_text home_page_script(void) {
  return (struct home_page_text){script, sizeof script};
}
