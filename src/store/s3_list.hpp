#pragma once
// Directories of a store on S3, which has none: what keys with slashes look like. Asking for the
// root fetches all of it at once, and the directories below are then served from memory.

#include "s3_place.hpp"
#include "s3_snapshot.hpp"

#include <toolkit/base/duration.hpp>

#include <memory>
#include <mutex>
#include <set>

namespace toolkit::store {

class S3Lister {
 public:
  explicit S3Lister(const S3Place& place) : place_(place) {}

  /// As Store::list(). From several threads at once.
  [[nodiscard]] Result<std::vector<Entry>> list(const std::string& directory);
  /// Whether there is anything below.
  [[nodiscard]] Result<bool> is_directory(const std::string& key) const;
  /// We have changed this: what was fetched does not know.
  void touch(const std::string& key);

 private:
  [[nodiscard]] std::shared_ptr<const S3Snapshot> snapshot_of(const std::string& directory);
  [[nodiscard]] Result<std::vector<Entry>> fetch(const std::string& directory) const;
  [[nodiscard]] Result<std::shared_ptr<const S3Snapshot>> fetch_all();
  [[nodiscard]] Result<S3ObjectPage> page(const std::string& prefix, bool flat,
                                          const std::string& token) const;

  const S3Place& place_;
  std::mutex mutex_;
  std::shared_ptr<const S3Snapshot> snapshot_;
  SteadyTime taken_{};
  std::set<std::string, std::less<>> changed_;  // directories that the snapshot does not know
};

}  // namespace toolkit::store
