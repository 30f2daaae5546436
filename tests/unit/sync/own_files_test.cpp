#include "src/sync/own_files.hpp"

#include <doctest/doctest.h>

using toolkit::sync::is_own_file;

TEST_CASE("claims and drafts of a sync are no data, all other names are") {
  for (const char* const name :
       {".toolkit-sync-claim", ".toolkit-sync-claim.0123abcd", ".toolkit-sync-probe-0f",
        ".model.bin.toolkit-aB3xYz", ".a.toolkit-01234567"}) {
    CAPTURE(name);
    CHECK(is_own_file(name));
  }
  for (const char* const name :
       {"", ".toolkit", ".toolkit-abcdef", "toolkit-sync-claim", "x.toolkit-sync-claim",
        "model.bin.toolkit-aB3xYz", ".model.bin.toolkit-aB3xY", ".model.toolkit-aB3.Yz", "x.log"}) {
    CAPTURE(name);
    CHECK_FALSE(is_own_file(name));
  }
}
