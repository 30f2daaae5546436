// What goes wrong below a directory: permissions, full disks, kernels without openat2. Some of it
// takes root, another user, or a mount of its own; where that cannot be had the test says so.
#include "src/store/local_draft.hpp"
#include "src/store/local_store.hpp"
#include "store_place.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <tests/support/temp_dir.hpp>
#include <unistd.h>

#include <functional>

using namespace toolkit::store;
using toolkit::ErrorKind;
using toolkit::Result;
using toolkit::support::file_exists;
using toolkit::support::read_file;
using toolkit::support::read_file_or_empty;
using toolkit::support::TempDir;

namespace {

constexpr uid_t kTrainer = 4242, kSidecar = 4343;

// In a process of its own, which may change who and where it is. What it returns comes back.
std::string in_child(const TempDir& dir, const std::function<std::string()>& function) {
  const int fd = ::open((dir / "words").c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  REQUIRE(fd >= 0);
  const pid_t pid = ::fork();
  if (pid == 0) {
    const std::string words = function();
    ::_exit(::write(fd, words.data(), words.size()) < 0 ? 1 : 0);
  }
  ::close(fd);
  int status = 0;
  ::waitpid(pid, &status, 0);
  CHECK(status == 0);
  return read_file(dir / "words");
}

template <typename T>
std::string words_of(const Result<T>& result) {
  return result ? "fine" : result.error().message + " | " + result.error().remedy;
}

bool is_root() {
  if (::geteuid() == 0) {
    return true;
  }
  MESSAGE("skipped: only root can be another user and mount");
  return false;
}

void become(uid_t user) {
  if (::setresgid(user, user, user) != 0 || ::setresuid(user, user, user) != 0) {
    ::_exit(7);
  }
}

void open_up(const std::string& path) { REQUIRE(::chmod(path.c_str(), 0755) == 0); }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

Result<void> put(Store& store, const std::string& key, const std::string& bytes) {
  TextContent content(bytes);
  FreeFlow flow;
  std::string memo;
  return store.put(target_of(key, bytes.size()), content, flow, memo);
}
Result<void> append(Store& store, const std::string& key, std::uint64_t offset,
                    const std::string& bytes) {
  TextContent content(bytes);
  FreeFlow flow;
  std::string memo;
  return store.append(target_of(key, bytes.size()), offset, content, flow, memo);
}

}  // namespace

TEST_CASE("a log of another user is explained: who, which mode, and the cure") {
  const TempDir dir;
  if (!is_root()) {
    return;
  }
  open_up(dir.path());
  const std::string log = dir.write("logs/train.log", "secret", 0600);
  REQUIRE(::chown(log.c_str(), kTrainer, kTrainer) == 0);
  const std::string words = in_child(dir, [&] {
    become(kSidecar);
    return words_of(store_at(dir / "logs")->open("train.log", false));
  });
  CHECK(contains(words, "cannot read " + log + ": permission denied"));
  CHECK(contains(words, "uid 4242, gid 4242, mode 0600, and this process is uid 4343"));
  CHECK(contains(words, "runAsUser"));
  CHECK(contains(words, "fsGroup"));
}

TEST_CASE("a directory that cannot be passed or written to is the one that is named") {
  const TempDir dir;
  if (!is_root()) {
    return;
  }
  open_up(dir.path());
  dir.write("closed/sub/x.log", "1");
  dir.write("dest/there", "1");
  REQUIRE(::chmod((dir / "closed").c_str(), 0700) == 0);
  CHECK(contains(in_child(dir,
                          [&] {
                            become(kSidecar);
                            return words_of(store_at(dir / "closed/sub")->list(""));
                          }),
                 dir / "closed belongs to uid 0"));
  const std::string written = in_child(dir, [&] {
    become(kSidecar);
    const auto store = store_at(dir / "dest");
    return words_of(put(*store, "new", "1")) + "\n" + words_of(append(*store, "grown", 0, "1")) +
           "\n" + words_of(append(*store, "there", 1, "12")) + "\n" +
           words_of(put(*store, "sub/new", "1")) + "\n" + words_of(store->remove("there"));
  });
  CHECK(contains(
      written, "cannot write " + dir / "dest/new: permission denied | " +
                   dir / "dest belongs to uid 0, gid 0, mode 0755, and this process is uid 4343"));
  CHECK(contains(written, "cannot append to " + dir / "dest/there: permission denied | " +
                              dir / "dest/there belongs to uid 0"));
  CHECK_FALSE(contains(written, "fine"));
}

TEST_CASE("a file that cannot be statted fails the listing: nothing is left out in silence") {
  const TempDir dir;
  if (!is_root()) {
    return;
  }
  open_up(dir.path());
  dir.write("logs/x.log", "1");
  REQUIRE(::chmod((dir / "logs").c_str(), 0744) == 0);  // may be read, and not searched
  const std::string words = in_child(dir, [&] {
    become(kSidecar);
    return words_of(store_at(dir / "logs")->list(""));
  });
  CHECK(contains(words, "cannot read " + dir / "logs"));
  CHECK(contains(words, "permission denied"));
}

TEST_CASE("a full disk leaves what an append wrote, nothing of a put, and room for the next try") {
  const TempDir dir;
  if (!is_root()) {
    return;
  }
  const std::string mount = dir / "small";
  REQUIRE(::mkdir(mount.c_str(), 0755) == 0);
  const std::string words = in_child(dir, [&]() -> std::string {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", mount.c_str(), "tmpfs", 0, "size=8m") != 0) {
      return "no mounts";
    }
    const auto store = store_at(mount);
    const std::string big = letters(12 << 20);
    std::string result = words_of(put(*store, "whole", big)) + "\n";
    result += store->list("")->empty() ? "nothing left\n" : "something left\n";
    result += words_of(append(*store, "grown", 0, big)) + "\n";
    const std::string there = read_file(mount + "/grown");
    result += there.size() >= (7U << 20) && there == big.substr(0, there.size()) ? "a true prefix\n"
                                                                                 : "not a prefix\n";
    result += words_of(append(*store, "grown", there.size(), big)) + "\n";
    result += read_file(mount + "/grown") == there ? "the same\n" : "changed\n";
    if (::mount("tmpfs", mount.c_str(), "tmpfs", MS_REMOUNT, "size=16m") == 0) {
      result += words_of(append(*store, "grown", there.size(), big)) + "\n";
      result += read_file(mount + "/grown") == big ? "whole\n" : "not whole\n";
    }
    return result;
  });
  if (words == "no mounts") {
    MESSAGE("skipped: no mounts of our own here");
    return;
  }
  const std::string full =
      ": no space left on device | make room; what has arrived is kept, and "
      "the next run goes on from there\n";
  CHECK(words == "cannot write " + mount + "/whole" + full + "nothing left\n" + "cannot write " +
                     mount + "/grown" + full + "a true prefix\n" + "cannot write " + mount +
                     "/grown" + full + "the same\nfine\nwhole\n");
}

