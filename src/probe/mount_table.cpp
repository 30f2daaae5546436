#include "mount_table.hpp"

#include <toolkit/base/text.hpp>

#include <algorithm>
#include <vector>

namespace toolkit::probe {
namespace {

bool is_octal(char c) { return c >= '0' && c <= '7'; }

// Blank, tab, newline and backslash are written \040 \011 \012 \134.
std::string unescape(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\' && i + 3 < field.size() && is_octal(field[i + 1]) &&
        is_octal(field[i + 2]) && is_octal(field[i + 3])) {
      text += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 +
                                (field[i + 3] - '0'));
      i += 3;
    } else {
      text += field[i];
    }
  }
  return text;
}

}  // namespace

std::optional<Mounted> mounted_at(std::string_view mountinfo, std::string_view path) {
  std::optional<Mounted> found;
  for (const std::string_view line : split(mountinfo, '\n')) {
    // 36 35 98:0 /root /point options [optional fields] - type source options
    const auto fields = split(line, ' ');
    const auto dash = std::ranges::find(fields, "-");
    if (fields.size() < 5 || fields.end() - dash < 3 || unescape(fields[4]) != path) {
      continue;
    }
    found = Mounted{unescape(dash[1]), unescape(dash[2])};
  }
  return found;
}

std::string plain_path(std::string_view path, std::string_view directory) {
  std::vector<std::string_view> parts;
  const auto add = [&parts](std::string_view text) {
    for (const std::string_view part : split(text, '/')) {
      if (part == ".." && !parts.empty()) {
        parts.pop_back();
      } else if (!part.empty() && part != "." && part != "..") {
        parts.push_back(part);
      }
    }
  };
  if (!path.starts_with('/')) {
    add(directory);
  }
  add(path);
  std::string plain;
  for (const std::string_view part : parts) {
    plain += '/';
    plain += part;
  }
  return plain.empty() ? "/" : plain;
}

}  // namespace toolkit::probe
