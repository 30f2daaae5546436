#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>
#include <toolkit/probe/port_holder.hpp>
#include <toolkit/process/tree.hpp>

#include <arpa/inet.h>
#include <dirent.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>

namespace toolkit::probe {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words = split(line, ' ');
  std::erase_if(words, [](std::string_view word) { return word.empty(); });
  return words;
}

template <typename T>
std::optional<T> parse_number(std::string_view text, int base) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty()
             ? std::optional(value)
             : std::nullopt;
}

// Each 32-bit word of the address is printed as a number of this machine, %08X.
std::optional<std::string> parse_address(std::string_view text) {
  std::array<std::uint32_t, 4> words{};
  if (text.size() != 8 && text.size() != 32) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < text.size() / 8; ++i) {
    const auto word = parse_number<std::uint32_t>(text.substr(i * 8, 8), 16);
    if (!word) {
      return std::nullopt;
    }
    words[i] = *word;
  }
  char name[INET6_ADDRSTRLEN] = "";
  ::inet_ntop(text.size() == 8 ? AF_INET : AF_INET6, words.data(), name, sizeof name);
  return std::string(name);
}

bool has_socket(const std::string& fd_folder, const std::string& wanted) {
  const Directory directory(::opendir(fd_folder.c_str()));
  while (const dirent* entry = directory ? ::readdir(directory.get()) : nullptr) {
    char target[64];
    const ssize_t size =
        ::readlink((fd_folder + "/" + entry->d_name).c_str(), target, sizeof target);
    if (size > 0 && std::string_view(target, static_cast<std::size_t>(size)) == wanted) {
      return true;
    }
  }
  return false;
}

}  // namespace

// "   0: 0100007F:7352 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 12345 1 …"
std::optional<LocalSocket> parse_socket(std::string_view line) {
  const auto words = words_of(line);
  if (words.size() < 10) {
    return std::nullopt;
  }
  const auto parts = split(words[1], ':');
  if (parts.size() != 2) {
    return std::nullopt;
  }
  const auto address = parse_address(parts[0]);
  const auto port = parse_number<std::uint16_t>(parts[1], 16);
  const auto state = parse_number<unsigned>(words[3], 16);
  const auto inode = parse_number<unsigned long>(words[9], 10);
  if (!address || !port || !state || !inode) {
    return std::nullopt;
  }
  return LocalSocket{*address, *port, *state, *inode};
}

std::optional<std::vector<LocalSocket>> sockets_on(std::uint16_t port) {
  std::vector<LocalSocket> found;
  bool readable = false;
  for (const char* path : {"/proc/self/net/tcp", "/proc/self/net/tcp6"}) {
    const auto table = read_file(path);
    readable = readable || table;
    for (const std::string_view line : split(table ? std::string_view(*table) : "", '\n')) {
      if (auto socket = parse_socket(line); socket && socket->port == port) {
        found.push_back(std::move(*socket));
      }
    }
  }
  std::ranges::stable_partition(found, [](auto& socket) { return socket.state == kListening; });
  return readable ? std::optional(std::move(found)) : std::nullopt;
}

Holder find_holder(unsigned long inode) {
  const std::string wanted = fmt::format("socket:[{}]", inode);
  const Directory processes(::opendir("/proc"));
  while (const dirent* entry = processes ? ::readdir(processes.get()) : nullptr) {
    const auto pid = parse_number<pid_t>(entry->d_name, 10);
    if (pid && has_socket(fmt::format("/proc/{}/fd", *pid), wanted)) {
      return {*pid, process::process_info(*pid).name};
    }
  }
  return {};
}

}  // namespace toolkit::probe
