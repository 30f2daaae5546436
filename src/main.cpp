// Start-up: what a static binary must pin before anything else, then the command. Signals have been blocked
// since the first instruction (process/entry.cpp); `run` reads them as events, the other commands want the
// usual behaviour back.
#include <toolkit/cli/app.hpp>

#include <unistd.h>

#include <cstdio>
#include <exception>

// glibc would load the image's NSS modules into us, built for another glibc, and crash: names are looked up
// by the code that is linked in. Declared here because <nss.h> does not have it in every glibc.
extern "C" int __nss_configure_lookup(const char* database, const char* services);

namespace {

void pin_name_lookup() {
  __nss_configure_lookup("hosts", "files dns");
  for (const char* database : {"passwd", "group", "services"}) {
    __nss_configure_lookup(database, "files");
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    pin_name_lookup();
    return toolkit::cli::run_app(argc, argv, environ);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "toolkit: internal error: %s\n  try: report it with the command line and `toolkit --version`\n", error.what());
    return 125;
  }
}
