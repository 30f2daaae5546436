#pragma once
// A loader's cache as ldconfig would write it.

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace toolkit::support {

struct CacheLine {
  std::string soname, path, hwcaps;  // hwcaps: "", one name for all, or "foreign"
};

inline std::string cache_bytes(const std::vector<CacheLine>& lines) {
  const auto number = [](auto value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
  };
#if defined(__aarch64__)
  constexpr std::uint32_t ours = 0x0a03;
#else
  constexpr std::uint32_t ours = 0x0303;
#endif
  const std::size_t texts = 48 + lines.size() * 24;
  std::string entries, text;
  const auto place = [&](const std::string& word) {
    const auto at = static_cast<std::uint32_t>(texts + text.size());
    text += word + '\0';
    return at;
  };
  std::uint32_t hwcaps = 0;
  for (const CacheLine& line : lines) {
    const bool foreign = line.hwcaps == "foreign", special = !foreign && !line.hwcaps.empty();
    hwcaps = special ? place(line.hwcaps) : hwcaps;
    entries += number(foreign ? std::uint32_t{3} : ours);
    entries += number(place(line.soname));
    entries += number(place(line.path));
    entries += number(std::uint32_t{0});
    entries += number(special ? std::uint64_t{1} << 62 : std::uint64_t{0});
  }
  text.resize((text.size() + 3) / 4 * 4);
  const auto extension = static_cast<std::uint32_t>(texts + text.size());
  std::string end = number(std::uint32_t{0xeaa42174}) + number(std::uint32_t{1}) +
                    number(std::uint32_t{1}) + number(std::uint32_t{0}) + number(extension + 24) +
                    number(std::uint32_t{4}) + number(hwcaps);
  return "glibc-ld.so.cache1.1" + number(static_cast<std::uint32_t>(lines.size())) +
         number(static_cast<std::uint32_t>(text.size())) + number(std::uint32_t{2}) +
         number(extension) + std::string(12, '\0') + entries + text + end;
}

/// What ldconfig wrote before glibc 2.32: an old part, here of one entry, and the new one behind.
inline std::string behind_old_format(const std::string& bytes) {
  std::string old = std::string("ld.so-1.7.0") + '\0' + std::string("\1\0\0\0", 4);
  old += std::string(12, '\0');
  old.resize((old.size() + 7) / 8 * 8);
  return old + bytes;
}

}  // namespace toolkit::support
