#include "s3_list.hpp"

#include <toolkit/base/log.hpp>
#include <toolkit/base/text.hpp>

#include <fmt/core.h>

#include <algorithm>

namespace toolkit::store {
namespace {

// A bucket may hold a hundred million objects that are none of our business: behind the first
// million, directories are asked for one by one.
constexpr int kMostPages = 1'000;
// What others changed since then is not in it.
constexpr Milliseconds kSnapshotAge{300'000};

// Objects that no path can name are somebody else's; but nobody shall believe that they are here.
void tell_odd(const S3Place& place, std::string_view key) {
  log_warn("{} holds {}, which is no file name: left out", place.name_of(""), printable(key));
}

// Takes the prefix off. Errors: failed, for what was not asked for.
Result<void> strip(S3ObjectPage& page, const S3Place& place, const std::string& prefix) {
  const auto cut = [&](std::string& key) {
    const bool good = key.starts_with(prefix);
    key.erase(0, good ? prefix.size() : 0);
    return good;
  };
  bool good = true;
  for (S3Object& object : page.objects) {
    good = cut(object.key) && good;
  }
  for (std::string& directory : page.prefixes) {
    good = cut(directory) && good;
  }
  return good ? Result<void>{}
              : fail(ErrorKind::failed,
                     place.cannot("list", "") + ": the answer holds keys that were not asked for");
}

}  // namespace

Result<S3ObjectPage> S3Lister::page(const std::string& prefix, bool flat,
                                    const std::string& token) const {
  S3Request request;
  request.what = fmt::format("cannot list s3://{}/{}", place_.bucket, prefix);
  request.query = {{"list-type", "2"}, {"encoding-type", "url"}, {"prefix", prefix}};
  if (!flat) {
    request.query.emplace_back("delimiter", "/");
  }
  if (!token.empty()) {
    request.query.emplace_back("continuation-token", token);
  }
  TRY_ASSIGN(const auto answer, place_.demand(request));
  auto parsed = answer.body_cut ? fail(ErrorKind::failed, "the answer is too long")
                                : parse_object_page(answer.body);
  if (!parsed) {
    return fail(ErrorKind::failed, request.what + ": " + parsed.error().message,
                "is this an S3 endpoint? see --s3-endpoint");
  }
  if (!token.empty() && parsed->next == token) {
    return fail(ErrorKind::failed, request.what + ": the listing goes round in circles");
  }
  TRY(strip(*parsed, place_, prefix));
  return parsed;
}

Result<std::shared_ptr<const S3Snapshot>> S3Lister::fetch_all() {
  auto snapshot = std::make_shared<S3Snapshot>();
  std::string token;
  bool told = false;
  for (int pages = 0; pages < kMostPages; ++pages) {
    TRY_ASSIGN(const S3ObjectPage one, page(place_.prefix, true, token));
    for (const S3Object& object : one.objects) {
      if (!told && !object.key.empty() && !is_file_path(object.key)) {
        tell_odd(place_, object.key);
        told = true;
      }
    }
    snapshot->add(one.objects);
    token = one.next;
    if (token.empty()) {
      break;
    }
  }
  snapshot->finish(token.empty());
  return snapshot;
}

Result<std::vector<Entry>> S3Lister::fetch(const std::string& directory) const {
  const std::string prefix = place_.object(directory) + (directory.empty() ? "" : "/");
  std::vector<Entry> entries;
  std::string token;
  do {
    TRY_ASSIGN(const S3ObjectPage one, page(prefix, false, token));
    for (const S3Object& object : one.objects) {
      if (is_file_path(object.key)) {  // not the object that stands for the directory itself
        entries.push_back(entry_of(object, object.key));
      }
    }
    for (const std::string& name : one.prefixes) {
      if (is_file_path(name)) {
        entries.push_back(directory_entry(std::string_view(name).substr(0, name.size() - 1)));
      } else {
        tell_odd(place_, directory + "/" + name);
      }
    }
    token = one.next;
  } while (!token.empty());
  std::sort(entries.begin(), entries.end(), [](const Entry& one, const Entry& other) {
    return one.name != other.name ? one.name < other.name : one.kind < other.kind;
  });
  return entries;
}

std::shared_ptr<const S3Snapshot> S3Lister::snapshot_of(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  const bool serves = snapshot_ && snapshot_->covers(directory) && !changed_.contains(directory) &&
                      std::chrono::steady_clock::now() - taken_ < kSnapshotAge;
  return serves ? snapshot_ : nullptr;
}

Result<std::vector<Entry>> S3Lister::list(const std::string& directory) {
  if (directory.empty()) {
    {
      const std::lock_guard lock(mutex_);
      snapshot_.reset();  // two of them in memory at once are one too many
      changed_.clear();
      taken_ = std::chrono::steady_clock::now();
    }
    TRY_ASSIGN(auto snapshot, fetch_all());
    const std::lock_guard lock(mutex_);
    snapshot_ = std::move(snapshot);
  }
  if (const auto snapshot = snapshot_of(directory)) {
    return snapshot->list(directory);
  }
  return fetch(directory);
}

Result<bool> S3Lister::is_directory(const std::string& key) const {
  S3Request request;
  request.what = place_.cannot("look at", key);
  request.query = {{"list-type", "2"},
                   {"encoding-type", "url"},
                   {"prefix", place_.object(key) + "/"},
                   {"max-keys", "1"}};
  TRY_ASSIGN(const auto answer, place_.demand(request));
  auto page = parse_object_page(answer.body);
  if (!page) {
    return fail(ErrorKind::failed, request.what + ": " + page.error().message);
  }
  return !page->objects.empty();
}

void S3Lister::touch(const std::string& key) {
  const std::lock_guard lock(mutex_);
  if (taken_ == SteadyTime{}) {
    return;
  }
  // Its directory, and those above, in which a directory may be new. Once one is known, so are
  // those above it.
  std::string_view directory = key;
  while (!directory.empty()) {
    const std::size_t slash = directory.rfind('/');
    directory = directory.substr(0, slash == std::string_view::npos ? 0 : slash);
    if (!changed_.emplace(directory).second) {
      return;
    }
  }
}

}  // namespace toolkit::store
