#include "proc_text.hpp"

#include <toolkit/base/text.hpp>

#include <algorithm>
#include <charconv>

namespace toolkit::gpu {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::vector<std::pair<std::string, std::uint32_t>> parse_majors(std::string_view text) {
  std::vector<std::pair<std::string, std::uint32_t>> majors;
  for (const std::string_view line : split(text.substr(0, text.find("Block devices:")), '\n')) {
    const std::string_view entry = trim(line);
    const auto blank = entry.find(' ');
    const auto number = parse_whole(entry.substr(0, blank));
    if (blank != entry.npos && number && *number <= 0xfffff) {
      majors.emplace_back(trim(entry.substr(blank)), static_cast<std::uint32_t>(*number));
    }
  }
  return majors;
}

std::string version_in(std::string_view line) {
  for (const std::string_view word : split(line, ' ')) {
    if (is_version(word)) {
      return std::string(word);
    }
  }
  return "";
}

ProcGpu parse_information(std::string address, std::string_view text) {
  ProcGpu gpu;
  gpu.address = std::move(address);
  for (const std::string_view line : split(text, '\n')) {
    const auto colon = line.find(':');
    if (colon == line.npos) {
      continue;
    }
    const std::string_view key = trim(line.substr(0, colon));
    const std::string_view value = trim(line.substr(colon + 1));
    if (key == "Model") {
      gpu.model = value;
    } else if (key == "GPU UUID") {
      gpu.uuid = value;
    } else if (key == "GPU Excluded") {
      gpu.excluded = value;
    } else if (const auto minor = parse_whole(value);
               key == "Device Minor" && minor && *minor < 255) {  // 255 is nvidiactl
      gpu.minor = static_cast<std::uint32_t>(*minor);
    }
  }
  return gpu;
}

std::optional<std::uint32_t> parse_hex(std::string_view text) {
  text.remove_prefix(text.starts_with("0x") ? 2 : 0);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number)
                                                                  : std::nullopt;
}

bool is_version(std::string_view text) {
  const auto parts = split(text, '.');
  return parts.size() >= 2 && text.size() < 64 && std::ranges::all_of(parts, [](auto part) {
           return !part.empty() && std::ranges::all_of(part, is_digit);
         });
}

}  // namespace toolkit::gpu
