#pragma once
// A process that is known, until it has ended: by its pidfd, so that nothing is polled and no later
// process of its number can be taken for it.

#include "ended.hpp"

#include <toolkit/base/unique_fd.hpp>

#include <tl/expected.hpp>

#include <cstdint>

namespace toolkit::probe {

class FollowedProcess final : public Probe {
 public:
  /// `process` is what process::open_process(pid) gave. With `start_ticks`, a process that started
  /// at another time is refused.
  FollowedProcess(pid_t pid, tl::expected<UniqueFd, int> process,
                  std::optional<std::uint64_t> start_ticks, WantedCodes wanted);

  void begin(SteadyTime now, SteadyTime until) override;
  void collect(std::vector<pollfd>& entries) const override;
  [[nodiscard]] SteadyTime next_deadline() const override;
  void advance(std::span<const pollfd> entries, SteadyTime now) override;
  [[nodiscard]] std::optional<Finding> take() override { return std::exchange(answer_, {}); }
  [[nodiscard]] bool stirred() const override { return stirred_; }
  [[nodiscard]] bool tells_all() const override { return true; }

 private:
  void look(SteadyTime now);
  void answer(Finding finding);

  pid_t pid_;
  UniqueFd process_;
  WantedCodes wanted_;
  bool under_way_ = false, stirred_ = false;
  SteadyTime until_{};
  std::optional<SteadyTime> reap_until_;  // a zombie of unknown status: how long we wait for more
  std::optional<Finding> answer_, final_;
};

}  // namespace toolkit::probe
