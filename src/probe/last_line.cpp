#include "last_line.hpp"

#include <toolkit/base/secret.hpp>
#include <toolkit/base/text.hpp>

#include <algorithm>

namespace toolkit::probe {

void LastLine::add(std::string_view bytes) {
  for (const char c : bytes) {
    if (c == '\n') {
      if (!trim(partial_).empty()) {
        complete_ = partial_;
      }
      partial_.clear();
    } else if (partial_.size() < kLimit) {
      partial_ += c;
    }
  }
}

std::string LastLine::text() const {
  const std::string_view last = trim(partial_).empty() ? trim(complete_) : trim(partial_);
  return printable(mask_secrets(last));
}

}  // namespace toolkit::probe
