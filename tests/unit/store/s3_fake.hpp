#pragma once
// A bucket in memory behind real HTTP, which speaks the dialect that a test asks for, and fails
// where a test wants it to.

#include <toolkit/net/digest.hpp>

#include <fmt/core.h>
#include <src/store/s3_signature.hpp>
#include <src/store/s3_store.hpp>
#include <src/store/s3_text.hpp>
#include <tests/support/environment.hpp>
#include <tests/support/http_server.hpp>

#include <map>
#include <optional>

namespace toolkit::support {

struct S3Dialect {
  bool appends = false;  // else an append is a PUT, as everywhere but at Ceph
  enum class Conditions { heeded, unquoted, ignored, unknown };
  Conditions conditions = Conditions::heeded;
  std::size_t page = 1000;
  bool ceph = false;                 // it says so with every object
  bool conditional_deletes = false;  // else a DELETE removes whatever is there
};

class FakeS3 {
 public:
  struct Object {
    std::string bytes, time;
    bool grows = false;  // Ceph: born by an append
    std::string tag{};   // empty: its MD5
  };
  explicit FakeS3(S3Dialect dialect = {}) : dialect_(dialect) {}

  /// Asked first; an answer of it is the answer. "" closes the connection.
  std::function<std::optional<std::string>(const HttpHeard&)> before;
  /// Called when the answer is made; may put another one in its place.
  std::function<std::optional<std::string>(const HttpHeard&)> after;
  std::map<std::string, Object> objects;  // of the bucket "b"
  Milliseconds silence{sanitized() ? 30'000 : 3'000};

  [[nodiscard]] std::unique_ptr<store::Store> open(const std::string& prefix = "") const {
    store::Settings settings;
    settings.s3.endpoint = server_.url();
    settings.silence = silence;
    settings.get_env = [](const char* name) -> const char* {
      const std::string_view wanted = name;
      return wanted == "AWS_ACCESS_KEY_ID"                                            ? "key"
             : wanted == "AWS_SECRET_ACCESS_KEY"                                      ? "secret"
             : wanted == "AWS_REGION"                                                 ? "us-east-1"
             : wanted == "AWS_EC2_METADATA_DISABLED"                                  ? "true"
             : wanted == "AWS_CONFIG_FILE" || wanted == "AWS_SHARED_CREDENTIALS_FILE" ? "/dev/null"
                                                                                      : nullptr;
    };
    store::Location location;
    location.kind = store::Location::Kind::s3;
    location.bucket = "b";
    location.path = prefix;
    return std::move(*store::open_s3_store(location, settings));
  }

  /// How many requests were heard whose method and target begin so.
  [[nodiscard]] int count(const std::string& method, const std::string& target = "/") const {
    int sum = 0;
    for (const HttpHeard& heard : server_.heard()) {
      sum += heard.method == method && heard.target.starts_with(target) ? 1 : 0;
    }
    return sum;
  }
  [[nodiscard]] std::vector<HttpHeard> heard() const { return server_.heard(); }
  [[nodiscard]] std::size_t uploads() const { return uploads_.size(); }

  static std::string error(std::string_view status, const std::string& code) {
    return HttpServer::answer(status, "<Error><Code>" + code + "</Code></Error>");
  }
  static std::string etag(const Object& object) {
    return object.tag.empty() ? net::to_hex(net::md5(object.bytes)) : object.tag;
  }

 private:
  using Query = std::map<std::string, std::string>;

  static Query parse_query(std::string_view text) {
    Query query;
    while (!text.empty()) {
      const std::string_view pair = text.substr(0, text.find('&'));
      const std::size_t equal = std::min(pair.find('='), pair.size());
      query[store::unescape_key(pair.substr(0, equal))] =
          store::unescape_key(pair.substr(std::min(equal + 1, pair.size())));
      text.remove_prefix(std::min(pair.size() + 1, text.size()));
    }
    return query;
  }

  std::string handle(const HttpHeard& heard) {
    if (before) {
      if (auto answer = before(heard)) {
        return *answer;
      }
    }
    const std::size_t mark = std::min(heard.target.find('?'), heard.target.size());
    const std::string path = store::unescape_key(heard.target.substr(1, mark - 1));
    const Query query = parse_query(heard.target.substr(std::min(mark + 1, heard.target.size())));
    const std::string key = path.size() > 2 ? path.substr(2) : "";
    std::string answer = path.substr(0, 1) != "b" ? error("404 Not Found", "NoSuchBucket")
                         : key.empty()            ? of_bucket(query)
                                                  : of_object(heard, key, query);
    if (after) {
      return after(heard).value_or(answer);
    }
    return answer;
  }

