#include <toolkit/job/store.hpp>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <tests/support/temp_dir.hpp>
#include <tests/support/wait_until.hpp>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <thread>

using toolkit::ErrorKind;
using toolkit::job::check_name;
using toolkit::job::Claim;
using toolkit::job::Holder;
using toolkit::job::lock_holder;
using toolkit::job::read_record;
using toolkit::job::Record;
using toolkit::job::State;
using toolkit::support::file_exists;
using toolkit::support::TempDir;
using toolkit::support::wait_until;

namespace {

Record record_of(State state, const std::string& generation = "g1") {
  Record record;
  record.name = "train";
  record.generation = generation;
  record.state = state;
  record.supervisor_pid = ::getpid();
  return record;
}

// Runs a function in a process of its own; it never returns into the test.
pid_t in_child(const std::function<int()>& function) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::_exit(function());
  }
  return pid;
}

int exit_code_of(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A process that holds the name until it is killed.
pid_t start_holder(const TempDir& dir) {
  const pid_t pid = in_child([&dir] {
    auto claim = Claim::take(dir.path(), "train");
    if (!claim || !claim->write(record_of(State::running))) {
      return 1;
    }
    dir.write("ready", "");
    ::pause();
    return 0;
  });
  REQUIRE(wait_until([&] { return file_exists(dir / "ready"); }));
  return pid;
}

void kill_and_reap(pid_t pid) {
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

}  // namespace

TEST_CASE("job names are plain words") {
  for (const char* good : {"a", "train", "A.b_c-9", "0", "_x"}) {
    CHECK(check_name(good));
  }
  CHECK(check_name(std::string(64, 'a')));
  for (const char* bad : {"", ".", "..", ".hidden", "-x", "a/b", "a b", "a\n", "\xC3\xA9"}) {
    CAPTURE(bad);
    const auto result = check_name(bad);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::usage);
  }
  CHECK_FALSE(check_name(std::string(65, 'a')));
  CHECK_FALSE(check_name(std::string_view("a\0b", 3)));
}

TEST_CASE("a claim makes what it needs and a record can be read back") {
  const TempDir dir;
  auto claim = Claim::take(dir / "state/deep", "train");
  REQUIRE(claim);
  CHECK(claim->directory() == dir / "state/deep/train");
  REQUIRE(claim->write(record_of(State::running)));
  const auto record = read_record(claim->directory());
  REQUIRE(record);
  CHECK(record->state == State::running);
  CHECK(lock_holder(claim->directory()) == Holder::alive);
}

TEST_CASE("a claim with a bad name is refused") {
  const TempDir dir;
  CHECK(Claim::take(dir.path(), "a/b").error().kind == ErrorKind::usage);
}

TEST_CASE("a second claim is refused while the first lives, and names its pid") {
  const TempDir dir;
  const pid_t holder = start_holder(dir);
  const auto second = Claim::take(dir.path(), "train");
  kill_and_reap(holder);
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == ErrorKind::unavailable);
  CHECK(second.error().message ==
        "a job named train is running (supervisor pid " + std::to_string(holder) + ")");
  CHECK(second.error().remedy ==
        "choose another --name, or wait for that one: toolkit wait job:train");
}

TEST_CASE("a second claim in the same process is refused too") {
  const TempDir dir;
  const auto first = Claim::take(dir.path(), "train");
  const auto second = Claim::take(dir.path(), "train");
  REQUIRE(first);
  REQUIRE_FALSE(second);
  CHECK(second.error().message == "a job named train is just starting or ending");
  CHECK(Claim::take(dir.path(), "other"));
}

TEST_CASE("a supervisor that was killed reads as lost at once, and its name is free") {
  const TempDir dir;
  const pid_t holder = start_holder(dir);
  CHECK(read_record(dir / "train")->state == State::running);
  kill_and_reap(holder);
  CHECK(read_record(dir / "train")->state == State::lost);
  CHECK(lock_holder(dir / "train") == Holder::gone);
  auto next = Claim::take(dir.path(), "train");
  REQUIRE(next);
  REQUIRE(next->write(record_of(State::starting, "g2")));
  CHECK(read_record(dir / "train")->state == State::starting);
}

TEST_CASE("a job that has ended stays exited") {
  const TempDir dir;
  {
    auto claim = Claim::take(dir.path(), "train");
    Record record = record_of(State::exited);
    record.exit_code = 3;
    REQUIRE(claim->write(record));
  }
  const auto record = read_record(dir / "train");
  CHECK(record->state == State::exited);
  CHECK(record->exit_code == 3);
}

TEST_CASE("a held lock wins over another boot id, which may be another node's") {
  const TempDir dir;
  auto claim = Claim::take(dir.path(), "train");
  Record record = record_of(State::running);
  record.boot_id = "00000000-0000-0000-0000-000000000000";
  REQUIRE(claim->write(record));
  CHECK(read_record(claim->directory())->state == State::running);
}

