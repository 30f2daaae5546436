#include "s3_text.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

namespace toolkit::store {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

int hex_value(char c) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  if (c >= 'a' && c <= 'f') {
    return c - 'a' + 10;
  }
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Digits only: "+1" and " 1" are no numbers here.
std::optional<std::int64_t> digits(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return parse_whole(text);
}

// What stands behind the point, as nanoseconds; further digits are cut.
std::optional<std::int64_t> fraction(std::string_view text) {
  std::string nine(text.substr(0, 9));
  nine.resize(9, '0');
  return digits(text) || text.size() > 18 ? digits(nine) : std::nullopt;
}

// `whole` and ".fraction", each of them digits.
std::optional<std::int64_t> with_fraction(std::string_view text, std::int64_t whole) {
  if (text.empty()) {
    return whole;
  }
  const auto part = text[0] == '.' ? fraction(text.substr(1)) : std::nullopt;
  return part ? std::optional(whole + *part) : std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_s3_time(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
      text[16] != ':' || text.back() != 'Z') {
    return std::nullopt;
  }
  const auto year = digits(text.substr(0, 4)), month = digits(text.substr(5, 2)),
             day = digits(text.substr(8, 2)), hour = digits(text.substr(11, 2)),
             minute = digits(text.substr(14, 2)), second = digits(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second || *hour > 23 || *minute > 59 ||
      *second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *year < 1970 || *year > 2261) {  // where 64 bits of nanoseconds end
    return std::nullopt;
  }
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = ((days * 24 + *hour) * 60 + *minute) * 60 + *second;
  return with_fraction(text.substr(19, text.size() - 20), seconds * kSecond);
}

std::string time_text(std::int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  // The smallest of all numbers has no positive one.
  const std::uint64_t size = negative ? ~static_cast<std::uint64_t>(nanoseconds) + 1
                                      : static_cast<std::uint64_t>(nanoseconds);
  return fmt::format("{}{}.{:09}", negative ? "-" : "", size / kSecond, size % kSecond);
}

std::optional<std::int64_t> parse_time_text(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  text.remove_prefix(negative ? 1 : 0);
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto whole = digits(text.substr(0, point));
  if (!whole || *whole > INT64_MAX / kSecond - 1) {
    return std::nullopt;
  }
  const auto time = with_fraction(text.substr(point), *whole * kSecond);
  return time && negative ? std::optional(-*time) : time;
}

std::string_view bare_tag(std::string_view etag) {
  etag = trim(etag);
  if (etag.starts_with("W/")) {
    etag.remove_prefix(2);
  }
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return etag;
}

std::optional<std::string> tag_md5(std::string_view bare) {
  if (bare.size() != 32) {
    return std::nullopt;
  }
  std::string bytes;
  for (std::size_t i = 0; i < bare.size(); i += 2) {
    const int high = hex_value(bare[i]), low = hex_value(bare[i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string unescape_key(std::string_view text) {
  std::string key;
  key.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (text[i] == '%' && low >= 0) {
      key += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      key += text[i] == '+' ? ' ' : text[i];
    }
  }
  return key;
}

}  // namespace toolkit::store