TEST_CASE("a read-only mount is told from a missing permission") {
  const TempDir dir;
  if (!is_root()) {
    return;
  }
  const std::string words = in_child(dir, [&]() -> std::string {
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", dir.path().c_str(), "tmpfs", MS_RDONLY, nullptr) != 0) {
      return "mounted read-only";
    }
    return words_of(put(*store_at(dir.path()), "a/x", "1"));
  });
  CHECK(contains(words, "mounted read-only"));
}

TEST_CASE("without openat2 the same doors are closed") {
  const TempDir dir;
  LocalTree tree(dir / "root");
  tree.go_stepwise();
  LocalStore store(std::move(tree));
  dir.write("outside/x", "precious");
  REQUIRE(put(store, "a/b/x", "1"));
  REQUIRE(append(store, "a/b/x", 1, "12"));
  CHECK(read_file(dir / "root/a/b/x") == "12");
  CHECK(store.list("a/b")->size() == 1);
  REQUIRE(::symlink((dir / "outside").c_str(), (dir / "root/out").c_str()) == 0);
  REQUIRE(::symlink("../outside", (dir / "root/a/up").c_str()) == 0);
  REQUIRE(::symlink("b/x", (dir / "root/a/inside").c_str()) == 0);
  for (const char* key : {"out/x", "a/up/x", "out/new", "a/up/d/x"}) {
    CAPTURE(key);
    CHECK(put(store, key, "evil").error().kind == ErrorKind::failed);
    CHECK(append(store, key, 0, "evil").error().kind == ErrorKind::failed);
    CHECK_FALSE(store.open(key, false));
    CHECK_FALSE(store.open(key, true));
  }
  CHECK_FALSE(store.open("a/inside", false));
  CHECK(store.open("a/inside", true));
  CHECK_FALSE(store.list("out"));
  CHECK(store.open("a/none", true).error().kind == ErrorKind::not_found);
  CHECK(read_file(dir / "outside/x") == "precious");
  CHECK_FALSE(file_exists(dir / "outside/new"));
}

TEST_CASE("drafts that nobody has touched for a day are removed, and nothing else") {
  const TempDir dir;
  for (const char* name : {".x.log.toolkit-abc123", ".x.log.toolkit-abc1234", ".toolkit-abc123",
                           "x.toolkit-abc123", ".hidden"}) {
    dir.write(name, "left");
  }
  dir.write("d/.y.toolkit-zzzzzz", "left");
  CHECK(is_draft(".x.log.toolkit-abc123"));
  const auto fd = toolkit::UniqueFd(::open(dir.path().c_str(), O_PATH | O_CLOEXEC));
  const time_t now = ::time(nullptr);
  remove_dead_drafts(fd.get(), now + 23 * 3600);
  CHECK(file_exists(dir / ".x.log.toolkit-abc123"));  // it may be somebody's who works here now
  remove_dead_drafts(fd.get(), now + 25 * 3600);
  CHECK_FALSE(file_exists(dir / ".x.log.toolkit-abc123"));
  for (const char* name : {".x.log.toolkit-abc1234", ".toolkit-abc123", "x.toolkit-abc123",
                           ".hidden", "d/.y.toolkit-zzzzzz"}) {
    CHECK_MESSAGE(file_exists(dir / name), name);
  }
}

TEST_CASE("a name as long as names can be still has room for its draft") {
  const TempDir dir;
  const auto store = store_at(dir.path());
  const std::string longest(255, 'n');
  REQUIRE(put(*store, longest, "1"));
  REQUIRE(store->create_exclusively("d/" + longest, "1"));
  CHECK(read_file(dir / longest) == "1");
}

TEST_CASE("a root that was removed and made again is the new one") {
  const TempDir dir;
  const auto store = store_at(dir / "root");
  REQUIRE(put(*store, "x", "1"));
  REQUIRE(::rename((dir / "root").c_str(), (dir / "old").c_str()) == 0);
  REQUIRE(put(*store, "x", "2"));
  CHECK(read_file(dir / "root/x") == "2");
  CHECK(read_file(dir / "old/x") == "1");
}