  std::string of_bucket(const Query& query) {
    if (query.contains("uploads")) {
      return HttpServer::answer("200 OK", "<ListMultipartUploadsResult/>");
    }
    const std::string prefix = query.contains("prefix") ? query.at("prefix") : "";
    const bool flat = !query.contains("delimiter");
    const std::string token =
        query.contains("continuation-token") ? query.at("continuation-token") : "";
    std::string body, last;
    std::size_t count = 0;
    bool more = false;
    for (auto at = objects.upper_bound(token); at != objects.end(); ++at) {
      const auto& [key, object] = *at;
      if (!key.starts_with(prefix)) {
        continue;
      }
      const std::size_t slash = flat ? std::string::npos : key.find('/', prefix.size());
      const std::string common = slash == std::string::npos ? "" : key.substr(0, slash + 1);
      if (!common.empty() && last.starts_with(common)) {
        continue;
      }
      if (count == dialect_.page) {
        more = true;
        break;
      }
      ++count;
      last = key;
      body += !common.empty()
                  ? "<CommonPrefixes><Prefix>" + store::s3_escape(common, false) +
                        "</Prefix></CommonPrefixes>"
                  : fmt::format(
                        "<Contents><Key>{}</Key><LastModified>2026-11-23T12:00:00.000Z"
                        "</LastModified><ETag>&quot;{}&quot;</ETag><Size>{}</Size></Contents>",
                        store::s3_escape(key, false), etag(object), object.bytes.size());
    }
    return HttpServer::answer(
        "200 OK",
        fmt::format("<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>{}"
                    "</IsTruncated>{}{}</ListBucketResult>",
                    more, body,
                    more ? "<NextContinuationToken>" + last + "</NextContinuationToken>" : ""));
  }

  std::string of_object(const HttpHeard& heard, const std::string& key, const Query& query) {
    if (query.contains("uploads") || query.contains("uploadId")) {
      return of_upload(heard, key, query);
    }
    if (heard.method == "PUT") {
      return put(heard, key, query);
    }
    const auto found = objects.find(key);
    if (heard.method == "DELETE") {
      const std::string match = heard.field("If-Match");
      if (dialect_.conditional_deletes && !match.empty() &&
          (found == objects.end() || match != "\"" + etag(found->second) + "\"")) {
        return error("412 Precondition Failed", "PreconditionFailed");
      }
      objects.erase(key);
      return HttpServer::answer("204 No Content", "");
    }
    if (found == objects.end()) {
      return heard.method == "HEAD" ? "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\n"
                                    : error("404 Not Found", "NoSuchKey");
    }
    return get(heard, found->second);
  }

  [[nodiscard]] std::string fields_of(const Object& object) const {
    return std::string(dialect_.ceph ? "x-rgw-object-type: Normal\r\n" : "") + "ETag: \"" +
           etag(object) + "\"\r\nLast-Modified: Mon, 23 Nov 2026 12:00:00 GMT\r\n" +
           (object.time.empty() ? "" : "x-amz-meta-mtime: " + object.time + "\r\n");
  }

  [[nodiscard]] std::string get(const HttpHeard& heard, const Object& object) const {
    const std::string fields = fields_of(object);
    if (heard.method == "HEAD") {
      return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{}\r\n", object.bytes.size(),
                         fields);
    }
    const std::string match = heard.field("If-Match");
    if (!match.empty() && match != "\"" + etag(object) + "\"") {
      return error("412 Precondition Failed", "PreconditionFailed");
    }
    const std::string range = heard.field("Range");
    if (range.empty()) {
      return HttpServer::answer("200 OK", object.bytes, fields);
    }
    const std::size_t from = std::stoul(range.substr(6));
    const std::size_t to = std::stoul(range.substr(range.find('-') + 1));
    return from >= object.bytes.size()
               ? error("416 Range Not Satisfiable", "InvalidRange")
               : HttpServer::answer("206 Partial Content", object.bytes.substr(from, to - from + 1),
                                    fields);
  }

  // The answer of a condition that does not hold; nothing to go on.
  std::optional<std::string> judge(const HttpHeard& heard, const std::string& key) {
    using Conditions = S3Dialect::Conditions;
    const std::string none = heard.field("If-None-Match"), match = heard.field("If-Match");
    if ((none.empty() && match.empty()) || dialect_.conditions == Conditions::ignored) {
      return std::nullopt;
    }
    if (dialect_.conditions == Conditions::unknown) {
      return error("501 Not Implemented", "NotImplemented");
    }
    const auto found = objects.find(key);
    const std::string quote = dialect_.conditions == Conditions::unquoted ? "" : "\"";
    const bool holds = !none.empty()
                           ? found == objects.end()
                           : found != objects.end() && match == quote + etag(found->second) + quote;
    return holds ? std::nullopt
                 : std::optional(error("412 Precondition Failed", "PreconditionFailed"));
  }

