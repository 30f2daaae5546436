#include <toolkit/job/store.hpp>

#include <doctest/doctest.h>
#include <sched.h>
#include <src/job/directories.hpp>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <cstdio>
#include <functional>
#include <map>

using toolkit::ErrorKind;
using toolkit::job::Claim;
using toolkit::job::prepare_state_directory;
using toolkit::job::state_directories;
using toolkit::job::state_directory;
using toolkit::support::TempDir;

namespace {

std::map<std::string, std::string> variables;
const char* get_variable(const char* name) {
  const auto found = variables.find(name);
  return found == variables.end() ? nullptr : found->second.c_str();
}

int in_child(const std::function<bool()>& function) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(function() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool refused(const toolkit::Result<Claim>& claim, const std::string& message) {
  if (claim || claim.error().message != message ||
      claim.error().remedy.find("TOOLKIT_STATE_DIR") == std::string::npos) {
    std::fprintf(stderr, "%s\n", claim ? "not refused" : claim.error().message.c_str());
    return false;
  }
  return true;
}

}  // namespace

TEST_CASE("job records are looked for where they are kept") {
  const std::string in_tmp = "/tmp/toolkit-" + std::to_string(::geteuid());
  variables = {};
  CHECK(state_directories(get_variable) == std::vector<std::string>{"/run/toolkit", in_tmp});
  variables = {{"XDG_RUNTIME_DIR", "/run/user/7"}, {"TOOLKIT_STATE_DIR", ""}};
  CHECK(state_directories(get_variable) ==
        std::vector<std::string>{"/run/toolkit", "/run/user/7/toolkit", in_tmp});
  variables["TOOLKIT_STATE_DIR"] = "/jobs";
  CHECK(state_directories(get_variable) == std::vector<std::string>{"/jobs"});
}

TEST_CASE("the directory that the user names is made and used") {
  const TempDir dir;
  variables = {{"TOOLKIT_STATE_DIR", dir / "a/b"}};
  CHECK(state_directory(get_variable) == dir / "a/b");
  REQUIRE(::symlink((dir / "a").c_str(), (dir / "link").c_str()) == 0);
  variables = {{"TOOLKIT_STATE_DIR", dir / "link"}};
  CHECK(state_directory(get_variable) == dir / "link");
}

TEST_CASE("the directory that the user names is never replaced by another one") {
  const TempDir dir;
  variables = {{"TOOLKIT_STATE_DIR", dir.write("file", "")}};
  const auto result = state_directory(get_variable);
  REQUIRE_FALSE(result);
  CHECK(result.error().message ==
        "cannot keep job records in " + (dir / "file") + ": not a directory");
  CHECK_FALSE(result.error().remedy.empty());
}

TEST_CASE("a directory in a place for everybody must be ours alone") {
  const TempDir dir;
  CHECK(prepare_state_directory(dir / "new", true));
  REQUIRE(::symlink((dir / "new").c_str(), (dir / "link").c_str()) == 0);
  CHECK(prepare_state_directory(dir / "link", true).error().message ==
        "cannot keep job records in " + (dir / "link") + ": it is not a directory");
  REQUIRE(::mkdir((dir / "open").c_str(), 0755) == 0);
  REQUIRE(::chmod((dir / "open").c_str(), 0777) == 0);
  CHECK(prepare_state_directory(dir / "open", true).error().message ==
        "cannot keep job records in " + (dir / "open") + ": others may write in it");
  if (::geteuid() == 0) {
    REQUIRE(::mkdir((dir / "theirs").c_str(), 0755) == 0);
    REQUIRE(::chown((dir / "theirs").c_str(), 65534, 65534) == 0);
    const auto theirs = prepare_state_directory(dir / "theirs", true);
    CHECK(theirs.error().message ==
          "cannot keep job records in " + (dir / "theirs") + ": it belongs to somebody else");
    CHECK(theirs.error().kind == ErrorKind::denied);
  }
}

TEST_CASE("links and files in the way of a job's directory are refused") {
  const TempDir dir;
  dir.write("file", "");
  REQUIRE(::symlink("/tmp", (dir / "link").c_str()) == 0);
  REQUIRE(::symlink("nowhere", (dir / "dangling").c_str()) == 0);
  for (const char* name : {"file", "link", "dangling"}) {
    CHECK(refused(Claim::take(dir.path(), name),
                  "cannot keep job records in " + (dir / name) + ": not a directory"));
  }
}

TEST_CASE("links and pipes in the place of a lock are refused") {
  const TempDir dir;
  const std::string victim = dir.write("victim", "untouched");
  for (const char* name : {"link", "fifo"}) {
    REQUIRE(::mkdir((dir / name).c_str(), 0755) == 0);
  }
  REQUIRE(::symlink(victim.c_str(), (dir / "link/lock").c_str()) == 0);
  REQUIRE(::mkfifo((dir / "fifo/lock").c_str(), 0644) == 0);
  CHECK(refused(Claim::take(dir.path(), "link"), "cannot keep job records in " + (dir / "link") +
                                                     ": too many levels of symbolic links"));
  CHECK(refused(Claim::take(dir.path(), "fifo"),
                "cannot keep job records in " + (dir / "fifo") + ": invalid argument"));
}

TEST_CASE("a link in the place of the new record is replaced, not followed") {
  const TempDir dir;
  const std::string victim = dir.write("victim", "untouched");
  auto claim = Claim::take(dir.path(), "train");
  REQUIRE(::symlink(victim.c_str(), (claim->directory() + "/job.json.tmp").c_str()) == 0);
  REQUIRE(::symlink(victim.c_str(), (claim->directory() + "/job.json").c_str()) == 0);
  toolkit::job::Record record;
  record.name = "train";
  REQUIRE(claim->write(record));
  CHECK(toolkit::support::read_file(victim) == "untouched");
}

TEST_CASE("another user's state directory is refused with one clear error") {
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can become another user");
    return;
  }
  const TempDir dir;
  REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
  { REQUIRE(Claim::take(dir.path(), "train")); }
  const auto as_nobody = [&](const char* name, const std::string& message) {
    return in_child(
        [&] { return ::setuid(65534) == 0 && refused(Claim::take(dir.path(), name), message); });
  };
  CHECK(as_nobody("train",
                  "cannot keep job records in " + (dir / "train") + ": permission denied") == 0);
  CHECK(as_nobody("new", "cannot keep job records in " + (dir / "new") + ": permission denied") ==
        0);
}

