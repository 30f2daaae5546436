#include "links.hpp"
#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <arpa/inet.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>

namespace toolkit::machine {
namespace {

bool is_address(const std::string& text) {
  unsigned char bytes[16];
  return ::inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

bool is_same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    if (line.empty()) {
      return words;
    }
    const auto end = std::min(line.find_first_of(" \t\r"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

}  // namespace

std::vector<std::string> addresses_of(const Network& network, std::string_view name) {
  if (is_address(std::string(name))) {
    return {std::string(name)};
  }
  std::vector<std::string> addresses;
  for (const std::string_view line : split(network.hosts, '\n')) {
    const auto words = words_of(line.substr(0, line.find('#')));  // hosts(5)
    if (words.size() > 1 && is_address(std::string(words[0])) &&
        std::any_of(words.begin() + 1, words.end(),
                    [&](std::string_view word) { return is_same_name(word, name); }) &&
        std::ranges::count(addresses, words[0]) == 0) {
      addresses.emplace_back(words[0]);
    }
  }
  return addresses;
}

Network read_network(const std::string& root, std::vector<std::string>& troubles) {
  Network network;
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  network.hostname = name;
  auto hosts = read_file(root + "/etc/hosts", 1 << 20);
  network.hosts = hosts ? std::move(*hosts) : "";
  network.hostname_addresses = addresses_of(network, network.hostname);
  Links links = read_links();
  if (!links.trouble.empty()) {
    troubles.push_back(links.trouble);
  }
  for (Interface& found : links.interfaces) {
    // A virtual function of an SR-IOV card has a link to the physical one.
    found.virtual_function =
        std::ranges::count(links.on_pci, found.name) > 0 &&
        ::access((root + "/sys/class/net/" + found.name + "/device/physfn").c_str(), F_OK) == 0;
    if (found.index == links.route_out) {
      network.default_interface = found.name;
    }
  }
  network.interfaces = std::move(links.interfaces);
  return network;
}

}  // namespace toolkit::machine
