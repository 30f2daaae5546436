#include "retry.hpp"

#include <algorithm>
#include <random>

namespace toolkit::sync {
namespace {

Milliseconds part_of(Milliseconds limit) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return Milliseconds(std::uniform_int_distribution<std::int64_t>(0, limit.count())(random));
}

}  // namespace

Milliseconds pause_limit(Milliseconds delay, int number) {
  constexpr Milliseconds kLongest{30'000};
  return number > 16 ? kLongest : std::min(delay * (1 << (number - 1)), kLongest);
}

Result<void> with_retries(const TransferOptions& options, const Halt& halt,
                          const std::function<void(const Error&, Milliseconds)>& tell,
                          const std::function<Result<void>()>& attempt) {
  for (int number = 1;; ++number) {
    auto result = attempt();
    if (!result && result.error().kind == ErrorKind::interrupted && !halt.ending()) {
      result = attempt();
    }
    if (result || result.error().kind != ErrorKind::unavailable || number > options.retries) {
      return result;
    }
    const Milliseconds pause = part_of(pause_limit(options.retry_delay, number));
    tell(result.error(), pause);
    if (!halt.pause(pause)) {
      return result;
    }
  }
}

}  // namespace toolkit::sync
