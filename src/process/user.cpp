#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/process/user.hpp>

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

namespace toolkit::process {
namespace {

// passwd(5): name:password:UID:GID:GECOS:directory:shell; group(5): name:password:GID:user,user.
using Fields = std::vector<std::string_view>;

// -1 means "no change" to setresuid(2), so it is nobody's number.
std::optional<unsigned> parse_id(std::string_view text) {
  const auto number = parse_whole(text);
  return number && *number < 0xFFFFFFFFLL ? std::optional(static_cast<unsigned>(*number))
                                          : std::nullopt;
}

// The lines of a database that have at least the fields that count. A missing file (an image FROM
// scratch has none) is an empty one: numbers still work.
std::vector<Fields> lines_of(std::string_view text, std::size_t fields) {
  std::vector<Fields> lines;
  for (const std::string_view line : split(text, '\n')) {
    Fields parts = split(line, ':');
    if (parts.size() >= fields && !parts[0].empty()) {
      lines.push_back(std::move(parts));
    }
  }
  return lines;
}

std::string text_of(const std::string& path) { return read_file(path).value_or(std::string()); }

// By name first: a user may be called 1000, as chown(1) has it.
const Fields* find_line(const std::vector<Fields>& lines, std::string_view text) {
  const auto by_name = std::ranges::find(lines, text, [](const Fields& line) { return line[0]; });
  if (by_name != lines.end()) {
    return &*by_name;
  }
  const auto id = parse_id(text);
  const auto by_id = std::ranges::find_if(
      lines, [&](const Fields& line) { return id && parse_id(line[2]) == id; });
  return by_id == lines.end() ? nullptr : &*by_id;
}

Failure unknown(std::string_view kind, std::string_view text, const std::string& path) {
  return fail(ErrorKind::not_found,
              fmt::format("no {} '{}' in {}", kind, printable(text.substr(0, 64)), path),
              "give a number, or a name that the file has");
}

Result<gid_t> find_group(std::string_view text, const std::string& path) {
  const std::string database = text_of(path);
  const std::vector<Fields> lines = lines_of(database, 3);
  if (const Fields* line = find_line(lines, text)) {
    if (const auto id = parse_id((*line)[2])) {
      return *id;
    }
  }
  if (const auto id = parse_id(text)) {
    return *id;
  }
  return unknown("group", text, path);
}

void add_supplementary(Credentials& credentials, std::string_view name, const std::string& path) {
  const std::string database = text_of(path);
  for (const Fields& line : lines_of(database, 4)) {
    const Fields members = split(line[3], ',');
    const auto id = parse_id(line[2]);
    const bool is_member = std::ranges::find(members, name) != members.end();
    if (is_member && id &&
        std::ranges::find(credentials.supplementary, *id) == credentials.supplementary.end()) {
      credentials.supplementary.push_back(*id);
    }
  }
}

Result<User> find_owner(std::string_view text, const std::string& path) {
  const std::string database = text_of(path);
  const std::vector<Fields> lines = lines_of(database, 4);
  User user;
  if (const Fields* line = find_line(lines, text)) {
    const auto uid = parse_id((*line)[2]), gid = parse_id((*line)[3]);
    if (uid && gid) {
      user.credentials = {*uid, *gid, {}};
      user.name = (*line)[0];
      user.home = line->size() > 5 ? (*line)[5] : "";
      user.shell = line->size() > 6 ? (*line)[6] : "";
      return user;
    }
  }
  const auto uid = parse_id(text);
  if (!uid) {
    return unknown("user", text, path);
  }
  user.credentials = {*uid, ::getegid(), {}};
  return user;
}

}  // namespace

Result<User> find_user(std::string_view text, const std::string& root) {
  const auto colon = text.find(':');
  const std::string_view owner = text.substr(0, colon);
  const std::string_view group = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  if (owner.empty() || (colon != std::string_view::npos && group.empty())) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not a user", printable(text.substr(0, 64))),
                "write it as UID, NAME, UID:GID or NAME:GROUP");
  }
  TRY_ASSIGN(User user, find_owner(owner, root + "/etc/passwd"));
  if (!group.empty()) {
    TRY_ASSIGN(user.credentials.group, find_group(group, root + "/etc/group"));
  }
  user.credentials.supplementary = {user.credentials.group};
  if (group.empty() && !user.name.empty()) {
    add_supplementary(user.credentials, user.name, root + "/etc/group");
  }
  return user;
}

}  // namespace toolkit::process
