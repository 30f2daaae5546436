#include "parts.hpp"

#include <toolkit/base/file.hpp>
#include <toolkit/base/text.hpp>

#include <algorithm>
#include <cerrno>

namespace toolkit::gpu {
namespace {

constexpr int kMostPkeys = 32;  // of 128 that adapters have: each is a question to the firmware
constexpr std::size_t kMostGids = 1024;
constexpr std::string_view kNoGid = "0000:0000:0000:0000:0000:0000:0000:0000";

std::optional<std::uint32_t> hexadecimal(std::string_view text) {
  text.remove_prefix(text.starts_with("0x") ? 2 : 0);
  std::uint32_t value = 0;
  for (const char letter : text) {
    const auto digit = std::string_view("0123456789abcdef").find(letter);
    if (digit == std::string_view::npos || value >> 28 != 0) {
      return std::nullopt;
    }
    value = value << 4 | static_cast<std::uint32_t>(digit);
  }
  return text.empty() ? std::nullopt : std::optional(value);
}

std::string trimmed(const tl::expected<std::string, int>& text) {
  return text ? std::string(trim(*text)) : "";
}

// Nothing for an entry that is not in use.
std::optional<RdmaGid> read_gid(const std::string& port, const std::string& index) {
  const auto text = read_kernel_file(port + "gids/" + index);
  RdmaGid gid;
  gid.index = static_cast<int>(parse_whole(index).value_or(0));
  if (!text) {
    gid.error = text.error();
    return gid.error == ENOENT ? std::nullopt : std::optional(std::move(gid));
  }
  gid.gid = trim(*text);
  if (gid.gid.empty() || gid.gid == kNoGid) {
    return std::nullopt;
  }
  const auto type = read_kernel_file(port + "gid_attrs/types/" + index);
  if (!type) {  // EINVAL: of a device in another namespace; its interface is not ours either
    gid.error = type.error();
    return gid;
  }
  gid.type = trim(*type);
  const auto interface = read_kernel_file(port + "gid_attrs/ndevs/" + index);
  gid.error = interface ? 0 : interface.error();
  gid.interface = trimmed(interface);
  return gid;
}

void read_gids(const std::string& directory, RdmaPort& port) {
  const bool ethernet = port.link_layer == "Ethernet";
  std::vector<std::string> names = sorted_entries(directory + "gids");
  std::erase_if(names, [](const std::string& name) { return !parse_whole(name); });
  std::ranges::stable_sort(names, {}, [](const std::string& name) { return name.size(); });
  // InfiniBand's first is all that NCCL takes where no router is; Ethernet has one a address.
  names.resize(std::min(names.size(), ethernet ? kMostGids : std::size_t{1}));
  for (const std::string& name : names) {
    if (auto gid = read_gid(directory, name)) {
      port.gids.push_back(std::move(*gid));
    }
  }
}

void read_pkeys(const std::string& directory, std::optional<int> asked, RdmaPort& port) {
  const auto read = [&](int index) {
    const std::string name = std::to_string(index);
    const auto text = read_kernel_file(directory + "pkeys/" + name);
    if (text && trim(*text) != "0x0000") {
      port.pkeys[name] = trim(*text);
    }
    return text && trim(*text) != "0x0000";
  };
  int index = 0;
  while (index < kMostPkeys && read(index)) {
    ++index;
  }
  if (asked && *asked > index) {
    read(*asked);
  }
}

RdmaPort read_port(const std::string& directory, int number, std::optional<int> pkey_index) {
  RdmaPort port;
  port.number = number;
  const auto state = read_kernel_file(directory + "state");
  if (!state) {
    port.error = state.error();
    return port;
  }
  port.state = trim(*state);
  port.physical_state = trimmed(read_kernel_file(directory + "phys_state"));
  port.rate = trimmed(read_kernel_file(directory + "rate"));
  port.link_layer = trimmed(read_kernel_file(directory + "link_layer"));
  if (port.link_layer == "InfiniBand") {
    port.lid = hexadecimal(trimmed(read_kernel_file(directory + "lid")));
    port.subnet_manager_lid = hexadecimal(trimmed(read_kernel_file(directory + "sm_lid")));
    read_pkeys(directory, pkey_index, port);
  }
  read_gids(directory, port);
  return port;
}

}  // namespace

void read_ports(const std::string& root, std::optional<int> pkey_index, RdmaAdapter& adapter) {
  const std::string ports = root + kRdmaClass + adapter.name + "/ports/";
  for (const std::string& name : sorted_entries(ports)) {
    if (const auto number = parse_whole(name); number && *number < 256) {
      adapter.ports.push_back(read_port(ports + name + "/", static_cast<int>(*number), pkey_index));
    }
  }
}

std::map<std::string, std::string> read_counters(const std::string& root,
                                                 const RdmaAdapter& adapter, const RdmaPort& port) {
  constexpr const char* kNames[] = {
      "counters/link_downed",        "counters/link_error_recovery",
      "counters/symbol_error",       "counters/port_rcv_errors",
      "counters/port_xmit_discards", "counters/local_link_integrity_errors",
      "hw_counters/out_of_sequence", "hw_counters/out_of_buffer",
      "hw_counters/packet_seq_err",  "hw_counters/local_ack_timeout_err"};
  std::map<std::string, std::string> counters;
  if (port.error != 0 || !port.state.ends_with("ACTIVE") || adapter.virtual_function) {
    return counters;
  }
  const std::string directory =
      root + kRdmaClass + adapter.name + "/ports/" + std::to_string(port.number) + "/";
  for (const std::string_view path : kNames) {
    const auto text = read_kernel_file(directory + std::string(path));
    if (!text && text.error() == ENOENT) {
      continue;  // not every adapter counts everything
    }
    if (!text || !parse_whole(trim(*text))) {  // EINVAL, or "N/A (no PMA)": refused, and logged
      return {};
    }
    counters[std::string(path.substr(path.find('/') + 1))] = trim(*text);
  }
  return counters;
}

}  // namespace toolkit::gpu