TEST_CASE("a record without its lock is lost") {
  const TempDir dir;
  auto claim = Claim::take(dir.path(), "train");
  REQUIRE(claim->write(record_of(State::running)));
  REQUIRE(::unlink((claim->directory() + "/lock").c_str()) == 0);
  CHECK(read_record(claim->directory())->state == State::lost);
}

TEST_CASE("a name without a record is starting while it is held, and then lost") {
  const TempDir dir;
  { REQUIRE(Claim::take(dir.path(), "train")->write(record_of(State::exited))); }
  {
    auto claim = Claim::take(dir.path(), "train");
    REQUIRE(claim->forget_predecessor());
    CHECK(read_record(dir / "train")->state == State::starting);
  }
  CHECK(read_record(dir / "train")->state == State::lost);
  CHECK(read_record(dir / "train")->name == "train");
}

TEST_CASE("a place where no record can be written is told before there is one") {
  for (const char* const name : {"job.json", "job.json.tmp"}) {
    const TempDir dir;
    auto claim = Claim::take(dir.path(), "train");
    REQUIRE(::mkdir((dir / "train/" + name).c_str(), 0755) == 0);
    const auto forgotten = claim->forget_predecessor();
    REQUIRE_FALSE(forgotten);
    CHECK(forgotten.error().message ==
          "cannot write " + (dir / "train/job.json") + ": is a directory");
    CHECK_FALSE(forgotten.error().remedy.empty());
  }
}

TEST_CASE("a forgotten record is out of sight, and gone once the next is written") {
  const TempDir dir;
  auto claim = Claim::take(dir.path(), "train");
  REQUIRE(claim->write(record_of(State::exited)));
  REQUIRE(claim->forget_predecessor());
  CHECK_FALSE(file_exists(dir / "train/job.json"));
  REQUIRE(claim->write(record_of(State::running)));
  CHECK_FALSE(file_exists(dir / "train/job.json.tmp"));
  CHECK(read_record(dir / "train")->state == State::running);
}

TEST_CASE("a job's directory that is renamed takes the record along") {
  const TempDir dir;
  auto claim = Claim::take(dir.path(), "train");
  REQUIRE(::rename((dir / "train").c_str(), (dir / "kept").c_str()) == 0);
  REQUIRE(claim->write(record_of(State::running)));
  CHECK(read_record(dir / "kept")->state == State::running);
}

TEST_CASE("where the lock cannot be asked the boot id decides") {
  const TempDir dir;
  auto claim = Claim::take(dir.path(), "train");
  const std::string lock = claim->directory() + "/lock";
  REQUIRE(::unlink(lock.c_str()) == 0);
  REQUIRE(::symlink("elsewhere", lock.c_str()) == 0);  // O_NOFOLLOW refuses it
  Record record = record_of(State::running);
  REQUIRE(claim->write(record));
  CHECK(lock_holder(claim->directory()) == Holder::unknown);
  CHECK(read_record(claim->directory())->state == State::running);
  record.boot_id = "00000000-0000-0000-0000-000000000000";
  REQUIRE(claim->write(record));
  CHECK(read_record(claim->directory())->state == State::lost);
}

TEST_CASE("a directory that was removed while it was claimed does not block the next claim") {
  const TempDir dir;
  const auto first = Claim::take(dir.path(), "train");
  REQUIRE(first);
  REQUIRE(::unlink((dir / "train/lock").c_str()) == 0);
  REQUIRE(::rmdir((dir / "train").c_str()) == 0);
  CHECK(Claim::take(dir.path(), "train"));
}

TEST_CASE("a waiter's shared lock only delays a claim") {
  const TempDir dir;
  { REQUIRE(Claim::take(dir.path(), "train")); }
  const pid_t waiter = in_child([&dir] {
    const int fd = ::open((dir / "train/lock").c_str(), O_RDONLY | O_CLOEXEC);
    struct flock lock {};
    lock.l_type = F_RDLCK;
    if (::fcntl(fd, F_OFD_SETLKW, &lock) != 0) {
      return 1;
    }
    dir.write("locked", "");
    ::usleep(100'000);
    return 0;
  });
  REQUIRE(wait_until([&] { return file_exists(dir / "locked"); }));
  CHECK(lock_holder(dir / "train") == Holder::gone);  // a reader is no supervisor
  CHECK(Claim::take(dir.path(), "train"));
  CHECK(exit_code_of(waiter) == 0);
}

TEST_CASE("a lock file that was removed while a claim waited for it is not taken for the name's") {
  const TempDir dir;
  { REQUIRE(Claim::take(dir.path(), "train")); }
  const std::string lock_path = dir / "train/lock";
  toolkit::UniqueFd waiter(::open(lock_path.c_str(), O_RDONLY | O_CLOEXEC));
  struct flock lock {};
  lock.l_type = F_RDLCK;
  REQUIRE(::fcntl(waiter.get(), F_OFD_SETLK, &lock) == 0);
  Holder seen = Holder::unknown;
  std::thread claimer([&] {
    const auto claim = Claim::take(dir.path(), "train");
    seen = claim ? lock_holder(dir / "train") : Holder::unknown;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // it has opened the file by now
  ::unlink(lock_path.c_str());
  waiter.close();
  claimer.join();
  CHECK(seen == Holder::alive);
}

TEST_CASE("readers that only ask never make a claim fail") {
  const TempDir dir;
  { REQUIRE(Claim::take(dir.path(), "train")->write(record_of(State::running))); }
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      (void)lock_holder(dir / "train");
    }
  });
  int failures = 0;
  for (int i = 0; i < 5000; ++i) {
    failures += Claim::take(dir.path(), "train") ? 0 : 1;
  }
  stop = true;
  reader.join();
  CHECK(failures == 0);
}

