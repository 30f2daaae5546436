#include <toolkit/base/text.hpp>
#include <toolkit/net/http_client.hpp>

#include <algorithm>
#include <array>

namespace toolkit::net {
namespace {

using std::chrono::sys_days;

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char left, char right) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
    return lower(left) == lower(right);
  });
}

std::optional<unsigned> month_of(std::string_view name) {
  constexpr std::array<std::string_view, 12> kNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto* const found = std::ranges::find(kNames, name);
  return found == kNames.end() ? std::nullopt
                               : std::optional(static_cast<unsigned>(found - kNames.begin()) + 1);
}

}  // namespace

const std::string* find_field(const HttpFields& fields, std::string_view name) {
  for (const auto& [known, value] : fields) {
    if (same_name(known, name)) {
      return &value;
    }
  }
  return nullptr;
}

// Servers send the fixed form alone (RFC 9110, 5.6.7: the others are obsolete).
std::optional<WallTime> parse_http_date(std::string_view text) {
  constexpr std::string_view kForm = "Sun, 06 Nov 1994 08:49:37 GMT";
  if (text.size() != kForm.size() || text.substr(25) != " GMT" || text.substr(3, 2) != ", " ||
      text[7] != ' ' || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':') {
    return std::nullopt;
  }
  const auto month = month_of(text.substr(8, 3));
  const auto day = parse_whole(text.substr(5, 2)), year = parse_whole(text.substr(12, 4)),
             hour = parse_whole(text.substr(17, 2)), minute = parse_whole(text.substr(20, 2)),
             second = parse_whole(text.substr(23, 2));
  if (!month || !day || !year || !hour || !minute || !second || *hour > 23 || *minute > 59 ||
      *second > 60 || *year < 1970 || *year > 2261) {  // what 64 bits of nanoseconds hold
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                         std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) {
    return std::nullopt;
  }
  return sys_days(date) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
         std::chrono::seconds(*second);
}

}  // namespace toolkit::net
