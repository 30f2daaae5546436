// `toolkit sync` to a directory, as its users meet it.
#include <nlohmann/json.hpp>
#include <signal.h>
#include <sys/stat.h>
#include <tests/integration/run_files.hpp>
#include <unistd.h>

#include <fstream>

using namespace toolkit::support;
using namespace std::chrono_literals;

namespace {

Outcome sync(const Words& words) { return run_toolkit(Words{"sync"} + words); }

void append(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::app) << bytes;
}

ino_t inode_of(const std::string& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_ino;
}

nlohmann::json summary_of(const Outcome& outcome) {
  const auto from = outcome.out.rfind("{\"schema\"");
  REQUIRE(from != std::string::npos);
  return nlohmann::json::parse(outcome.out.substr(from));
}

}  // namespace

TEST_CASE("sync: the seed's command of rsync works as it is") {
  const TempDir d;
  d.write("a/run/train.log", "epoch 1\n");
  d.write("a/run/model.bin", "no");
  d.write("a/empty/notes.txt", "no");
  const Outcome outcome = sync({"--append", "--include=*.log", "--include=*/", "--exclude=*",
                                "--prune-empty-dirs", (d / "a/"), (d / "b/")});
  CHECK(outcome.exit_code == 0);
  CHECK(read_file(d / "b/run/train.log") == "epoch 1\n");
  CHECK_FALSE(file_exists(d / "b/run/model.bin"));
  CHECK_FALSE(file_exists(d / "b/empty"));
  CHECK(contains(outcome.out, "copied 1 file"));
}

TEST_CASE("sync: --cvs-exclude leaves out what CVS does, behind the other rules") {
  const TempDir d;
  for (const char* const name : {"a/x.c", "a/x.o", "a/keep.o", "a/d/own", "a/.git/HEAD"}) {
    d.write(name, "x");
  }
  d.write("a/d/.cvsignore", "own");
  CHECK(sync({"-C", "--include=keep.o", (d / "a/"), (d / "b/")}).exit_code == 0);
  CHECK(file_exists(d / "b/x.c"));
  CHECK(file_exists(d / "b/keep.o"));
  CHECK(file_exists(d / "b/d/.cvsignore"));
  for (const char* const name : {"b/x.o", "b/d/own", "b/.git"}) {
    CHECK_FALSE(file_exists(d / name));
  }
}

TEST_CASE("sync: a trailing slash means the contents, none the directory itself") {
  const TempDir d;
  d.write("a/x.log", "x");
  CHECK(sync({d / "a", d / "b/"}).exit_code == 0);
  CHECK(read_file(d / "b/a/x.log") == "x");
  CHECK(sync({d / "a/", d / "c"}).exit_code == 0);
  CHECK(read_file(d / "c/x.log") == "x");
  CHECK(sync({d / "a/x.log", d / "renamed.log"}).exit_code == 0);
  CHECK(read_file(d / "renamed.log") == "x");
  CHECK(sync({d / "a/x.log", d / "c/"}).exit_code == 0);
}