TEST_CASE("a reader never calls a job lost that is exiting or starting") {
  const TempDir dir;
  { REQUIRE(Claim::take(dir.path(), "train")->write(record_of(State::exited))); }
  // Every other supervisor goes without a last word, as if killed: only those are ever lost.
  const pid_t supervisors = in_child([&dir] {
    for (int i = 0; i < 3000; ++i) {
      const std::string generation = i % 2 == 0 ? "killed" : "orderly" + std::to_string(i);
      auto claim = Claim::take(dir.path(), "train");
      if (!claim || !claim->write(record_of(State::running, generation)) ||
          (i % 2 != 0 && !claim->write(record_of(State::exited, generation)))) {
        return 1;
      }
    }
    return 0;
  });
  int wrong = 0, right = 0, broken = 0, status = 0;
  while (::waitpid(supervisors, &status, WNOHANG) == 0) {
    const auto record = read_record(dir / "train");
    broken += record ? 0 : 1;
    const bool lost = record && record->state == State::lost;
    (lost && record->generation != "killed" ? wrong : right) += lost ? 1 : 0;
  }
  CHECK(status == 0);
  CHECK(right > 0);
  CHECK(broken == 0);
  CHECK(wrong == 0);
}

TEST_CASE("a lock file is never there without its lock") {
  const TempDir dir;
  if (const toolkit::UniqueFd able(::open(dir.path().c_str(), O_RDWR | O_TMPFILE, 0644)); !able) {
    MESSAGE("skipped: no O_TMPFILE here");
    return;
  }
  constexpr int kNames = 500;
  std::atomic<int> looked = 0;
  int wrong = 0;
  std::thread reader([&] {
    for (int i = 0; i < kNames; ++i) {
      const std::string job = dir / std::to_string(i);
      while (!file_exists(job + "/lock")) {
      }
      wrong += lock_holder(job) == Holder::alive ? 0 : 1;
      ++looked;
    }
  });
  for (int i = 0; i < kNames; ++i) {
    const auto claim = Claim::take(dir.path(), std::to_string(i));
    REQUIRE(claim);
    while (looked <= i) {
      std::this_thread::yield();
    }
  }
  reader.join();
  CHECK(wrong == 0);
}

TEST_CASE("two processes that race for a name never both hold it") {
  const TempDir dir;
  struct Shared {
    std::atomic<int> holders, collisions, claims;
  };
  void* memory =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(memory != MAP_FAILED);
  auto* shared = new (memory) Shared{};
  const auto race = [&] {
    for (int won = 0; won < 1000;) {
      if (const auto claim = Claim::take(dir.path(), "train")) {
        shared->collisions += shared->holders++ == 0 ? 0 : 1;
        ++shared->claims;
        ++won;
        --shared->holders;
      }
    }
    return 0;
  };
  const pid_t first = in_child(race), second = in_child(race);
  CHECK(exit_code_of(first) == 0);
  CHECK(exit_code_of(second) == 0);
  CHECK(shared->claims == 2000);
  CHECK(shared->collisions == 0);
  ::munmap(memory, sizeof(Shared));
}

TEST_CASE("what another user's umask forbids can still be read") {
  const TempDir dir;
  REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
  const mode_t umask_before = ::umask(0077);
  auto claim = Claim::take(dir / "state", "train");
  const auto written = claim->write(record_of(State::running));
  ::umask(umask_before);
  REQUIRE(written);
  if (::geteuid() != 0) {
    MESSAGE("skipped: only root can become another user");
    return;
  }
  const pid_t other = in_child([&] {
    if (::setgid(65534) != 0 || ::setuid(65534) != 0) {
      return 2;
    }
    const auto record = read_record(dir / "state/train");
    return record && record->state == State::running && !Claim::take(dir / "state", "train") ? 0
                                                                                             : 1;
  });
  CHECK(exit_code_of(other) == 0);
}

TEST_CASE("a record that is not there or not one is an error") {
  const TempDir dir;
  CHECK(read_record(dir / "nothing").error().kind == ErrorKind::not_found);
  dir.write("bad/job.json", "{");
  CHECK(read_record(dir / "bad").error().message ==
        "cannot read " + (dir / "bad/job.json") + ": not a job record: not a JSON object");
  dir.write("fifo/lock", "");
  REQUIRE(::mkfifo((dir / "fifo/job.json").c_str(), 0644) == 0);
  CHECK(read_record(dir / "fifo").error().message ==
        "cannot read " + (dir / "fifo/job.json") + ": not a regular file");
}
