#include "credential_answer.hpp"

#include "s3_client.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace toolkit::store {
namespace {

using Json = nlohmann::json;

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// What goes into a field of a request must not break out of it.
bool is_key(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7F') {
      return false;
    }
  }
  return true;
}

// Without an end they would be kept for ever: none is fine, one that cannot be read is not.
Result<S3Credentials> checked(S3Credentials made, const std::string& expiration) {
  if (made.access_key.empty() || made.secret_key.empty()) {
    return fail(
        ErrorKind::failed,
        fmt::format("{}: the answer has no AccessKeyId or no SecretAccessKey", made.source));
  }
  if (!is_key(made.access_key) || !is_key(made.secret_key) || !is_key(made.session_token)) {
    return fail(
        ErrorKind::failed,
        fmt::format("{}: the answer has blanks or control characters in a key", made.source));
  }
  made.expires = parse_rfc3339(expiration);
  if (!expiration.empty() && !made.expires) {
    return fail(ErrorKind::failed,
                fmt::format("{}: the answer's Expiration is no time", made.source));
  }
  return made;
}

Result<S3Credentials> of_json(const Json& object, const std::string& source) {
  const std::string code = text_of(object, "Code");
  if (!code.empty() && code != "Success") {
    return fail(ErrorKind::denied, fmt::format("{}: {} {}", source, printable(code),
                                               printable(text_of(object, "Message"))));
  }
  S3Credentials made;
  made.access_key = text_of(object, "AccessKeyId");
  made.secret_key = text_of(object, "SecretAccessKey");
  made.session_token = text_of(object, "Token");
  if (made.session_token.empty()) {
    made.session_token = text_of(object, "SessionToken");
  }
  made.source = source;
  return checked(std::move(made), text_of(object, "Expiration"));
}

std::optional<long long> digits(std::string_view text, std::size_t at, std::size_t count) {
  return text.size() >= at + count ? parse_whole(text.substr(at, count)) : std::nullopt;
}

// "Z", "+02:00": how far ahead of UTC; behind a fraction, which does not matter here.
std::optional<std::chrono::minutes> offset_of(std::string_view rest) {
  if (rest.starts_with('.')) {
    const std::size_t end = rest.find_first_not_of("0123456789", 1);
    rest = end == 1 || end == std::string_view::npos ? "" : rest.substr(end);
  }
  if (rest == "Z") {
    return std::chrono::minutes(0);
  }
  const auto hours = digits(rest, 1, 2), minutes = digits(rest, 4, 2);
  if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':' || !hours ||
      !minutes) {
    return std::nullopt;
  }
  return std::chrono::minutes((*hours * 60 + *minutes) * (rest[0] == '-' ? -1 : 1));
}

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  const auto number_of = [&](std::size_t at, std::size_t count) { return digits(text, at, count); };
  const auto y = number_of(0, 4), m = number_of(5, 2), d = number_of(8, 2);
  const auto hour = number_of(11, 2), minute = number_of(14, 2), second = number_of(17, 2);
  if (!y || !m || !d || !hour || !minute || !second || text[4] != '-' || text[7] != '-' ||
      text[10] != 'T' || text[13] != ':' || text[16] != ':' || *hour > 23 || *minute > 59 ||
      *second > 60 || *y < 1970) {
    return std::nullopt;
  }
  // The clock counts nanoseconds in 64 bits, which end in 2262; some write 9999 for never.
  constexpr long long kLastYear = 2261;
  const year_month_day date{year(static_cast<int>(std::min(*y, kLastYear))),
                            month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
  const auto offset = offset_of(text.substr(19));
  if (!date.ok() || !offset) {
    return std::nullopt;
  }
  return sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second) - *offset;
}

Result<S3Credentials> parse_credentials_json(std::string_view text, const std::string& source) {
  const Json object = Json::parse(text, nullptr, false);
  if (!object.is_object()) {
    return fail(ErrorKind::failed, fmt::format("{}: the answer is no JSON object", source));
  }
  return of_json(object, source);
}

Result<S3Credentials> parse_credentials_xml(std::string_view text, const std::string& source) {
  S3Credentials made;
  made.access_key = xml_text(text, "AccessKeyId");
  made.secret_key = xml_text(text, "SecretAccessKey");
  made.session_token = xml_text(text, "SessionToken");
  made.source = source;
  return checked(std::move(made), xml_text(text, "Expiration"));
}

}  // namespace toolkit::store
