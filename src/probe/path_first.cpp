#include "path_first.hpp"

#include "abandonable.hpp"
#include "transport.hpp"

#include <toolkit/base/file.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>

namespace toolkit::probe {
namespace {

// How often the pool is asked whether our look waits behind stuck ones.
constexpr Milliseconds kRelief{20};

// Far enough for what comes next: a file is opened, a socket's path is walked.
bool look_at(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
    (void)try_open(path, O_RDONLY | O_NONBLOCK);
  }
  return true;
}

class PathFirst final : public Probe {
 public:
  PathFirst(std::string path, std::unique_ptr<Probe> inner)
      : path_(std::move(path)), inner_(std::move(inner)) {}

  void begin(SteadyTime now, SteadyTime until) override {
    until_ = until;
    relief_ = now + kRelief;
    finding_.reset();
    looking_ = true;
    (void)errand_.take();  // what came too late for its own attempt
    if (!errand_.under_way() && !errand_.start([path = path_] { return look_at(path); })) {
      end({.reason = Reason::unknown,
           .words = "no thread or descriptor is left to look with",
           .exit_code = {}});
    }
  }

  void collect(std::vector<pollfd>& entries) const override {
    if (looking_) {
      entries.push_back({errand_.fd(), POLLIN, 0});
    } else {
      inner_->collect(entries);
    }
  }

  [[nodiscard]] SteadyTime next_deadline() const override {
    return looking_ ? std::min(until_, relief_) : inner_->next_deadline();
  }

  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    if (!looking_) {
      inner_->advance(entries, now);
    } else if (errand_.take()) {
      looking_ = false;
      inner_->begin(now, until_);
    } else if (now >= until_) {
      end(silent("the file system has not answered for it"));
    } else if (now >= relief_) {
      relieve_stuck_threads();
      relief_ = now + kRelief;
    }
  }

  [[nodiscard]] std::optional<Finding> take() override {
    // What the probe behind still has is of an attempt that was abandoned.
    return finding_ || looking_ ? std::exchange(finding_, std::nullopt) : inner_->take();
  }
  [[nodiscard]] bool stirred() const override { return !looking_ && inner_->stirred(); }
  [[nodiscard]] bool tells_all() const override { return inner_->tells_all(); }
  [[nodiscard]] Milliseconds pace() const override { return inner_->pace(); }

 private:
  void end(Finding finding) {
    looking_ = false;
    finding_ = std::move(finding);
  }

  std::string path_;
  std::unique_ptr<Probe> inner_;
  Errand<bool> errand_;
  SteadyTime until_{}, relief_{};
  bool looking_ = false;
  std::optional<Finding> finding_;
};

}  // namespace

std::unique_ptr<Probe> path_first(std::string path, std::unique_ptr<Probe> inner) {
  return path.empty() ? std::move(inner)
                      : std::make_unique<PathFirst>(std::move(path), std::move(inner));
}

}  // namespace toolkit::probe
