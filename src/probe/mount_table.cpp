#include "mount_table.hpp"

#include <toolkit/base/text.hpp>

#include <algorithm>
#include <vector>

namespace toolkit::probe {

std::optional<Mounted> mounted_at(std::string_view mountinfo, std::string_view path) {
  std::optional<Mounted> found;
  for (const std::string_view line : split(mountinfo, '\n')) {
    // 36 35 98:0 /root /point options [optional fields] - type source options
    const auto fields = split(line, ' ');
    const auto dash = std::ranges::find(fields, "-");
    if (fields.size() < 5 || fields.end() - dash < 3 || unescape_octal(fields[4]) != path) {
      continue;
    }
    found = Mounted{unescape_octal(dash[1]), unescape_octal(dash[2])};
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
