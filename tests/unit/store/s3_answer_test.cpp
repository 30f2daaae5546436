#include <doctest/doctest.h>
#include <src/store/s3_client.hpp>

using namespace toolkit;
using namespace toolkit::store;

namespace {

Error error(unsigned status, std::string code, std::string message = {}) {
  return error_of({status, {}, {}, false, std::move(code), std::move(message)}, "cannot write x");
}

}  // namespace

TEST_CASE("s3 answers: the kind says whether to try again") {
  for (const unsigned status : {408, 429, 500, 502, 503, 504}) {
    CHECK(error(status, "").kind == ErrorKind::unavailable);
  }
  CHECK(error(404, "").kind == ErrorKind::not_found);
  CHECK(error(404, "NoSuchBucket").kind == ErrorKind::not_found);
  CHECK(error(401, "").kind == ErrorKind::denied);
  CHECK(error(403, "AccessDenied").kind == ErrorKind::denied);
  CHECK(error(400, "ExpiredToken").kind == ErrorKind::denied);
  CHECK(error(409, "PositionNotEqualToLength").kind == ErrorKind::conflict);
  CHECK(error(412, "PreconditionFailed").kind == ErrorKind::conflict);
  CHECK(error(409, "OperationAborted").kind == ErrorKind::unavailable);
  CHECK(error(400, "RequestTimeout").kind == ErrorKind::unavailable);
  CHECK(error(200, "InternalError").kind == ErrorKind::unavailable);
  CHECK(error(400, "EntityTooSmall").kind == ErrorKind::failed);
  CHECK(error(501, "NotImplemented").kind == ErrorKind::failed);
}

TEST_CASE("s3 answers: an error names the thing, the meaning, and what the server said") {
  const Error denied = error(403, "InvalidAccessKeyId", "no \x1b[31m such key");
  CHECK(denied.message ==
        "cannot write x: the access key is not known there (HTTP 403, InvalidAccessKeyId, no "
        "\\x1b[31m such key)");
  CHECK(denied.remedy.find("AWS_ACCESS_KEY_ID") != std::string::npos);
  CHECK(error(404, "").message == "cannot write x: not found (HTTP 404)");
}

TEST_CASE("s3 answers: a text in XML") {
  const std::string_view xml = "<?xml?><Error><Code>A&amp;B&lt;c&gt;</Code><Message/></Error>";
  CHECK(xml_text(xml, "Code") == "A&B<c>");
  CHECK(xml_text(xml, "Message").empty());
  CHECK(xml_text("<Code>open", "Code").empty());
  CHECK(xml_text("<Code>&amp;lt;</Code>", "Code") == "&lt;");
}
