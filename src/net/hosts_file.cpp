#include "hosts_file.hpp"

#include "address.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <strings.h>

#include <algorithm>

namespace toolkit::net {
namespace {

bool is_same_name(std::string_view one, std::string_view other) {
  return one.size() == other.size() && ::strncasecmp(one.data(), other.data(), one.size()) == 0;
}

// The next word of a line, taken off its front.
std::string_view take_word(std::string_view& line) {
  const auto begin = std::min(line.find_first_not_of(" \t\r"), line.size());
  line.remove_prefix(begin);
  const auto word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

bool has_name(std::string_view line, std::string_view name) {
  while (true) {
    const auto word = take_word(line);
    if (word.empty() || is_same_name(word, name)) {
      return !word.empty();
    }
  }
}

bool is_localhost(std::string_view name) {
  constexpr std::string_view kName = "localhost";
  return name.size() >= kName.size() &&
         is_same_name(name.substr(name.size() - kName.size()), kName) &&
         (name.size() == kName.size() || name[name.size() - kName.size() - 1] == '.');
}

}  // namespace

std::vector<Address> hosts_in(std::string_view text, std::string_view name, std::uint16_t port) {
  std::vector<Address> found;
  for (std::string_view line : split(text, '\n')) {
    line = line.substr(0, line.find('#'));
    const std::string number(take_word(line));
    if (has_name(line, name)) {
      if (const auto address = numeric_address(number, port)) {
        found.push_back(*address);
      }
    }
  }
  return found;
}

std::vector<Address> hosts(const std::string& name, std::uint16_t port, const std::string& path) {
  std::vector<Address> found;
  // A hosts file that blocks lists of advertisers may be some MiB.
  if (const auto text = read_file(path)) {
    found = hosts_in(*text, name, port);
  }
  if (found.empty() && is_localhost(name)) {
    found = {*numeric_address("::1", port), *numeric_address("127.0.0.1", port)};
  }
  // IPv6 first, as everywhere (RFC 6724); otherwise the order of the file.
  std::ranges::stable_partition(
      found, [](const Address& each) { return each.storage.ss_family == AF_INET6; });
  return found;
}

}  // namespace toolkit::net
