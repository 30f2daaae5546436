// `toolkit sync` where things are not as they should be: every exit code and every word is true.
#include <nlohmann/json.hpp>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

#include <set>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

Outcome sync(const Words& words) { return run_toolkit(Words{"sync"} + words); }

// Action, name, size and reason of every file, as --json tells them.
std::set<std::string> files_told(const Outcome& outcome) {
  std::set<std::string> files;
  for (const std::string& line : lines_of(outcome.out)) {
    const auto json = nlohmann::json::parse(line);
    if (json["event"] == "file" && json["action"] != "unchanged") {
      files.insert(line);
    }
  }
  return files;
}

std::set<std::string> keys_of(const nlohmann::json& json) {
  std::set<std::string> keys;
  for (const auto& [key, value] : json.items()) {
    keys.insert(key);
  }
  return keys;
}

}  // namespace

TEST_CASE("sync: a link to a directory that is named is that directory, by the link's name") {
  const TempDir d;
  d.write("a/x.log", "x");
  d.write("a/sub/y.bin", "y");
  REQUIRE(::symlink((d / "a").c_str(), (d / "link").c_str()) == 0);
  CHECK(sync({d / "link", d / "b"}).exit_code == 0);
  CHECK(read_file_or_empty(d / "b/link/x.log") == "x");
  CHECK(read_file_or_empty(d / "b/link/sub/y.bin") == "y");
}

TEST_CASE("sync: a file where a directory should be fails alone, and the claim does not stay") {
  const TempDir d;
  d.write("a/d/f.log", "f");
  d.write("a/e/g.log", "g");
  d.write("a/z.log", "z");
  d.write("b/d", "a file");
  const Outcome outcome = sync({d / "a/", d / "b/"});
  CHECK(outcome.exit_code == 1);
  CHECK(contains(outcome.err, d / "b/d"));
  CHECK(read_file(d / "b/d") == "a file");
  CHECK(read_file_or_empty(d / "b/e/g.log") == "g");
  CHECK(read_file_or_empty(d / "b/z.log") == "z");
  CHECK_FALSE(file_exists(d / "b/.toolkit-sync-claim"));
}

TEST_CASE("sync: whatever a name holds, an error is one line and no terminal obeys it") {
  const TempDir d;
  d.write("a/new\nline\x1b[31m.log", "x");
  d.write("b/new\nline\x1b[31m.log/x", "a directory");
  const Outcome outcome = sync({d / "a/", d / "b/"});
  CHECK(outcome.exit_code == 1);
  CHECK(contains(outcome.err, "new\\x0aline\\x1b[31m.log: a directory of that name is there"));
  CHECK(lines_of(outcome.err).size() == 2);
}

TEST_CASE("sync: nothing is copied onto itself") {
  const TempDir d;
  d.write("a/x.log", "x");
  for (const auto& words : {Words{d / "a", d / ""}, Words{d / "a/x.log", d / "a/"},
                            Words{d / "a/x.log", d / "a/x.log"}}) {
    const Outcome outcome = sync(words);
    CHECK(outcome.exit_code == 2);
    CHECK(contains(outcome.err, "would be copied onto itself"));
  }
  CHECK(read_file(d / "a/x.log") == "x");
}

