#include "traceback.hpp"

#include <algorithm>

namespace toolkit::supervise {
namespace {

constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.<>";  // <locals> is a part

// A dotted name, alone or before a colon: a log line between a traceback's lines rarely is one.
bool is_exception(std::string_view line) {
  const auto end = std::min(line.find_first_not_of(kNameCharacters), line.size());
  return end > 0 && (end == line.size() || line[end] == ':');
}

}  // namespace

std::vector<std::string_view> exception_lines(std::string_view text) {
  std::vector<std::string_view> found;
  std::vector<std::string_view> open;  // what stands before each traceback that has not ended
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const auto at = line.find(kTraceback); at != std::string_view::npos) {
      open.push_back(line.substr(0, at));
      continue;
    }
    const auto ended = std::find_if(open.begin(), open.end(), [line](std::string_view before) {
      return line.starts_with(before) && is_exception(line.substr(before.size()));
    });
    if (ended != open.end()) {
      open.erase(ended);
      found.push_back(line);
    }
  }
  return found;
}

}  // namespace toolkit::supervise
