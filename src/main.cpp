// Signals have been blocked since the first instruction (process/entry.cpp); `run` reads them as
// events, the other commands put the usual behaviour back.
#include <toolkit/cli/app.hpp>

#include <unistd.h>

#include <cstdio>
#include <exception>

#ifdef TOOLKIT_OPENSSL_STARTS_LATE
void let_openssl_look();  // thirdparty/openssl_start.cpp
#endif

int main(int argc, char** argv) {
  try {
#ifdef TOOLKIT_OPENSSL_STARTS_LATE
    let_openssl_look();
#endif
    const int code = toolkit::cli::run_app(argc, argv, environ);
#ifndef __SANITIZE_ADDRESS__
    ::_exit(code);  // nothing is buffered, and the destructors of what is static take time
#endif
    return code;
  } catch (const std::exception& error) {
    std::fprintf(stderr,
                 "toolkit: internal error: %s\n  try: report it with the command line and `toolkit "
                 "--version`\n",
                 error.what());
    return 125;
  }
}
