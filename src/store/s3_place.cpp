#include "s3_place.hpp"

#include "s3_text.hpp"

#include <toolkit/base/text.hpp>
#include <toolkit/net/digest.hpp>

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <random>

namespace toolkit::store {
namespace {

constexpr int kTries = 3;
constexpr std::size_t kSmallObject = 1 << 20;

bool is_worth_repeating(const Result<S3Answer>& answer, std::string_view what) {
  const ErrorKind kind = !answer             ? answer.error().kind
                         : answer->is_good() ? ErrorKind::failed
                                             : error_of(*answer, what).kind;
  return kind == ErrorKind::unavailable;
}

// Full jitter: who waits for the same server does not come back at the same instant.
Milliseconds jittered(Milliseconds limit) {
  thread_local std::minstd_rand random(std::random_device{}());
  return Milliseconds(
      std::uniform_int_distribution<long>(limit.count() / 4, limit.count())(random));
}

std::int64_t nanoseconds_of(WallTime time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace

std::string S3Place::object(std::string_view key) const { return prefix + std::string(key); }

std::string S3Place::name_of(std::string_view key) const {
  std::string name = "s3://" + bucket + "/" + object(key);
  if (key.empty() && name.back() == '/') {
    name.pop_back();
  }
  return name;
}

std::string S3Place::cannot(std::string_view verb, std::string_view key) const {
  return fmt::format("cannot {} {}", verb, name_of(key));
}

Result<void> S3Place::pause(int tried) const {
  pollfd entry{stop_fd, POLLIN, 0};
  const Milliseconds limit = jittered(Milliseconds(100) * (1 << std::min(tried, 6)));
  const int ready = ::poll(&entry, stop_fd >= 0 ? 1 : 0, static_cast<int>(limit.count()));
  if (ready > 0) {
    return fail(ErrorKind::interrupted, "interrupted");
  }
  return {};
}

Result<S3Answer> S3Place::send(const S3Request& request) const {
  for (int tried = 1;; ++tried) {
    auto answer = client->send(request);
    if (tried == kTries || !is_worth_repeating(answer, request.what)) {
      return answer;
    }
    TRY(pause(tried));
  }
}

Result<S3Answer> S3Place::demand(const S3Request& request) const {
  TRY_ASSIGN(auto answer, send(request));
  if (!answer.is_good()) {
    return tl::unexpected(error_of(answer, request.what));
  }
  return answer;
}

S3Answer with_late_error(S3Answer answer) {
  if (answer.is_good() && answer.body.find("<Error>") != std::string::npos) {
    answer.code = xml_text(answer.body, "Code");
    answer.message = xml_text(answer.body, "Message");
    answer.status = answer.code == "PreconditionFailed" ? 412 : 500;
  }
  return answer;
}

Entry entry_of(const S3Answer& head, std::string_view key) {
  Entry entry;
  entry.name = key.substr(key.rfind('/') + 1);
  const auto size = parse_whole(head.field("Content-Length"));
  entry.size = static_cast<std::uint64_t>(std::max(size.value_or(0), 0LL));
  entry.tag = bare_tag(head.field("ETag"));
  const auto modified = net::parse_http_date(head.field("Last-Modified"));
  entry.mtime =
      parse_time_text(head.field(kTimeField)).value_or(modified ? nanoseconds_of(*modified) : 0);
  return entry;
}

Result<std::optional<Entry>> look(const S3Place& place, const std::string& key) {
  S3Request request;
  request.what = place.cannot("look at", key);
  request.method = "HEAD";
  request.key = place.object(key);
  TRY_ASSIGN(const auto answer, place.send(request));
  if (answer.status == 404) {
    return std::nullopt;
  }
  if (!answer.is_good()) {
    return tl::unexpected(error_of(answer, request.what));
  }
  if (!parse_whole(answer.field("Content-Length"))) {
    return fail(ErrorKind::failed, request.what + ": the answer has no length");
  }
  return entry_of(answer, key);
}

Result<std::string> read_range(const S3Place& place, const std::string& key, std::uint64_t from,
                               std::uint64_t size, std::string_view tag) {
  if (size == 0) {
    return std::string();
  }
  S3Request request;
  request.what = place.cannot("read", key);
  request.key = place.object(key);
  request.fields.emplace_back("Range", fmt::format("bytes={}-{}", from, from + size - 1));
  if (!tag.empty()) {
    request.fields.emplace_back("If-Match", fmt::format("\"{}\"", tag));
  }
  request.body_limit = size;
  TRY_ASSIGN(auto answer, place.send(request));
  if (answer.status == 412 || answer.status == 416) {
    return fail(ErrorKind::conflict, request.what + ": it has changed");
  }
  if (!answer.is_good()) {
    return tl::unexpected(error_of(answer, request.what));
  }
  // 200 would be the whole object: a server that does not know ranges.
  if (answer.status != 206 || answer.body_cut || answer.body.size() != size) {
    return fail(ErrorKind::failed,
                fmt::format("{}: {} of {} bytes came", request.what, answer.body.size(), size));
  }
  return std::move(answer.body);
}

Result<std::optional<SmallObject>> read_small(const S3Place& place, const std::string& key) {
  S3Request request;
  request.what = place.cannot("read", key);
  request.key = place.object(key);
  request.body_limit = kSmallObject;
  TRY_ASSIGN(auto answer, place.send(request));
  if (answer.status == 404 && answer.code != "NoSuchBucket") {
    return std::nullopt;
  }
  if (!answer.is_good()) {
    return tl::unexpected(error_of(answer, request.what));
  }
  if (answer.body_cut) {
    return fail(ErrorKind::failed, request.what + ": it is larger than expected");
  }
  return SmallObject{entry_of(answer, key), std::move(answer.body)};
}

std::vector<net::HttpFields> if_match(const S3Place& place, const std::string& tag) {
  const std::string quoted = "\"" + tag + "\"";
  const bool bare_first = place.client->seems_ceph();
  return {{{"If-Match", bare_first ? tag : quoted}}, {{"If-Match", bare_first ? quoted : tag}}, {}};
}

Result<std::string> fresh_key(std::string_view what) {
  const std::string random = net::random_bytes(8);
  if (random.empty()) {
    return fail(ErrorKind::failed, "no random bytes for a name");
  }
  return fmt::format(".toolkit-sync-{}-{}", what, net::to_hex(random));
}

}  // namespace toolkit::store
