#include "number_with_unit.hpp"

#include <toolkit/base/byte_size.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>

namespace toolkit {
namespace {

// 0 for an unknown unit. K, KB and KiB are all 1024, as rsync's K and docker's k.
double bytes_per(std::string_view unit) {
  if (unit.empty() || unit == "B") {
    return 1;
  }
  static constexpr std::string_view kLetters = "KMGT";
  const char letter = unit[0] >= 'a' ? static_cast<char>(unit[0] - 'a' + 'A') : unit[0];
  const auto power = kLetters.find(letter);
  const std::string_view rest = unit.substr(1);
  if (power == std::string_view::npos ||
      !(rest.empty() || rest == "B" || rest == "iB" || rest == "b")) {
    return 0;
  }
  return static_cast<double>(1ULL << (10 * (power + 1)));
}

// A whole number of bytes, which a double would round from 2^53 on.
std::optional<ByteSize> whole_bytes(std::string_view text) {
  const auto number = parse_whole(text);
  return number ? std::optional(ByteSize{static_cast<std::uint64_t>(*number)}) : std::nullopt;
}

}  // namespace

Result<ByteSize> parse_byte_size(std::string_view text) {
  if (const auto bytes = whole_bytes(text)) {
    return *bytes;
  }
  const auto parsed = parse_number_with_unit(text);
  const double scale = parsed ? bytes_per(parsed->unit) : 0;
  if (scale == 0) {
    return fail(ErrorKind::usage, fmt::format("'{}' is not a size", text),
                "write it as 4096, 64K, 10M or 1G (powers of 1024)");
  }
  const double value = parsed->number * scale;
  if (value >= 0x1p63) {
    return fail(ErrorKind::usage, fmt::format("'{}' is too large a size", text));
  }
  return ByteSize{static_cast<std::uint64_t>(value)};
}

std::string describe_bytes(std::uint64_t bytes) {
  if (bytes < 1024) {
    return fmt::format("{} B", bytes);
  }
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  static constexpr const char* kNames[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  while (value >= 1023.95 && unit + 1 < std::size(kNames)) {
    value /= 1024;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kNames[unit]);
}

}  // namespace toolkit
