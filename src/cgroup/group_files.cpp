#include "group_files.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace toolkit::cgroup {

std::optional<std::string> read_text(const std::string& path) {
  auto text = read_kernel_file(path);
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

std::optional<std::uint64_t> read_count(const std::string& path) {
  const auto level = read_level(path);
  return level.kind == Level<std::uint64_t>::Kind::set ? std::optional(level.value) : std::nullopt;
}

bool has_line_word(const std::optional<std::string>& line, std::string_view word) {
  return line && std::ranges::count(split(trim(*line), ' '), word) > 0;
}

Level<std::uint64_t> unread_level(const std::string& path, int error) {
  using Kind = Level<std::uint64_t>::Kind;
  const bool absent = error == ENOENT || error == ENODEV || error == ENOTDIR;
  return {absent ? Kind::absent : Kind::unreadable, 0,
          "cannot read " + path + ": " + std::strerror(error)};
}

Level<std::uint64_t> read_level(const std::string& path) {
  using Kind = Level<std::uint64_t>::Kind;
  const auto file = read_kernel_file(path);
  if (!file) {
    return unread_level(path, file.error());
  }
  const std::string_view text = trim(*file);
  const auto number = parse_whole(text);
  if (number && static_cast<std::uint64_t>(*number) < kUnlimited) {
    return {Kind::set, static_cast<std::uint64_t>(*number), ""};
  }
  if (number || text == "max" || text == "-1") {
    return {Kind::unlimited, 0, ""};
  }
  return {Kind::unreadable, 0, path + " says \"" + printable(text.substr(0, 40)) + "\""};
}

Limit<std::uint64_t> tightest_count(const Place& place, const Hierarchies& hierarchies,
                                    std::string_view file) {
  return tightest<std::uint64_t>(place, hierarchies.root().size(), std::less<>(),
                                 [&](const std::string& directory) {
                                   return read_level(directory + "/" + std::string(file));
                                 });
}

}  // namespace toolkit::cgroup
