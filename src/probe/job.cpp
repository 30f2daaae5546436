// job:NAME, job:/path/to/directory: until a job of `toolkit run` is over, with its exit code. The
// record and its lock are all that is needed, so the job may be in another shell, PID namespace or
// container, of another user, as long as the directory is shared and readable.
//   state=running  until it runs; over is then final and not what was wanted
//   new=yes        passes over the job that is there when the wait begins
//   code=0,3       other codes are final and unmet
#include "job_events.hpp"
#include "job_judge.hpp"
#include "looking.hpp"
#include "schemes.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/job/store.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

namespace toolkit::probe {
namespace {

// What no event tells: a lock that is let go, and everything on a network file system. Where no job
// is, there is no lock.
constexpr Milliseconds kRescan{500}, kRescanAbsent{1'000};

class JobLook {
 public:
  JobLook(std::vector<std::string> directories, JobWish wish, std::shared_ptr<JobEvents> events)
      : directories_(std::move(directories)), judge_(std::move(wish)), events_(std::move(events)) {}

  Look look() {
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
    const bool held = sight.record && sight.record->state != job::State::exited &&
                      sight.record->state != job::State::lost;
    if (held) {
      events_->follow(sight.directory);
    } else {
      events_->unfollow();
    }
    return look;
  }

 private:
  // The same record and somebody who holds the lock: nothing to read again.
  [[nodiscard]] bool is_as_it_was() const {
    return stamp_ && stamp_of_record(directories_.front()) == stamp_ &&
           job::lock_holder(directories_.front()) == job::Holder::alive;
  }

  std::vector<std::string> directories_;
  JobJudge judge_;
  std::shared_ptr<JobEvents> events_;
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
  auto job = std::make_shared<JobLook>(std::move(*directories), std::move(*wish), events);
  return make_looking_probe([job](SteadyTime /*until*/) { return job->look(); }, std::move(events));
}

}  // namespace toolkit::probe
