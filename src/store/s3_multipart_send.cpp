#include "s3_multipart.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace toolkit::store {
namespace {

// More do not make it faster, and every one of them is a connection.
constexpr std::size_t kThreads = 4;

// The results of several threads: the parts, and the first error, after which nothing new begins.
class Harvest {
 public:
  explicit Harvest(std::size_t count) : parts_(count) {}

  void put(std::size_t index, Result<S3Part> part) {
    const std::lock_guard lock(mutex_);
    if (part) {
      parts_[index] = std::move(*part);
    } else if (!error_) {
      error_ = std::move(part.error());
      failed_ = true;
    }
  }
  [[nodiscard]] bool has_failed() const { return failed_; }
  [[nodiscard]] Result<std::vector<S3Part>> take() {
    if (error_) {
      return tl::unexpected(std::move(*error_));
    }
    return std::move(parts_);
  }

 private:
  std::mutex mutex_;
  std::vector<S3Part> parts_;
  std::optional<Error> error_;
  std::atomic<bool> failed_ = false;
};

const S3Part* find(const std::vector<S3Part>& parts, std::uint32_t number) {
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [number](const S3Part& part) { return part.number == number; });
  return found == parts.end() ? nullptr : &*found;
}

}  // namespace

Result<std::vector<S3Part>> S3Multipart::send(const std::vector<PlannedPart>& plan,
                                              const std::vector<S3Part>& there, S3Outlet& outlet,
                                              const Origin& origin) const {
  const auto carry_out = [&](const PlannedPart& part) -> Result<S3Part> {
    if (part.copied) {
      return copy_part(part, origin);
    }
    if (const S3Part* const had = find(there, part.number)) {
      TRY_ASSIGN(const bool same, is_there(part, *had, outlet));
      if (same) {
        return *had;
      }
    }
    return send_part(part, outlet);
  };
  Harvest harvest(plan.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < plan.size() && !harvest.has_failed(); i = next++) {
      harvest.put(i, carry_out(plan[i]));
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(kThreads, plan.size()); ++i) {
    threads.emplace_back(work);
  }
  work();
  threads.clear();
  return harvest.take();
}

}  // namespace toolkit::store
