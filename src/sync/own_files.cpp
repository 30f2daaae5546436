#include "own_files.hpp"

#include <algorithm>

namespace toolkit::sync {

bool is_own_file(std::string_view name) {
  constexpr std::string_view kDraft = ".toolkit-";
  if (name.starts_with(".toolkit-sync-")) {
    return true;
  }
  const std::size_t mark = name.rfind(kDraft);
  if (!name.starts_with('.') || mark == std::string_view::npos || mark == 0) {
    return false;
  }
  const std::string_view random = name.substr(mark + kDraft.size());
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return (random.size() == 6 || random.size() == 8) && std::ranges::all_of(random, is_plain);
}

}  // namespace toolkit::sync
