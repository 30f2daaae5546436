#include "s3_signature.hpp"

#include "s3_credentials.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/base/wall_clock.hpp>
#include <toolkit/net/digest.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::store {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string to_lower(std::string text) {
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

// "20130524T000000Z".
std::string time_text(WallTime time) {
  std::string text = utc_text(time).substr(0, 19);  // 2013-05-24T00:00:00
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text + 'Z';
}

// Without blanks at the ends, and one for several inside.
std::string value_text(std::string_view value) {
  std::string text;
  for (const char c : trim(value)) {
    if (c != ' ' || text.back() != ' ') {
      text += c;
    }
  }
  return text;
}

struct CanonicalFields {
  std::string lines, names;
};

CanonicalFields canonical(const net::HttpFields& fields) {
  net::HttpFields sorted;
  for (const auto& [name, value] : fields) {
    sorted.emplace_back(to_lower(name), value_text(value));
  }
  std::ranges::sort(sorted);
  CanonicalFields made;
  for (const auto& [name, value] : sorted) {
    made.lines += name + ':' + value + '\n';
    made.names += (made.names.empty() ? "" : ";") + name;
  }
  return made;
}

std::string signing_key(const S3Credentials& credentials, const std::string& day,
                        const SignatureInput& input) {
  std::string key = net::hmac_sha256("AWS4" + credentials.secret_key, day);
  key = net::hmac_sha256(key, input.region);
  key = net::hmac_sha256(key, input.service);
  return net::hmac_sha256(key, "aws4_request");
}

}  // namespace

std::string s3_escape(std::string_view text, bool keep_slashes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || (keep_slashes && c == '/')) {
      escaped += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      escaped += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return escaped;
}

std::string s3_query_text(const S3Query& query) {
  S3Query escaped;
  for (const auto& [name, value] : query) {
    escaped.emplace_back(s3_escape(name, false), s3_escape(value, false));
  }
  std::ranges::sort(escaped);
  std::string text;
  for (const auto& [name, value] : escaped) {
    text += (text.empty() ? "" : "&") + name + '=' + value;
  }
  return text;
}

net::HttpFields sign(const SignatureInput& input, const S3Credentials& credentials) {
  const std::string time = time_text(input.time);
  const std::string day = time.substr(0, 8);
  net::HttpFields added{{"x-amz-date", time}};
  if (input.service == "s3") {
    added.emplace_back("x-amz-content-sha256", input.payload_hash);
  }
  if (!credentials.session_token.empty()) {
    added.emplace_back("x-amz-security-token", credentials.session_token);
  }
  net::HttpFields signed_fields = input.fields;
  signed_fields.insert(signed_fields.end(), added.begin(), added.end());
  signed_fields.emplace_back("host", input.host);
  const CanonicalFields fields = canonical(signed_fields);
  const std::string request =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", input.method, input.path, s3_query_text(input.query),
                  fields.lines, fields.names, input.payload_hash);
  const std::string scope = fmt::format("{}/{}/{}/aws4_request", day, input.region, input.service);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope, net::to_hex(net::sha256(request)));
  const std::string signature =
      net::to_hex(net::hmac_sha256(signing_key(credentials, day, input), to_sign));
  added.emplace_back("Authorization",
                     fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", kAlgorithm,
                                 credentials.access_key, scope, fields.names, signature));
  return added;
}

}  // namespace toolkit::store
