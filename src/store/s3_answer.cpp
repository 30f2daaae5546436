#include "s3_client.hpp"

#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace toolkit::store {
namespace {

struct Meaning {
  std::string_view code;
  ErrorKind kind;
  std::string_view words, remedy;
};

// docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html; those that mean something else than
// their status says, or for which there is something to do.
constexpr auto kMeanings = std::to_array<Meaning>({
    {"AccessDenied", ErrorKind::denied, "access denied",
     "the key needs s3:ListBucket, s3:GetObject, s3:PutObject, s3:AbortMultipartUpload and "
     "s3:DeleteObject there"},
    {"AllAccessDisabled", ErrorKind::denied, "access denied", ""},
    {"InvalidAccessKeyId", ErrorKind::denied, "the access key is not known there",
     "check AWS_ACCESS_KEY_ID, and that AWS_ENDPOINT_URL_S3 is the server that it is for"},
    {"SignatureDoesNotMatch", ErrorKind::denied, "the secret key is not the access key's",
     "check AWS_SECRET_ACCESS_KEY for a missing or an added character, and AWS_REGION"},
    {"InvalidToken", ErrorKind::denied, "the session token is not valid",
     "unset AWS_SESSION_TOKEN, or renew it with the key that it belongs to"},
    {"ExpiredToken", ErrorKind::denied, "the credentials have expired",
     "renew them, or let them be found where they renew themselves: a role, not variables"},
    {"TokenRefreshRequired", ErrorKind::denied, "the credentials have expired", "renew them"},
    {"RequestTimeTooSkewed", ErrorKind::denied, "the clock of this machine is wrong",
     "set the clock; the server's is in its answer's Date"},
    {"NoSuchBucket", ErrorKind::not_found, "there is no such bucket",
     "create it, or check its name and the endpoint"},
    {"NoSuchKey", ErrorKind::not_found, "not found", ""},
    {"NoSuchUpload", ErrorKind::not_found, "the upload is not known any more", ""},
    {"PermanentRedirect", ErrorKind::failed, "the bucket is in another region",
     "set AWS_REGION to the bucket's region"},
    {"OperationAborted", ErrorKind::unavailable, "another operation is under way", ""},
    {"RequestTimeout", ErrorKind::unavailable, "the server waited too long for the body", ""},
    {"SlowDown", ErrorKind::unavailable, "the server wants fewer requests", ""},
    {"ServiceUnavailable", ErrorKind::unavailable, "the server is overloaded", ""},
    {"InternalError", ErrorKind::unavailable, "an error inside the server", ""},
    {"QuotaExceeded", ErrorKind::failed, "the quota is used up",
     "remove something there, or have the quota raised"},
    {"EntityTooLarge", ErrorKind::failed, "too large for this server", ""},
    {"InvalidBucketName", ErrorKind::usage, "is no name of a bucket", "check the name"},
});

Meaning of_status(unsigned status) {
  switch (status) {
    case 401:
    case 403:
      return {"", ErrorKind::denied, "access denied",
              "check the key and its rights, and this machine's clock"};
    case 404:
      return {"", ErrorKind::not_found, "not found", ""};
    case 409:
      return {"", ErrorKind::conflict, "in conflict with another change", ""};
    case 412:
      return {"", ErrorKind::conflict, "changed meanwhile", ""};
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return {"", ErrorKind::unavailable, "the server cannot do it now", ""};
    case 301:
    case 307:
      return {"", ErrorKind::failed, "the bucket is elsewhere",
              "set AWS_REGION to the bucket's region, and check the endpoint"};
    case 507:
      return {"", ErrorKind::failed, "no space left there", "make room"};
    default:
      return {"", ErrorKind::failed, "the server refuses it", ""};
  }
}

constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
    {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};

std::string without_entities(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const auto* const entity = std::ranges::find_if(
        kEntities, [&](const auto& known) { return text.starts_with(known.first); });
    plain += entity == kEntities.end() ? text.front() : entity->second;
    text.remove_prefix(entity == kEntities.end() ? 1 : entity->first.size());
  }
  return plain;
}

}  // namespace

std::string S3Answer::field(std::string_view name) const {
  const std::string* found = net::find_field(fields, name);
  return found != nullptr ? *found : "";
}

Error error_of(const S3Answer& answer, std::string_view what) {
  const auto* const known =
      std::ranges::find_if(kMeanings, [&](const Meaning& m) { return m.code == answer.code; });
  const Meaning meaning = known != kMeanings.end() ? *known : of_status(answer.status);
  std::string detail = fmt::format("HTTP {}", answer.status);
  for (const std::string& more : {answer.code, answer.message}) {
    detail += more.empty() ? "" : ", " + printable(std::string_view(more).substr(0, 200));
  }
  return {meaning.kind, fmt::format("{}: {} ({})", what, meaning.words, detail),
          std::string(meaning.remedy), 0};
}

std::string xml_text(std::string_view xml, std::string_view name) {
  const std::string open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
  const std::size_t begin = xml.find(open);
  const std::size_t end = begin == std::string_view::npos ? begin : xml.find(close, begin);
  if (end == std::string_view::npos) {
    return {};
  }
  return without_entities(xml.substr(begin + open.size(), end - begin - open.size()));
}

}  // namespace toolkit::store
