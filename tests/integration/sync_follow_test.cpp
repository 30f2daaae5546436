// `toolkit sync --follow` where its world changes under it: nothing that was written is lost, and
// exit 0 means that all of it is there.
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

#include <fstream>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

void append(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::app) << bytes;
}

Process follow(const Words& words) {
  return start_toolkit(Words{"sync", "--follow", "--json", "--max-lag", "20ms"} + words);
}

nlohmann::json summary_of(const Outcome& outcome) {
  const auto from = outcome.out.rfind("{\"schema\"");
  REQUIRE(from != std::string::npos);
  return nlohmann::json::parse(outcome.out.substr(from));
}

// What happens while it cannot look is one change for it.
template <typename Change>
void between_looks(const Process& follower, const Change& change) {
  follower.signal(SIGSTOP);
  change();
  follower.signal(SIGCONT);
}

}  // namespace

TEST_CASE("sync --follow: an empty source is looked at now and then, not all the time") {
  const TempDir d;
  ::mkdir((d / "a").c_str(), 0755);
  Process follower = follow({"--status-file", d / "status", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return file_exists(d / "status"); }));
  ::usleep(300'000);
  follower.signal(SIGTERM);
  const Outcome outcome = follower.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(summary_of(outcome)["passes"] <= 4);
}

TEST_CASE("sync --follow: a source may come later") {
  const TempDir d;
  Process follower =
      follow({"--interval", "50ms", "--status-file", d / "status", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return file_exists(d / "status"); }));
  d.write("a/x.log", "x");
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/x.log") == "x"; }));
  follower.signal(SIGTERM);
  CHECK(follower.wait().exit_code == 0);
}

TEST_CASE("sync --follow: a source that never came is no success") {
  const TempDir d;
  Process follower =
      follow({"--interval", "50ms", "--status-file", d / "status", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return file_exists(d / "status"); }));
  follower.signal(SIGTERM);
  CHECK(follower.wait().exit_code == 1);
  // A file or a directory: it decides what DEST means.
  const Outcome unclear = run_toolkit({"sync", "--follow", d / "x.log", d / "copy.log"});
  CHECK(unclear.exit_code == 1);
  CHECK(contains(unclear.err, "is not there yet"));
}

TEST_CASE("sync --follow: what could not be looked at in the grace is no success") {
  const TempDir d;
  for (int i = 0; i < 500; ++i) {
    d.write("a/" + std::to_string(i) + "/x.log", "1\n");
  }
  Process follower = follow({"--grace", "0s", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/99/x.log") == "1\n"; }));
  between_looks(follower, [&] {
    follower.signal(SIGTERM);
    append(d / "a/99/x.log", "2\n");
  });
  const Outcome outcome = follower.wait();
  CHECK(outcome.exit_code == 1);
  CHECK(summary_of(outcome)["exit_code"] == outcome.exit_code);
  CHECK_FALSE(file_exists(d / "b/.toolkit-sync-claim"));
}

TEST_CASE("sync --follow: the last words go first, whatever was under way, and inside the grace") {
  const TempDir d;
  d.write("a/model.bin", std::string(20'000'000, 'm'));
  d.write("a/train.log", "1\n");
  Process follower =
      follow({"--jobs", "1", "--bwlimit", "1000", "--grace", "2s", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return file_exists(d / "b/.toolkit-sync-claim"); }));
  ::usleep(300'000);  // the large file is under way
  append(d / "a/train.log", "the last word\n");
  follower.signal(SIGTERM);
  const Outcome outcome = follower.wait();
  CHECK(outcome.exit_code == 1);  // the model is not all there
  CHECK(read_file_or_empty(d / "b/train.log") == "1\nthe last word\n");
  CHECK_FALSE(file_exists(d / "b/model.bin"));
  CHECK(summary_of(outcome)["failed"] == 1);
  CHECK_FALSE(contains(outcome.err, "hangs"));
  CHECK(contains(outcome.err, "model.bin"));
  CHECK_FALSE(file_exists(d / "b/.toolkit-sync-claim"));
}

TEST_CASE("sync --follow: the end of a log that went to a name that is left out is not lost") {
  const TempDir d;
  const std::string log = d.write("a/train.log", "1\n");
  Process follower = follow({"--exclude", "*.1", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/train.log") == "1\n"; }));
  between_looks(follower, [&] {
    append(log, "the end\n");
    ::rename(log.c_str(), (d / "a/train.log.1").c_str());
    d.write("a/train.log", "new\n");
  });
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/train.log") == "new\n"; }));
  CHECK(read_file_or_empty(d / "b/train.log.~1~") == "1\nthe end\n");
  follower.signal(SIGTERM);
  CHECK(follower.wait().exit_code == 0);
}

TEST_CASE("sync --follow: the end of a log that was deleted is not lost") {
  const TempDir d;
  const std::string log = d.write("a/train.log", "1\n");
  Process follower = follow({d / "a/", d / "b/"});
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/train.log") == "1\n"; }));
  between_looks(follower, [&] {
    append(log, "the end\n");
    ::unlink(log.c_str());
  });
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/train.log") == "1\nthe end\n"; }));
  follower.signal(SIGTERM);
  const Outcome outcome = follower.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(summary_of(outcome)["sent_bytes"] == 10);
}

TEST_CASE("sync --follow: rotated, and followed without a journal on disk") {
  const TempDir d;
  const std::string log = d.write("a/train.log", std::string(50'000, 'x'));
  d.write("not-a-directory", "");
  Process follower = follow({"--state-dir", d / "not-a-directory", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/train.log").size() == 50'000; }));
  between_looks(follower, [&] {
    ::rename(log.c_str(), (d / "a/train.log.1").c_str());
    d.write("a/train.log", "new\n");
  });
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/train.log") == "new\n"; }));
  follower.signal(SIGTERM);
  const Outcome outcome = follower.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(read_file_or_empty(d / "b/train.log.1") == std::string(50'000, 'x'));
  CHECK(summary_of(outcome)["sent_bytes"] == 50'004);
}

TEST_CASE("sync --follow: no room by --min-free is said and waited for") {
  const TempDir d;
  d.write("a/x.log", "x");
  Process follower = follow({"--min-free", "1000000G", "--interval", "50ms", d / "a/", d / "b/"});
  CHECK(follower.wait_for_err("--min-free"));
  ::usleep(100'000);
  CHECK_FALSE(follower.has_ended());
  follower.signal(SIGTERM);
  CHECK(follower.wait().exit_code == 1);
}

TEST_CASE(
    "sync --follow --until: a signal that comes before the end of the job waits for its last "
    "words") {
  const TempDir d;
  d.write("a/x.log", "first\n");
  Process follower = follow({"--until", "file:" + (d / "over"), "--interval", "100ms", "--grace",
                             "60s", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/x.log") == "first\n"; }));
  follower.signal(SIGTERM);
  ::usleep(300'000);
  append(d / "a/x.log", "last words\n");
  d.write("over", "");
  CHECK(follower.wait().exit_code == 0);
  CHECK(read_file(d / "b/x.log") == "first\nlast words\n");
}
