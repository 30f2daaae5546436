// pid:N, pid:N:STARTTIME, pid:@FILE: until a process that need not be our child has ended, with its
// exit code as far as the kernel tells (process/exit_info.hpp). STARTTIME is field 22 of
// /proc/N/stat, as in a job record: with it a number that was given out again is refused. FILE is
// looked for until it names a process that is there; from then on that process counts, and the
// file no more.
#include "followed_process.hpp"
#include "looking.hpp"
#include "schemes.hpp"
#include "watch.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/process/exit_info.hpp>

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>
#include <limits>

namespace toolkit::probe {
namespace {

// Network file systems tell nothing of a file that appears.
constexpr Milliseconds kRescan{500};
// Long enough for whoever writes a file without replacing it to get beyond the first digits.
constexpr Milliseconds kWriting{50};

std::optional<pid_t> pid_in(std::string_view text) {
  const auto pid = parse_whole(trim(text));
  return pid && *pid > 0 && *pid <= std::numeric_limits<pid_t>::max()
             ? std::optional(static_cast<pid_t>(*pid))
             : std::nullopt;
}

// Looks for the process that a file names, and opens it where it looks: at once.
class PidFile {
 public:
  explicit PidFile(std::string path) : path_(std::move(path)) {}

  Look look() {
    const auto fd = try_open(path_, O_RDONLY | O_NONBLOCK);  // a FIFO would keep us otherwise
    const auto text = fd ? read_all(fd->get(), 64) : tl::unexpected(fd.error());
    if (!text) {
      return {errno_finding(text.error()), kRescan};
    }
    const auto line_end = text->find('\n');
    if (line_end == std::string::npos && !has_settled(*text)) {
      return {not_yet("it is being written"), kWriting};
    }
    const auto pid = pid_in(std::string_view(*text).substr(0, line_end));
    return {pid ? open(*pid) : not_yet("its first line is no process number"), kRescan};
  }

  /// After a look that found it.
  [[nodiscard]] std::optional<tl::expected<UniqueFd, int>>& process() { return process_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  // By the clock, not by the number of looks: events make two come at once.
  bool has_settled(const std::string& text) {
    const auto now = std::chrono::steady_clock::now();
    if (text != std::exchange(unfinished_, text)) {
      unfinished_since_ = now;
    }
    return now - unfinished_since_ >= kWriting;
  }

  Finding open(pid_t pid) {
    auto process = process::open_process(pid);
    if (!process && process.error() == ESRCH) {
      return not_yet(fmt::format("it names {}, which is no process here", pid));
    }
    pid_ = pid;
    process_ = std::move(process);
    return not_yet("found");
  }

  std::string path_, unfinished_;
  SteadyTime unfinished_since_;
  pid_t pid_ = 0;
  std::optional<tl::expected<UniqueFd, int>> process_;
};

class ProcessOfFile final : public Probe {
 public:
  ProcessOfFile(const std::string& path, WantedCodes wanted)
      : file_(std::make_shared<PidFile>(path)),
        wanted_(std::move(wanted)),
        current_(make_looking_probe([file = file_](SteadyTime /*until*/) { return file->look(); },
                                    std::make_shared<Watch>(path))) {}

  void begin(SteadyTime now, SteadyTime until) override {
    now_ = now;
    until_ = until;
    current_->begin(now, until);
  }
  void collect(std::vector<pollfd>& entries) const override { current_->collect(entries); }
  [[nodiscard]] SteadyTime next_deadline() const override { return current_->next_deadline(); }
  void advance(std::span<const pollfd> entries, SteadyTime now) override {
    now_ = now;
    current_->advance(entries, now);
  }
  [[nodiscard]] std::optional<Finding> take() override {
    auto finding = current_->take();
    // The look is over when there is a finding, so what it left can be touched here.
    if (finding && finding->reason != Reason::timed_out && file_ && file_->process()) {
      current_ = std::make_unique<FollowedProcess>(file_->pid(), std::move(*file_->process()),
                                                   std::nullopt, std::move(wanted_));
      file_.reset();
      current_->begin(now_, until_);
      finding = current_->take();
    }
    return finding;
  }
  [[nodiscard]] bool stirred() const override { return current_->stirred(); }
  [[nodiscard]] bool tells_all() const override { return current_->tells_all(); }

 private:
  std::shared_ptr<PidFile> file_;  // until it has named the process
  WantedCodes wanted_;
  std::unique_ptr<Probe> current_;  // looks for the file, then follows the process
  SteadyTime now_{}, until_{};
};

tl::unexpected<condition::Mistake> no_process(const condition::Leaf& leaf) {
  return mistake(leaf, leaf.target, fmt::format("'{}' is no process", printable(leaf.target.text)),
                 "pid:4242, pid:4242:STARTTIME (field 22 of /proc/4242/stat) or pid:@FILE");
}

}  // namespace

Made make_pid(const condition::Leaf& leaf, const Settings& /*settings*/) {
  if (auto wrong = unknown_parameter(leaf, {"code"})) {
    return tl::unexpected(std::move(*wrong));
  }
  auto wanted = WantedCodes::parse(leaf);
  if (!wanted) {
    return tl::unexpected(std::move(wanted.error()));
  }
  const std::string& text = leaf.target.text;
  if (text.starts_with('@') && text.size() > 1) {
    return std::make_unique<ProcessOfFile>(text.substr(1), std::move(*wanted));
  }
  const auto colon = text.find(':');
  const auto pid = pid_in(text.substr(0, colon));
  std::optional<std::uint64_t> start_ticks;
  if (colon != std::string::npos) {
    const auto ticks = parse_whole(text.substr(colon + 1));
    start_ticks = ticks ? std::optional(static_cast<std::uint64_t>(*ticks)) : std::nullopt;
  }
  if (!pid || (colon != std::string::npos && !start_ticks)) {
    return no_process(leaf);
  }
  return std::make_unique<FollowedProcess>(*pid, process::open_process(*pid), start_ticks,
                                           std::move(*wanted));
}

}  // namespace toolkit::probe