TEST_CASE("read-only and full file systems are named") {
  const TempDir dir;
  const auto fill_up = [&] {
    auto claim = Claim::take(dir.path(), "train");
    toolkit::job::Record record;
    record.name = "train";
    const bool good = claim && claim->write(record);
    record.argv.assign(1000, "an argument for a full disk");
    const auto full = claim->write(record);
    return good && !full &&
           full.error().message ==
               "cannot write " + claim->directory() + "/job.json: no space left on device" &&
           !full.error().remedy.empty() &&
           toolkit::job::read_record(claim->directory());  // the old one is whole
  };
  const int result = in_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "nr_blocks=3,nr_inodes=20") != 0) {
      std::fputs("skipped: no mount namespace\n", stderr);
      return true;
    }
    return fill_up() &&
           ::mount("tmpfs", dir.path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "") == 0 &&
           refused(Claim::take(dir.path(), "new"),
                   "cannot keep job records in " + (dir / "new") + ": read-only file system") &&
           refused(Claim::take(dir.path(), "train"),
                   "cannot keep job records in " + (dir / "train") + ": read-only file system");
  });
  CHECK(result == 0);
}

TEST_CASE("on a full disk the old record makes room for the new one") {
  const TempDir dir;
  const int result = in_child([&] {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "nr_blocks=1,nr_inodes=20") != 0) {
      std::fputs("skipped: no mount namespace\n", stderr);
      return true;
    }
    auto claim = Claim::take(dir.path(), "train");
    toolkit::job::Record record;
    record.name = "train";
    return claim && claim->write(record) && claim->forget_predecessor() && claim->write(record);
  });
  CHECK(result == 0);
}
