#include "loader_cache.hpp"

#include <cstdint>
#include <cstring>
#include <optional>

namespace toolkit::gpu {
namespace {

constexpr std::string_view kOldMark = "ld.so-1.7.0", kMark = "glibc-ld.so.cache1.1";
constexpr std::size_t kOldHeader = 16, kOldEntry = 12, kHeader = 48, kEntry = 24;
constexpr std::uint32_t kExtensionMark = 0xeaa42174, kHwcapsSection = 1;
constexpr std::uint64_t kHwcapsBit = std::uint64_t{1} << 62;
// FLAG_ELF_LIBC6 with the architecture's bits.
#if defined(__aarch64__)
constexpr std::uint32_t kOurs = 0x0a03;
#else
constexpr std::uint32_t kOurs = 0x0303;
#endif

template <typename T>
std::optional<T> number_at(std::string_view bytes, std::size_t at) {
  if (at > bytes.size() || bytes.size() - at < sizeof(T)) {
    return std::nullopt;
  }
  T number;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

// Text that ends with a NUL inside of the file.
std::string_view text_at(std::string_view bytes, std::size_t at) {
  const auto rest = bytes.substr(at < bytes.size() ? at : bytes.size());
  const auto end = rest.find('\0');
  return end == rest.npos ? std::string_view() : rest.substr(0, end);
}

// Names of the subdirectories of glibc-hwcaps, which entries give by number.
std::vector<std::string_view> hwcaps_of(std::string_view bytes) {
  std::vector<std::string_view> names;
  const std::size_t at = number_at<std::uint32_t>(bytes, 32).value_or(0);
  if (at == 0 || number_at<std::uint32_t>(bytes, at) != kExtensionMark) {
    return names;
  }
  const std::uint32_t sections = number_at<std::uint32_t>(bytes, at + 4).value_or(0);
  for (std::size_t i = 0; i < sections; ++i) {
    const std::size_t section = at + 8 + i * 16;
    const auto tag = number_at<std::uint32_t>(bytes, section);
    const auto offset = number_at<std::uint32_t>(bytes, section + 8);
    const auto size = number_at<std::uint32_t>(bytes, section + 12);
    if (!size) {
      break;
    }
    for (std::size_t j = 0; *tag == kHwcapsSection && j + 4 <= *size; j += 4) {
      const auto name = number_at<std::uint32_t>(bytes, *offset + j);
      if (!name) {
        break;
      }
      names.push_back(text_at(bytes, *name));
    }
  }
  return names;
}

LoaderCache parse_new(std::string_view bytes) {
  LoaderCache cache;
  const auto hwcaps = hwcaps_of(bytes);
  const std::uint32_t count = number_at<std::uint32_t>(bytes, 20).value_or(0);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = kHeader + i * kEntry;
    const auto hardware = number_at<std::uint64_t>(bytes, at + 16);
    if (!hardware) {
      cache.trouble = "it is cut short";
      break;
    }
    CacheEntry entry{text_at(bytes, *number_at<std::uint32_t>(bytes, at + 4)),
                     text_at(bytes, *number_at<std::uint32_t>(bytes, at + 8)), ""};
    if ((*hardware & kHwcapsBit) != 0) {
      const auto index = static_cast<std::uint32_t>(*hardware);
      entry.hwcaps = index < hwcaps.size() ? hwcaps[index] : "unknown";
    }
    if ((*number_at<std::uint32_t>(bytes, at) & 0xffff) == kOurs && !entry.path.empty()) {
      cache.entries.push_back(entry);
    }
  }
  return cache;
}

LoaderCache parse_old(std::string_view bytes, std::size_t count) {
  LoaderCache cache;
  const std::size_t texts = kOldHeader + count * kOldEntry;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = kOldHeader + i * kOldEntry;
    const auto path = number_at<std::uint32_t>(bytes, at + 8);
    if (!path) {
      cache.trouble = "it is cut short";
      break;
    }
    const CacheEntry entry{text_at(bytes, texts + *number_at<std::uint32_t>(bytes, at + 4)),
                           text_at(bytes, texts + *path), ""};
    if ((*number_at<std::uint32_t>(bytes, at) & 0xffff) == kOurs && !entry.path.empty()) {
      cache.entries.push_back(entry);
    }
  }
  return cache;
}

}  // namespace

LoaderCache parse_loader_cache(std::string_view bytes) {
  if (bytes.starts_with(kMark)) {
    return parse_new(bytes);
  }
  if (!bytes.starts_with(kOldMark)) {
    return {{}, bytes.empty() ? "it is empty" : "it is of no format that we know"};
  }
  const std::size_t count = number_at<std::uint32_t>(bytes, 12).value_or(0);
  const std::size_t behind = (kOldHeader + count * kOldEntry + 7) / 8 * 8;
  const auto rest = bytes.substr(behind < bytes.size() ? behind : bytes.size());
  return rest.starts_with(kMark) ? parse_new(rest) : parse_old(bytes, count);
}

}  // namespace toolkit::gpu