TEST_CASE("sync: a dry run predicts a rotation, and leaves nothing behind") {
  const TempDir d;
  const std::string log = d.write("a/train.log", std::string(50'000, 'x'));
  d.write("a/model.bin", "m");
  d.write("a/old.log", "old");
  const Words words{"--json", "--state-dir", d / "state", d / "a/", d / "b/"};
  REQUIRE(sync(words).exit_code == 0);
  ::rename(log.c_str(), (d / "a/train.log.1").c_str());
  d.write("a/train.log", "new\n");
  d.write("a/old.log", "rewritten");
  d.write("a/model.bin", "other");
  const std::string before = read_file_or_empty(d / "b/train.log");
  const auto predicted = files_told(sync(Words{"-n"} + words));
  CHECK(read_file(d / "b/train.log") == before);
  CHECK_FALSE(file_exists(d / "b/train.log.1"));
  CHECK(predicted == files_told(sync(words)));
  CHECK(read_file(d / "b/train.log.1") == before);
}

TEST_CASE("sync: a dry run makes no state directory either") {
  const TempDir d;
  d.write("a/x.log", "x");
  CHECK(sync({"-n", "--state-dir", d / "state", d / "a/", d / "b/"}).exit_code == 0);
  CHECK_FALSE(file_exists(d / "state"));
  CHECK_FALSE(file_exists(d / "b"));
  const Outcome followed = sync({"-n", "--follow", d / "a/", d / "b/"});
  CHECK(followed.exit_code == 0);
  CHECK(contains(followed.out, "would copy 1 file"));
}

TEST_CASE("sync: each line of --json is an object with the keys that the man page names") {
  const TempDir d;
  d.write("a/x.log", "x");
  d.write("a/bad\xff\"name\n.log", "x");
  d.write("a/dir.log", "x");
  d.write("b/dir.log/x", "a directory");
  const Outcome outcome = sync({"--json", "--exclude", "*.tmp", d / "a/", d / "b/"});
  CHECK(outcome.exit_code == 1);
  const auto lines = lines_of(outcome.out);
  REQUIRE(lines.size() == 4);
  int problems = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto json = nlohmann::json::parse(lines[i]);
    const std::string event = json["event"];
    if (i + 1 == lines.size()) {
      CHECK(event == "summary");
      CHECK(json["schema"] == "toolkit.sync/1");
      CHECK(keys_of(json) == std::set<std::string>{"schema", "event", "exit_code", "files",
                                                   "unchanged", "created", "appended", "replaced",
                                                   "renamed", "kept", "left_out", "failed",
                                                   "total_bytes", "grown_bytes", "sent_bytes",
                                                   "retries", "passes", "lag_seconds", "seconds"});
      CHECK(json["exit_code"] == 1);
      CHECK(json["created"] == 2);
      CHECK(json["failed"] == 1);
      CHECK(json["files"] == 3);
      CHECK(json["sent_bytes"] == 2);
      CHECK(json["grown_bytes"] == 2);
    } else if (event == "problem") {
      ++problems;
      CHECK(keys_of(json) == std::set<std::string>{"event", "name", "message", "remedy"});
    } else {
      CHECK(event == "file");
      CHECK(keys_of(json) == std::set<std::string>{"event", "action", "name", "size_bytes", "why"});
    }
  }
  CHECK(problems == 1);
}

TEST_CASE("sync: --timeout ends with 124, what arrived is kept, and the claim goes") {
  const TempDir d;
  const std::string text(2'000'000, 'x');
  d.write("a/train.log", text);
  const Outcome outcome = sync({"--timeout", "300ms", "--bwlimit", "200", d / "a/", d / "b/"});
  CHECK(outcome.exit_code == 124);
  CHECK(text.starts_with(read_file(d / "b/train.log")));
  CHECK_FALSE(file_exists(d / "b/.toolkit-sync-claim"));
  const Outcome followed =
      sync({"--follow", "--timeout", "300ms", "--interval", "50ms", d / "a/", d / "b/"});
  CHECK(followed.exit_code == 124);
  CHECK(read_file(d / "b/train.log") == text);
}

TEST_CASE("sync: claims and drafts of another sync in a source are no data") {
  const TempDir d;
  for (const char* const name : {"a/.toolkit-sync-claim", "a/sub/.toolkit-sync-claim",
                                 "a/.model.bin.toolkit-aB3xYz", "a/x.log"}) {
    d.write(name, "x");
  }
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  CHECK(file_exists(d / "b/x.log"));
  CHECK_FALSE(file_exists(d / "b/.toolkit-sync-claim"));
  CHECK_FALSE(file_exists(d / "b/sub/.toolkit-sync-claim"));
  CHECK_FALSE(file_exists(d / "b/.model.bin.toolkit-aB3xYz"));
}

TEST_CASE("sync: a trailing slash, dots and several slashes mean what they mean to rsync") {
  if (run_program({"rsync", "--version"}).exit_code != 0) {
    MESSAGE("skipped: there is no rsync");
    return;
  }
  const TempDir d;
  d.write("w/a/x.log", "x");
  d.write("w/a/sub/y.bin", "y");
  d.write("w/b/z.log", "z");
  const std::string work = d / "w";
  const auto tree_after = [&](Words words, const std::string& place) {
    LaunchOptions options;
    options.directory = work;
    CHECK(run_program(std::move(words), options).exit_code == 0);
    return run_program({"sh", "-c", "cd \"$0\" 2>/dev/null && find . | sort", place}).out;
  };
  const Words sources[] = {{"a"},        {"a/"},    {"a//"},     {"a/."},          {"./a"},
                           {"a/sub/.."}, {".//a/"}, {"a", "b"},  {"a/", "b/"},     {"a/sub"},
                           {"a/./sub"},  {"."},     {"a/x.log"}, {"a", "b/z.log"}, {"../w/b"}};
  int number = 0;
  for (const Words& source : sources) {
    for (const std::string end : {"", "/"}) {
      CAPTURE(source.front());
      CAPTURE(end);
      const std::string theirs = d / ("theirs" + std::to_string(number));
      const std::string ours = d / ("ours" + std::to_string(number++));
      const std::string expected =
          tree_after(Words{"rsync", "-r"} + source + Words{theirs + end}, theirs);
      CHECK(expected ==
            tree_after(Words{toolkit_path(), "sync"} + source + Words{ours + end}, ours));
    }
  }
}
