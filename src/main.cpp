// Signals have been blocked since the first instruction (process/entry.cpp); `run` reads them as
// events, the other commands put the usual behaviour back.
#include <toolkit/cli/app.hpp>

#include <unistd.h>

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  try {
    return toolkit::cli::run_app(argc, argv, environ);
  } catch (const std::exception& error) {
    std::fprintf(stderr,
                 "toolkit: internal error: %s\n  try: report it with the command line and `toolkit "
                 "--version`\n",
                 error.what());
    return 125;
  }
}
