#include "network_leaf.hpp"
#include "stuck_directory.hpp"

using namespace toolkit;
using probe::Reason;

namespace {

constexpr Milliseconds kAttempt{100};

bool gives_up_in_time(const std::string& condition) {
  const auto begin = std::chrono::steady_clock::now();
  const probe::Finding finding = support::find(condition, {}, kAttempt);
  return finding.reason == Reason::timed_out &&
         finding.words == "the file system has not answered for it" &&
         std::chrono::steady_clock::now() - begin < std::chrono::seconds(5);
}

}  // namespace

TEST_CASE(
    "a path on a file system that hangs is given up in time, for sockets and for authorities") {
  const support::StuckDirectory stuck;
  if (!stuck.is_stuck()) {
    MESSAGE("skipped: FUSE wants root and /dev/fuse");
    return;
  }
  CHECK(gives_up_in_time("unix:" + stuck.path() + "/socket"));
  CHECK(gives_up_in_time("https://127.0.0.1:1/ ca=" + stuck.path() + "/authorities.pem"));
}

TEST_CASE("a probe behind a path has its second attempt when the file system answers again") {
  support::StuckDirectory stuck;
  if (!stuck.is_stuck()) {
    MESSAGE("skipped: FUSE wants root and /dev/fuse");
    return;
  }
  auto made = probe::make_probe(support::leaf_of("unix:" + stuck.path() + "/socket"), {});
  REQUIRE(made);
  CHECK(support::attempt(**made, kAttempt).reason == Reason::timed_out);
  stuck.let_go();
  const auto finding = support::attempt(**made, std::chrono::seconds(10));
  CHECK(support::in_words(finding) == "unknown: transport endpoint is not connected");
}
