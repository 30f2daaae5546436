#include "s3_store.hpp"

#include "s3_append.hpp"
#include "s3_claims.hpp"
#include "s3_content.hpp"
#include "s3_put.hpp"
#include "s3_text.hpp"

namespace toolkit::store {
namespace {

// Requests for small files wait for the server, not for the line.
constexpr std::size_t kStreams = 32;
// So much is hashed in the time of a request or two.
constexpr std::uint64_t kSmallEnoughToHash = 4 << 20;

// For copies by the server: no byte of theirs passes us.
struct NoFlow : Flow {
  Result<void> pass(std::size_t) override { return {}; }
  void again(std::size_t) override {}
};

// "/a//b/" would be names that no path means: slashes separate, and nothing else.
std::string prefix_of(std::string_view path) {
  std::string prefix;
  for (const char c : path) {
    if (c != '/' || (!prefix.empty() && prefix.back() != '/')) {
      prefix += c;
    }
  }
  return prefix.empty() || prefix.back() == '/' ? prefix : prefix + "/";
}

}  // namespace

std::string S3Store::name_of(const std::string& key) const { return place_.name_of(key); }

Capabilities S3Store::capabilities() const {
  Capabilities can;
  can.append = true;
  can.rename = true;
  can.streams = kStreams;
  return can;
}

Result<std::vector<Entry>> S3Store::list(const std::string& directory) {
  return lister_.list(directory);
}

Result<std::optional<Entry>> S3Store::stat(const std::string& key) {
  if (key.empty()) {
    return directory_entry("");
  }
  TRY_ASSIGN(auto entry, look(place_, key));
  if (entry) {
    return entry;
  }
  TRY_ASSIGN(const bool directory, lister_.is_directory(key));
  return directory
             ? std::optional(directory_entry(std::string_view(key).substr(key.rfind('/') + 1)))
             : std::nullopt;
}

// Where tags are no MD5s there is no match.
Result<bool> S3Store::proves(const Entry& there, Content& content) {
  const auto md5 = tag_md5(there.tag);
  if (!md5 || there.size > kSmallEnoughToHash || content.entry().size != there.size) {
    return false;
  }
  NoFlow flow;
  S3Outlet outlet{content, flow};
  TRY_ASSIGN(const auto digests, S3Body(outlet, 0, there.size).hash(true, true));
  return digests.md5 == *md5;
}

Result<std::unique_ptr<Content>> S3Store::open(const std::string& key, bool /*follow*/) {
  TRY_ASSIGN(auto entry, look(place_, key));
  if (!entry) {
    return fail(ErrorKind::not_found, place_.cannot("read", key) + ": not found");
  }
  return std::make_unique<S3Content>(place_, key, std::move(*entry));
}

Result<void> S3Store::put(const Target& target, Content& content, Flow& flow, std::string& memo) {
  lister_.touch(target.key);
  S3Outlet outlet{content, flow};
  return target.size < kMultipartFrom ? put_in_one(place_, verdicts_, target, outlet)
                                      : put_in_parts(place_, verdicts_, target, outlet, memo);
}

Result<void> S3Store::append(const Target& target, std::uint64_t offset, Content& content,
                             Flow& flow, std::string& memo) {
  lister_.touch(target.key);
  S3Outlet outlet{content, flow};
  return append_object(place_, verdicts_, target, offset, outlet, memo);
}

Result<void> S3Store::create_exclusively(const std::string& key, std::string_view bytes) {
  lister_.touch(key);
  return store::create_exclusively(place_, verdicts_, key, bytes);
}

Result<void> S3Store::replace_if_same(const std::string& key, std::string_view old_bytes,
                                      std::string_view new_bytes) {
  lister_.touch(key);
  return store::replace_if_same(place_, verdicts_, key, old_bytes, new_bytes);
}

Result<void> S3Store::make_directory(const std::string& /*key*/) { return {}; }

Result<void> S3Store::rename(const std::string& from, const std::string& to) {
  TRY_ASSIGN(const auto entry, look(place_, from));
  if (!entry) {
    return fail(ErrorKind::not_found, place_.cannot("rename", from) + ": not found");
  }
  lister_.touch(from);
  lister_.touch(to);
  NoFlow flow;
  TRY(copy_object(place_, verdicts_, from, *entry, to, flow));
  return remove_object(place_, from);
}

Result<void> S3Store::remove(const std::string& key) {
  lister_.touch(key);
  return remove_object(place_, key);
}

Result<void> S3Store::set_time(const std::string& key, std::int64_t /*mtime*/) {
  return fail(ErrorKind::failed,
              place_.cannot("set the time of", key) + ": S3 keeps it with the upload only");
}

Result<std::unique_ptr<Store>> open_s3_store(const Location& location, const Settings& settings) {
  TRY_ASSIGN(auto client, S3Client::make(location.bucket, settings));
  return std::make_unique<S3Store>(
      S3Place{std::move(client), location.bucket, prefix_of(location.path), settings.stop_fd});
}

}  // namespace toolkit::store
