#include <doctest/doctest.h>
#include <tests/support/drive_probe.hpp>
#include <tests/support/temp_dir.hpp>
#include <tests/unit/probe/typed.hpp>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <thread>

using namespace toolkit::support;
using namespace std::chrono_literals;
using toolkit::probe::Finding;
using toolkit::probe::make_log;
using toolkit::probe::Reason;

namespace {

Finding look(const std::string& operand) { return attempt(*typed_probe(make_log, operand)); }

void append(const std::string& path, std::string_view bytes) {
  std::FILE* const file = std::fopen(path.c_str(), "a");
  REQUIRE(file != nullptr);
  REQUIRE(std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size());
  std::fclose(file);
}

// Met by events alone, once `action` has happened.
Finding after(const std::string& operand, const std::function<void()>& action) {
  const auto probe = typed_probe(make_log, operand);
  REQUIRE_FALSE(attempt(*probe).met);
  std::thread actor([&] {
    std::this_thread::sleep_for(20ms);
    action();
  });
  const Finding finding = drive_until_met(*probe, 20s, 20s);
  actor.join();
  return finding;
}

}  // namespace

TEST_CASE("log: is met by a line that is there") {
  const TempDir dir;
  const std::string path = dir.write("log", "start\nepoch 12 done\n");
  const Finding finding = look("log:" + path + "~epoch \\d+ done$");
  CHECK(finding.met);
  CHECK(finding.words == "'epoch 12 done'");
  CHECK(look("log:" + path + "~^done").words == "no such line in 20 B");
  CHECK(look("log:" + path + "~'epoch 12'").met);
  CHECK_FALSE(look("log:from=end," + path + "~epoch").met);
}

TEST_CASE("log: is met by a line that comes, in a file that appears, and over rotations") {
  const TempDir dir;
  const std::string path = dir.write("log", "start\n");
  const std::string ready = "log:" + path + "~ready";
  CHECK(after(ready, [&] { append(path, "now ready\n"); }).words == "'now ready'");
  CHECK(after("log:from=end," + path + "~ready", [&] { append(path, "ready"); }).met);
  CHECK(after("log:" + (dir / "new/log") + "~ready", [&] { dir.write("new/log", "ready\n"); }).met);
  CHECK(after("log:" + path + "~rotated", [&] {
          ::rename(path.c_str(), (dir / "log.1").c_str());
          std::this_thread::sleep_for(30ms);
          append(path, "rotated\n");
        }).met);
  CHECK(after("log:" + path + "~copied", [&] {
          REQUIRE(::truncate(path.c_str(), 0) == 0);
          append(path, "copied\n");
        }).met);
}

TEST_CASE("log: what has matched stays so, whatever becomes of the file") {
  const TempDir dir;
  const std::string path = dir.write("log", "ready\n");
  const auto probe = typed_probe(make_log, "log:" + path + "~ready");
  CHECK(attempt(*probe).met);
  REQUIRE(::unlink(path.c_str()) == 0);
  CHECK(attempt(*probe).met);
}

TEST_CASE("log: a line is written piece by piece") {
  const TempDir dir;
  const std::string path = dir.write("log", "epoch 1");
  const auto probe = typed_probe(make_log, "log:" + path + "~epoch 1$");
  CHECK_FALSE(attempt(*probe).met);  // 1, or 12?
  append(path, "2\n");
  CHECK_FALSE(attempt(*probe).met);
  append(path, "epoch 1\n");
  CHECK(attempt(*probe).met);
}

TEST_CASE("log: what cannot be read has its words") {
  const TempDir dir;
  CHECK(look("log:" + (dir / "none") + "~x").reason == Reason::absent);
  CHECK(look("log:" + dir.path() + "~x").words == "is a directory");
  CHECK(look("log:/dev/null~x").words == "is not a regular file");
  CHECK(look("log:/dev/null~x").reason == Reason::unknown);
}

TEST_CASE("log: names with a ~ or with the beginning of an option") {
  const TempDir dir;
  dir.write("a~b", "ready\n");
  CHECK(look("log:" + (dir / "a\\~b") + "~ready").met);
}

TEST_CASE("log: mistakes have their place") {
  CHECK(typed_mistake(make_log, "log:/var/log/x") ==
        "log: wants a pattern to look for\n/var/log/x");
  CHECK(typed_mistake(make_log, "log:~ready") == "log: wants a file\n~ready");
  CHECK(typed_mistake(make_log, "log:/x~") == "log: wants a pattern to look for\n/x~");
  CHECK(typed_mistake(make_log, "log:/x~a(b") ==
        "'a(b' is not a regular expression: a bracket that is not closed\n(");
}
