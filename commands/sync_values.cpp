#include "sync_values.hpp"

#include "choose.hpp"

#include <toolkit/base/text.hpp>

#include <ctime>

namespace toolkit::commands {
namespace {

// "2021-07-04" and "2021-07-04 15:50:26" in local time; nothing for anything else.
std::optional<std::time_t> read_date(const std::string& text) {
  for (const char* const form : {"%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"}) {
    std::tm parts{};
    parts.tm_isdst = -1;
    const char* const end = ::strptime(text.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') {
      return std::mktime(&parts);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<void> read_value(std::string_view text, Bandwidth& out) {
  const bool is_bare = !text.empty() && text.back() >= '0' && text.back() <= '9';
  TRY_ASSIGN(const ByteSize size, parse_byte_size(std::string(text) + (is_bare ? "K" : "")));
  out.bytes = size.bytes;
  return {};
}

Result<void> read_value(std::string_view text, Since& out) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  if (const auto date = read_date(std::string(text))) {
    out.nanoseconds = *date * kSecond;
    return {};
  }
  const auto ago = parse_duration(text);
  if (!ago) {
    return fail(ErrorKind::usage, fmt::format("'{}' is no date and no duration", text),
                "2021-07-04, '2021-07-04 15:50:26', or 2h for two hours ago");
  }
  out.nanoseconds = std::time(nullptr) * kSecond - ago->count() * 1'000'000;
  return {};
}

}  // namespace toolkit::commands

namespace toolkit::selection {

Result<void> read_value(std::string_view text, Links& out) {
  return commands::choose(text, out, {{"inside", Links::inside}, {"skip", Links::skip}});
}

}  // namespace toolkit::selection

namespace toolkit::sync {

Result<void> read_value(std::string_view text, OnRewrite& out) {
  return commands::choose(
      text, out,
      {{"keep", OnRewrite::keep}, {"replace", OnRewrite::replace}, {"fail", OnRewrite::fail}});
}

}  // namespace toolkit::sync
