#include "compare.hpp"

namespace toolkit::sync {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t whole_seconds(std::int64_t time) {
  return time / kSecond - (time % kSecond < 0 ? 1 : 0);
}

}  // namespace

bool same_time(std::int64_t one, std::int64_t other) {
  if (one == other) {
    return true;
  }
  const bool coarse = one % kSecond == 0 || other % kSecond == 0;
  return coarse && whole_seconds(one) == whole_seconds(other);
}

bool looks_unchanged(const store::Entry& source, const store::Entry& destination) {
  return destination.kind == store::Kind::file && destination.size == source.size &&
         same_time(destination.mtime, source.mtime);
}

}  // namespace toolkit::sync