TEST_CASE("sync: of a log that grew only the tail is sent, into the same file") {
  const TempDir d;
  const std::string log = d.write("a/train.log", std::string(100'000, 'x') + "\n");
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  const ino_t inode = inode_of(d / "b/train.log");
  append(log, "epoch 2\n");
  const Outcome outcome = sync({"--json", d / "a/", d / "b/"});
  CHECK(outcome.exit_code == 0);
  CHECK(read_file(d / "b/train.log") == read_file(log));
  CHECK(inode_of(d / "b/train.log") == inode);
  const auto summary = summary_of(outcome);
  CHECK(summary["sent_bytes"] == 8);
  CHECK(summary["appended"] == 1);
  const auto again = summary_of(sync({"--json", d / "a/", d / "b/"}));
  CHECK(again["sent_bytes"] == 0);
  CHECK(again["unchanged"] == 1);
}

TEST_CASE("sync: the journal may be lost, which costs nothing but a look") {
  const TempDir d;
  const std::string log = d.write("a/train.log", std::string(100'000, 'x') + "\n");
  CHECK(sync({"--state-dir", d / "s1", d / "a/", d / "b/"}).exit_code == 0);
  append(log, "epoch 2\n");
  const auto summary = summary_of(sync({"--state-dir", d / "s2", "--json", d / "a/", d / "b/"}));
  CHECK(summary["sent_bytes"] == 8);
  CHECK(read_file(d / "b/train.log") == read_file(log));
}

TEST_CASE("sync: a whole file that changed is replaced at once, another inode") {
  const TempDir d;
  d.write("a/model.bin", "one");
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  const ino_t inode = inode_of(d / "b/model.bin");
  d.write("a/model.bin", "other");
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  CHECK(read_file(d / "b/model.bin") == "other");
  CHECK(inode_of(d / "b/model.bin") != inode);
}

TEST_CASE("sync: a log that was truncated or rewritten begins anew, and the old one is kept") {
  const TempDir d;
  d.write("a/train.log", "the first run said much\n");
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  d.write("a/train.log", "second\n");
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  CHECK(read_file(d / "b/train.log") == "second\n");
  CHECK(read_file(d / "b/train.log.~1~") == "the first run said much\n");
  // Longer than what is there, and not its continuation: rsync --append mixes the two.
  d.write("a/train.log", "third, and longer than the second was\n");
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  CHECK(read_file(d / "b/train.log") == "third, and longer than the second was\n");
  CHECK(read_file(d / "b/train.log.~2~") == "second\n");
}

TEST_CASE("sync: of the same size with other bytes is another file") {
  const TempDir d;
  d.write("a/train.log", "abc\n");
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  ::usleep(20'000);  // another time, as any file system keeps it
  d.write("a/train.log", "xyz\n");
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  CHECK(read_file(d / "b/train.log") == "xyz\n");
}

TEST_CASE("sync: what --on-rewrite says happens") {
  const TempDir d;
  d.write("a/train.log", "long beginning\n");
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  d.write("a/train.log", "short\n");
  const Outcome refused = sync({"--on-rewrite", "fail", d / "a/", d / "b/"});
  CHECK(refused.exit_code == 1);
  CHECK(contains(refused.err, "train.log is not the beginning of its source"));
  CHECK(read_file(d / "b/train.log") == "long beginning\n");
  CHECK(sync({"--on-rewrite", "replace", d / "a/", d / "b/"}).exit_code == 0);
  CHECK(read_file(d / "b/train.log") == "short\n");
  CHECK_FALSE(file_exists(d / "b/train.log.~1~"));
}

TEST_CASE("sync: a change in the middle is found by --checksum") {
  const TempDir d;
  std::string text(300'000, 'x');
  d.write("a/train.log", text);
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  text[150'000] = 'y';
  text += "more";
  d.write("a/train.log", text);
  CHECK(sync({"--checksum", d / "a/", d / "b/"}).exit_code == 0);
  CHECK(read_file(d / "b/train.log") == text);
}

TEST_CASE("sync: a dry run says why for each file, and does nothing") {
  const TempDir d;
  d.write("a/train.log", "epoch 1\n");
  d.write("a/x.tmp", "no");
  const Outcome outcome = sync({"-n", "--exclude", "*.tmp", d / "a/", d / "b/"});
  CHECK(outcome.exit_code == 0);
  CHECK(contains(outcome.out, "created"));
  CHECK(contains(outcome.out, "train.log  (not there)"));
  CHECK(contains(outcome.out, "x.tmp  ("));
  CHECK(contains(outcome.out, "*.tmp"));
  CHECK_FALSE(file_exists(d / "b"));
}

TEST_CASE("sync: bad input is one line each, with its code, and loses nothing") {
  const TempDir d;
  d.write("a/x.log", "x");
  const struct {
    Words words;
    int exit_code;
    std::string text;
  } cases[] = {
      {{}, 2, "SRC and DEST are needed"},
      {{d / "a/"}, 2, "SRC and DEST are needed"},
      {{d / "none/", d / "b/"}, 1, "none"},
      {{d / "a/", d / "a/inside/"}, 2, "lies inside"},
      {{"--filter", "what *.log", d / "a/", d / "b/"}, 2, "what"},
      {{d / "a/", "/dev/null/x"}, 1, "/dev/null is there and is no directory"},
      {{"host::module/x", d / "b/"}, 2, "host::module"},
      {{"ftp://host/x", d / "b/"}, 2, "ftp"},
      {{"--bwlimit", "fast", d / "a/", d / "b/"}, 2, "fast"},
      {{"--newer", "once", d / "a/", d / "b/"}, 2, "once"},
      {{"--follow", "--until", "job:", d / "a/", d / "b/"}, 2, "job:"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    const Outcome outcome = sync(one.words);
    CHECK(outcome.exit_code == one.exit_code);
    CHECK(contains(outcome.err, one.text));
    CHECK_FALSE(file_exists(d / "b"));
  }
}

TEST_CASE("sync: --follow sends what is written, and the rest when it is told to stop") {
  const TempDir d;
  const std::string log = d.write("a/train.log", "1\n");
  Process follower =
      start_toolkit({"sync", "--follow", "--max-lag", "50ms", "--json", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/train.log") == "1\n"; }));
  append(log, "2\n");
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/train.log") == "1\n2\n"; }));
  d.write("a/new/other.log", "n");
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/new/other.log") == "n"; }));
  append(log, "3\n");
  follower.signal(SIGTERM);
  const Outcome outcome = follower.wait();
  CHECK(outcome.exit_code == 0);
  CHECK(read_file(d / "b/train.log") == "1\n2\n3\n");
  CHECK(summary_of(outcome)["failed"] == 0);
}

TEST_CASE("sync: --until a job is over, and what it wrote last is there") {
  const TempDir d;
  ::mkdir((d / "a").c_str(), 0755);
  Process job = start_toolkit({"run", "--name", "syncjob", "--log", d / "a/train.log", "--", "sh",
                               "-c", "sleep 0.5; echo the last word; exit 3"});
  const Outcome outcome = run_toolkit(
      {"sync", "--follow", "--until", "job:syncjob", "--max-lag", "20ms", d / "a/", d / "b/"});
  CHECK(outcome.exit_code == 0);
  CHECK(job.wait().exit_code == 3);
  CHECK(contains(read_file(d / "b/train.log"), "the last word"));
}

TEST_CASE("sync: a second writer is refused and told who is first") {
  const TempDir d;
  d.write("a/train.log", "1\n");
  Process first = start_toolkit({"sync", "--follow", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return file_exists(d / "b/train.log"); }));
  const Outcome second = sync({d / "a/", d / "b/"});
  CHECK(second.exit_code == 1);
  CHECK(contains(second.err, std::to_string(first.pid())));
  first.signal(SIGTERM);
  CHECK(first.wait().exit_code == 0);
  CHECK(sync({d / "a/", d / "b/"}).exit_code == 0);
  CHECK_FALSE(file_exists(d / "b/.toolkit-sync-claim"));
}

TEST_CASE("sync: a log that is rotated is renamed at the destination, and no byte is sent again") {
  const TempDir d;
  const std::string log = d.write("a/train.log", std::string(50'000, 'x'));
  const Words words{"--json", "--growing", "*.log*", d / "a/", d / "b/"};
  CHECK(sync(words).exit_code == 0);
  ::rename(log.c_str(), (d / "a/train.log.1").c_str());
  d.write("a/train.log", "new\n");
  const auto summary = summary_of(sync(words));
  CHECK(read_file(d / "b/train.log") == "new\n");
  CHECK(read_file(d / "b/train.log.1") == std::string(50'000, 'x'));
  CHECK(summary["sent_bytes"] == 4);
  CHECK(summary["renamed"] == 1);
}

TEST_CASE("sync: an interrupted one ends by the signal, and the next goes on") {
  const TempDir d;
  const std::string text(2'000'000, 'x');
  d.write("a/train.log", text);
  Process first = start_toolkit({"sync", "--bwlimit", "200", d / "a/", d / "b/"});
  CHECK(wait_until([&] { return read_file_or_empty(d / "b/train.log").size() > 1'000; }));
  first.signal(SIGTERM);
  CHECK(first.wait().signal == SIGTERM);
  const std::string part = read_file(d / "b/train.log");
  CHECK(part.size() < text.size());
  CHECK(text.starts_with(part));
  const auto summary = summary_of(sync({"--json", d / "a/", d / "b/"}));
  CHECK(read_file(d / "b/train.log") == text);
  CHECK(summary["sent_bytes"] == text.size() - part.size());
}