  std::string put(const HttpHeard& heard, const std::string& key, const Query& query) {
    if (auto refused = judge(heard, key)) {
      return *refused;
    }
    const std::string digest = heard.field("Content-MD5");
    if (!digest.empty() && digest != net::to_base64(net::md5(heard.body))) {
      return error("400 Bad Request", "BadDigest");
    }
    if (const std::string source = heard.field("x-amz-copy-source"); !source.empty()) {
      const auto found = objects.find(store::unescape_key(source).substr(3));
      if (found == objects.end()) {
        return error("404 Not Found", "NoSuchKey");
      }
      objects[key] = Object(found->second);
      return HttpServer::answer("200 OK",
                                "<CopyObjectResult><ETag>&quot;x&quot;</ETag></CopyObjectResult>");
    }
    if (dialect_.appends && query.contains("append")) {
      return append(heard, key, std::stoul(query.at("position")));
    }
    objects[key] = {heard.body, heard.field("x-amz-meta-mtime")};
    return HttpServer::answer("200 OK", "", "ETag: \"" + etag(objects[key]) + "\"\r\n");
  }

  std::string append(const HttpHeard& heard, const std::string& key, std::size_t position) {
    const auto found = objects.find(key);
    if (found != objects.end() && !found->second.grows) {
      return error("409 Conflict", "ObjectNotAppendable");
    }
    if (position != (found == objects.end() ? 0 : found->second.bytes.size())) {
      return error("409 Conflict", "PositionNotEqualToLength");
    }
    Object& object = objects[key];
    object.grows = true;
    object.bytes += heard.body;
    object.time = heard.field("x-amz-meta-mtime");
    return HttpServer::answer(
        "200 OK", "", fmt::format("x-rgw-next-append-position: {}\r\n", object.bytes.size()));
  }

  std::string of_upload(const HttpHeard& heard, const std::string& key, const Query& query) {
    if (!query.contains("uploadId")) {
      const std::string id = "id" + std::to_string(++last_upload_);
      uploads_[id] = {};
      return HttpServer::answer("200 OK", "<InitiateMultipartUploadResult><UploadId>" + id +
                                              "</UploadId></InitiateMultipartUploadResult>");
    }
    const auto upload = uploads_.find(query.at("uploadId"));
    if (upload == uploads_.end()) {
      return error("404 Not Found", "NoSuchUpload");
    }
    auto& parts = upload->second;
    if (heard.method == "PUT") {
      Object part{heard.body, ""};
      if (const std::string source = heard.field("x-amz-copy-source"); !source.empty()) {
        const std::string range = heard.field("x-amz-copy-source-range");
        const std::size_t from = std::stoul(range.substr(6));
        const std::size_t to = std::stoul(range.substr(range.find('-') + 1));
        part.bytes =
            objects.at(store::unescape_key(source).substr(3)).bytes.substr(from, to - from + 1);
      }
      const std::string tag = etag(part);
      parts[std::stoi(query.at("partNumber"))] = part;
      return part.bytes.size() == heard.body.size()
                 ? HttpServer::answer("200 OK", "", "ETag: \"" + tag + "\"\r\n")
                 : HttpServer::answer("200 OK", "<CopyPartResult><ETag>&quot;" + tag +
                                                    "&quot;</ETag></CopyPartResult>");
    }
    if (heard.method == "GET") {
      std::string body = "<ListPartsResult><IsTruncated>false</IsTruncated>";
      for (const auto& [number, part] : parts) {
        body +=
            fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag><Size>{}</Size></Part>",
                        number, etag(part), part.bytes.size());
      }
      return HttpServer::answer("200 OK", body + "</ListPartsResult>");
    }
    std::string bytes, digests;
    for (const auto& [number, part] : parts) {
      bytes += part.bytes;
      digests += net::md5(part.bytes);
    }
    const std::size_t count = parts.size();
    uploads_.erase(upload);
    if (heard.method == "DELETE") {
      return HttpServer::answer("204 No Content", "");
    }
    objects[key] = {bytes, "", false, fmt::format("{}-{}", net::to_hex(net::md5(digests)), count)};
    return HttpServer::answer("200 OK", "<CompleteMultipartUploadResult/>");
  }

  S3Dialect dialect_;
  std::map<std::string, std::map<int, Object>> uploads_;
  int last_upload_ = 0;
  HttpServer server_{[this](const HttpHeard& heard) { return handle(heard); }};
};

/// Bytes to be sent, which may change meanwhile.
class TextContent : public store::Content {
 public:
  explicit TextContent(std::string text) : bytes(std::move(text)) { stat_now(); }
  Result<std::size_t> read(std::uint64_t offset, std::span<char> into) override {
    const std::size_t from = std::min<std::size_t>(offset, bytes.size());
    return bytes.copy(into.data(), into.size(), from);
  }
  [[nodiscard]] const store::Entry& entry() const override { return entry_; }
  Result<store::Entry> stat() override { return stat_now(); }

  std::string bytes;

 private:
  store::Entry stat_now() {
    entry_.name = "file";
    entry_.size = bytes.size();
    return entry_;
  }
  store::Entry entry_;
};

class CountingFlow : public store::Flow {
 public:
  Result<void> pass(std::size_t bytes) override {
    passed += bytes;
    return {};
  }
  void again(std::size_t bytes) override { wasted += bytes; }
  std::uint64_t passed = 0, wasted = 0;
};

}  // namespace toolkit::support
