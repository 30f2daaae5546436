#include <toolkit/gpu/version.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace toolkit::gpu {
namespace {

// The number that `text` begins with, -1 for none.
int number_at(std::string_view text) {
  int value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

int version_part(std::string_view version, int n) {
  for (; n > 0; --n) {
    const std::size_t dot = version.find('.');
    if (dot == std::string_view::npos) {
      return -1;
    }
    version.remove_prefix(dot + 1);
  }
  return number_at(version);
}

int compare_versions(std::string_view one, std::string_view other) {
  for (int n = 0;; ++n) {
    const int left = version_part(one, n);
    const int right = version_part(other, n);
    if (left < 0 && right < 0) {
      return 0;
    }
    if (const int difference = std::max(left, 0) - std::max(right, 0); difference != 0) {
      return difference;
    }
  }
}

std::string_view major_minor(std::string_view version) {
  const std::size_t dot = version.find('.');
  return dot == std::string_view::npos ? version : version.substr(0, version.find('.', dot + 1));
}

}  // namespace toolkit::gpu
