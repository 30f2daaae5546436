// job:NAME, job:/path/to/directory: until a job of `toolkit run` is over, with its exit code. The
// record and its lock are all that is needed, so the job may be in another shell, PID namespace or
// container, of another user, as long as the directory is shared and readable.
//   state=running  until it runs; over is then final and not what was wanted
//   new=yes        passes over the job that is there when the wait begins
//   code=0,3       other codes are final and unmet
#include "job_judge.hpp"
#include "looking.hpp"
#include "schemes.hpp"
#include "watch.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/job/store.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace toolkit::probe {
namespace {

// What no event tells: a lock that is let go, and everything on a network file system. Where no job
// is, there is no lock.
constexpr Milliseconds kRescan{500}, kRescanAbsent{1'000}, kSecondLook{1};

// A new record, a lock file that is closed, and the directories that come and go above them.
class JobEvents final : public Events {
 public:
  explicit JobEvents(const std::vector<std::string>& directories) {
    for (const std::string& directory : directories) {
      watches_.push_back(std::make_unique<Watch>(directory + "/job.json"));
      watches_.push_back(std::make_unique<Watch>(directory + "/lock"));
    }
  }
  // Costs most of a look, and only an event makes it necessary; but none tells of a mount. Not
  // before the first look, which may be the last: who has watched anything ends 8 to 20 ms later,
  // since the kernel waits for the readers of its marks (fs/notify/mark.c, synchronize_srcu).
  void aim() override {
    constexpr int kLooks = 20;
    if (looks_++ % kLooks != 1 && !was_stirred_.exchange(false)) {
      return;
    }
    for (const auto& watch : watches_) {
      watch->aim();
    }
  }
  // All watches of the process share one descriptor.
  [[nodiscard]] pollfd entry() const override { return watches_.front()->entry(); }
  void hear() override { watches_.front()->hear(); }
  [[nodiscard]] bool stirred() const override {
    return std::ranges::any_of(watches_, [](const auto& watch) { return watch->stirred(); });
  }
  void calm() override {
    was_stirred_ = was_stirred_ || stirred();
    for (const auto& watch : watches_) {
      watch->calm();
    }
  }
  [[nodiscard]] int take_trouble() override {
    int error = 0;
    for (const auto& watch : watches_) {
      error = std::max(error, watch->take_trouble());
    }
    return error;
  }

 private:
  std::vector<std::unique_ptr<Watch>> watches_;
  std::atomic<bool> was_stirred_ = false;
  int looks_ = 0;  // of one look at a time
};

class JobLook {
 public:
  JobLook(std::vector<std::string> directories, JobWish wish)
      : directories_(std::move(directories)), judge_(std::move(wish)) {}

  // Nothing was watched at the first look: what has changed since is found by a second one.
  Look look() {
    Look look = look_once();
    if (!std::exchange(looked_, true)) {
      look.again = std::min(look.again.value_or(kSecondLook), kSecondLook);
    }
    return look;
  }

 private:
  Look look_once() {
    if (alive_ && is_as_it_was()) {
      return *alive_;
    }
    alive_.reset();
    stamp_ = stamp_of_record(directories_.front());  // before the look, so that none is missed
    const JobSight sight = look_at_job(directories_);
    const SteadyTime now = std::chrono::steady_clock::now();
    auto finding = judge_.judge(sight, now);
    if (!finding) {
      return {not_yet("its supervisor seems to be gone"),
              std::chrono::ceil<Milliseconds>(judge_.look_again() - now)};
    }
    Look look{std::move(*finding), sight.record ? kRescan : kRescanAbsent};
    if (sight.record && directories_.size() == 1) {
      alive_ = look;
    } else if (sight.record) {
      directories_ = {sight.directory};  // not to mistake another job of that name for this one
    }
    return look;
  }

  // The same record and somebody who holds the lock: nothing to read again.
  [[nodiscard]] bool is_as_it_was() const {
    return stamp_ && stamp_of_record(directories_.front()) == stamp_ &&
           job::lock_holder(directories_.front()) == job::Holder::alive;
  }

  std::vector<std::string> directories_;
  JobJudge judge_;
  bool looked_ = false;
  std::optional<RecordStamp> stamp_;
  std::optional<Look> alive_;  // what was found when it was so
};

tl::expected<std::vector<std::string>, condition::Mistake> directories_of(
    const condition::Leaf& leaf, const Settings& settings) {
  std::string target = leaf.target.text;
  if (target.find('/') != std::string::npos) {
    while (target.size() > 1 && target.back() == '/') {
      target.pop_back();
    }
    return std::vector<std::string>{target};
  }
  if (const auto valid = job::check_name(target); !valid) {
    return mistake(leaf, leaf.target, valid.error().message,
                   "a name: " + valid.error().remedy + "; or a directory with a slash");
  }
  auto places =
      settings.state_directory.empty()
          ? job::state_directories([](const char* name) -> const char* { return ::getenv(name); })
          : std::vector<std::string>{settings.state_directory};
  for (std::string& place : places) {
    place += "/" + target;
  }
  return places;
}

// A parameter that has one of two values, of which the second is the one that changes something.
tl::expected<bool, condition::Mistake> choice(const condition::Leaf& leaf, const char* key,
                                              std::string_view usual, std::string_view other) {
  const condition::Parameter* parameter = leaf.find(key);
  if (parameter == nullptr || (parameter->op == "=" && parameter->value.text == usual)) {
    return false;
  }
  if (parameter->op != "=" || parameter->value.text != other) {
    return mistake(leaf, parameter->value,
                   fmt::format("{}: cannot be '{}'", key, printable(parameter->value.text)),
                   fmt::format("{}={} or {}={}", key, usual, key, other));
  }
  return true;
}

tl::expected<JobWish, condition::Mistake> wish_of(const condition::Leaf& leaf) {
  if (auto wrong = unknown_parameter(leaf, {"state", "new", "code"})) {
    return tl::unexpected(std::move(*wrong));
  }
  JobWish wish;
  const auto running = choice(leaf, "state", "exited", "running");
  const auto only_new = choice(leaf, "new", "no", "yes");
  auto codes = WantedCodes::parse(leaf);
  if (!running || !only_new || !codes) {
    return tl::unexpected(!running    ? running.error()
                          : !only_new ? only_new.error()
                                      : codes.error());
  }
  return JobWish{*running, *only_new, std::move(*codes)};
}

}  // namespace

Made make_job(const condition::Leaf& leaf, const Settings& settings) {
  auto wish = wish_of(leaf);
  if (!wish) {
    return tl::unexpected(std::move(wish.error()));
  }
  auto directories = directories_of(leaf, settings);
  if (!directories) {
    return tl::unexpected(std::move(directories.error()));
  }
  auto events = std::make_shared<JobEvents>(*directories);
  auto job = std::make_shared<JobLook>(std::move(*directories), std::move(*wish));
  return make_looking_probe([job](SteadyTime /*until*/) { return job->look(); }, std::move(events));
}

}  // namespace toolkit::probe
