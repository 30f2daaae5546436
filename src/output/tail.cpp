#include "tail.hpp"

#include <algorithm>
#include <cstring>

namespace toolkit::output {

void Tail::append(std::string_view bytes) {
  if (bytes.size() >= capacity_) {
    ring_.assign(bytes.substr(bytes.size() - capacity_));
    at_ = 0;
    return;
  }
  const std::size_t grown = std::min(bytes.size(), capacity_ - ring_.size());
  ring_.append(bytes.substr(0, grown));
  bytes.remove_prefix(grown);
  while (!bytes.empty()) {
    const std::size_t length = std::min(bytes.size(), capacity_ - at_);
    std::memcpy(ring_.data() + at_, bytes.data(), length);
    at_ = (at_ + length) % capacity_;
    bytes.remove_prefix(length);
  }
}

std::string Tail::bytes() const { return ring_.substr(at_) + ring_.substr(0, at_); }

}  // namespace toolkit::output
