#pragma once
// What S3 answers in XML (docs.aws.amazon.com/AmazonS3/latest/API): listings of objects, parts and
// uploads. Bytes from outside: what is missing or no number makes the whole answer an error, since
// a listing that was half understood would read as "not there".

#include <toolkit/base/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toolkit::store {

struct S3Object {
  std::string key;  // as it is: not escaped
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // nanoseconds since 1970
  std::string etag;           // without its quotes
};

/// One page of ListObjectsV2.
struct S3ObjectPage {
  std::vector<S3Object> objects;
  std::vector<std::string> prefixes;  // CommonPrefixes: "a/b/"
  std::string next;                   // the continuation token; empty: this was the last page
};

struct S3Part {
  std::uint32_t number = 0;
  std::uint64_t size = 0;
  std::string etag;  // without its quotes
};

/// One page of ListParts.
struct S3PartPage {
  std::vector<S3Part> parts;
  std::uint32_t next = 0;  // the part-number marker; 0: this was the last page
};

struct S3Upload {
  std::string key, id;
  std::int64_t started = 0;  // nanoseconds since 1970; 0 where it is not told
};

/// The errors say what is wrong with the answer: "an answer that is no listing".
[[nodiscard]] Result<S3ObjectPage> parse_object_page(std::string_view xml);
[[nodiscard]] Result<S3PartPage> parse_part_page(std::string_view xml);
/// The first page of ListMultipartUploads.
[[nodiscard]] Result<std::vector<S3Upload>> parse_uploads(std::string_view xml);

/// The body of CompleteMultipartUpload.
[[nodiscard]] std::string complete_text(const std::vector<S3Part>& parts);

}  // namespace toolkit::store
